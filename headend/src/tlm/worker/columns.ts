import { DuckDBTableFunction, INTEGER, VARCHAR } from '@duckdb/node-api';
import type {
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBListType,
  DuckDBMaterializedResult,
  DuckDBType,
} from '@duckdb/node-api';
import bindings from '@duckdb/node-bindings';
import type { Vector } from '@duckdb/node-bindings';

export type NumberArray = Int32Array | Uint32Array | Uint16Array | Uint8Array | Float32Array | Float64Array;

/** Numbers lie in memory as DuckDB has them, whatever `type` calls them: a DECIMAL(9, 3) is an Int32Array of thousandths. */
export type NumberColumn = { readonly type: DuckDBType; readonly values: NumberArray };
export type TextColumn = { readonly values: readonly (string | undefined)[] };
/** Lists of whole numbers, asked for some rows at a time: where each list of them begins, how long it is, and all their values. */
export type ListColumn = {
  readonly type: DuckDBListType;
  /** Those before need not stay as they were. */
  readonly lists: (from: number, to: number) => ListRows;
};
export type ListRows = {
  /** Two a row: place of its first value, and how many. */
  readonly entries: BigUint64Array;
  readonly values: Int32Array;
  readonly count: number;
};
export type Columns = Readonly<Record<string, NumberColumn | TextColumn | ListColumn>>;

const chunkRows = 2_048;
const functionName = 'tlm_columns';

type Handed = { readonly columns: Columns; readonly rows: number };
/** What queries that run now read, by the number they know it by. */
const handed = new Map<number, Handed>();
let lastNumber = 0;

/**
 * Columns of this program as a relation of SQL, while `work` runs: millions of rows go over without a value being looked at, and DuckDB's own
 * threads do the rest. Read it once in a query, and leave the arrays as they are until then.
 */
export async function withColumns<T>(
  connection: DuckDBConnection,
  columns: Columns,
  rows: number,
  work: (relation: string) => Promise<T>,
): Promise<T> {
  lastNumber += 1;
  const number = lastNumber;
  handed.set(number, { columns, rows });
  try {
    connection.registerTableFunction(handingOver());
    return await work(`${functionName}(${number})`);
  } finally {
    handed.delete(number);
  }
}

/** Of the whole database, and the same whoever registers it. */
function handingOver(): DuckDBTableFunction {
  return DuckDBTableFunction.create({
    name: functionName,
    parameterTypes: [INTEGER],
    bindFunction: (info) => {
      const from = handed.get(Number(info.getParameter(0)));
      if (from === undefined) throw new Error('these columns are not handed over any more');
      for (const [name, column] of Object.entries(from.columns))
        info.addResultColumn(name, 'type' in column ? column.type : VARCHAR);
      info.setCardinality(from.rows, true);
      info.setBindData(from);
    },
    initFunction: (info) => {
      // Chunks are made on this thread, one after the other; more would wait for it longer than they work.
      info.setMaxThreads(2);
      info.setInitData({ at: 0, ahead: undefined } satisfies Place);
    },
    mainFunction: (info, chunk) => {
      const { columns, rows } = info.getBindData() as Handed;
      const place = info.getInitData() as Place;
      const from = place.at;
      const to = Math.min(rows, from + chunkRows);
      place.at = to;
      chunk.rowCount = to - from;
      if (to === from) return;
      const lists = place.ahead ?? listsOf(columns, from, to);
      place.ahead = undefined;
      for (const [index, column] of Object.values(columns).entries())
        if ('lists' in column) writeLists(chunk, index, lists[index]);
        else write(chunk, index, column, [from, to]);
      if (to < rows) setImmediate(() => makeAhead(place, columns, [to, Math.min(rows, to + chunkRows)]));
    },
  });
}

type Place = {
  at: number;
  /** The lists of the next rows, by column: made while DuckDB works at those before. */
  ahead: (ListRows | undefined)[] | undefined;
};

function makeAhead(place: Place, columns: Columns, [from, to]: readonly [number, number]): void {
  if (place.at !== from || place.ahead !== undefined) return;
  try {
    place.ahead = listsOf(columns, from, to);
  } catch {
    // Whoever asks for them meets the same fault, and is told.
  }
}

const listsOf = (columns: Columns, from: number, to: number): (ListRows | undefined)[] =>
  Object.values(columns).map((column) => ('lists' in column ? column.lists(from, to) : undefined));

function writeLists(chunk: DuckDBDataChunk, index: number, rows: ListRows | undefined): void {
  if (rows === undefined) throw new Error('there are no lists for a column of lists');
  const { entries, values, count } = rows;
  const vector = bindings.data_chunk_get_vector(chunk.chunk, index);
  bindings.list_vector_reserve(vector, count);
  bindings.list_vector_set_size(vector, count);
  copy(vector, entries, 0, entries.length);
  copy(bindings.list_vector_get_child(vector), values, 0, count);
}

function write(
  chunk: DuckDBDataChunk,
  index: number,
  column: NumberColumn | TextColumn,
  [from, to]: readonly [number, number],
): void {
  if (!('type' in column)) {
    chunk.setColumnValues(
      index,
      column.values.slice(from, to).map((text) => text ?? null),
    );
    return;
  }
  copy(bindings.data_chunk_get_vector(chunk.chunk, index), column.values, from, to);
}

function copy(vector: Vector, values: NumberArray | BigUint64Array, from: number, to: number): void {
  const { buffer, byteOffset, BYTES_PER_ELEMENT: size } = values;
  bindings.copy_data_to_vector(vector, 0, buffer as ArrayBuffer, byteOffset + from * size, (to - from) * size);
}

const readers = {
  i32: Int32Array,
  u32: Uint32Array,
  u16: Uint16Array,
  u8: Uint8Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;
type Shape = readonly (keyof typeof readers)[];
type Views<S extends Shape> = { readonly [K in keyof S]: InstanceType<(typeof readers)[S[K]]> };

/**
 * The rows of a query as columns, some thousands at a time, as DuckDB makes them. The query casts its columns to what `shape` says and has no
 * NULL in them, for a NULL reads as any number. The arrays are DuckDB's own memory: they are gone after `take`.
 */
export async function readColumns<const S extends Shape>(
  connection: DuckDBConnection,
  sql: string,
  shape: S,
  take: (views: Views<S>) => void,
): Promise<void> {
  eachRows(await connection.run(sql), shape, take);
}

/** The rows of a query that has run, as `readColumns` gives them; as often as it is asked. */
export function eachRows<const S extends Shape>(
  result: DuckDBMaterializedResult,
  shape: S,
  take: (views: Views<S>) => void,
): void {
  for (let index = 0, { chunkCount } = result; index < chunkCount; index += 1) {
    const chunk = result.getChunk(index);
    const rows = chunk.rowCount;
    const views = shape.map((kind, column) => {
      const Reader = readers[kind];
      const bytes = bytesOf(chunk, column, rows * Reader.BYTES_PER_ELEMENT);
      return new Reader(bytes.buffer as ArrayBuffer, bytes.byteOffset, rows);
    });
    take(views as unknown as Views<S>);
    // The collector counts DuckDB's memory as its own, and looks through everything for each 64 MB of it. One column is left to it, so that it still finds the
    // results that nobody needs.
    for (const { buffer } of views.slice(1)) buffer.transfer(0);
    // So long the chunk, whose memory was looked at, is in use.
    if (chunk.rowCount !== rows) throw new Error('a chunk changed while it was read');
  }
}

const bytesOf = (chunk: DuckDBDataChunk, column: number, length: number): Uint8Array =>
  bindings.vector_get_data(bindings.data_chunk_get_vector(chunk.chunk, column), length);
