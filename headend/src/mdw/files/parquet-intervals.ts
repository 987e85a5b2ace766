import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { intervalSources } from '../interval-row.ts';
import type { IntervalSource } from '../interval-row.ts';
import { findingsOf, isIntervalLength, lengthWords } from './interval-file.ts';
import type { FileInterval, IntervalFileRead, Teller } from './interval-file.ts';

/** A file of a few megabytes can tell of billions; what is more than this goes by `headend mdw load`. */
const mostRows = 1_000_000;
const mostRowGroups = 20_000;
/** Nothing of it is written to the disk, so that what takes more ends here. */
const bounds = { memory_limit: '768MB', threads: '1', temp_directory: '', max_temp_directory_size: '0B' };

const needed = ['meter', 'start_s', 'length_s', 'import_wh'] as const;
const others = ['export_wh', 'reactive_varh', 'voltage_dv', 'source', 'read_s'] as const;
type Column = (typeof needed)[number] | (typeof others)[number];
const texts: readonly Column[] = ['meter', 'source'];
const columns: readonly Column[] = [...needed, ...others];
const numberType = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\))$/;

/**
 * Parquet with the columns of what `mdw export` writes, read in a database of its own that has neither disk nor much memory: files of strangers
 * are not for the process that holds the warehouse. Whatever is wrong with the file as such is a finding, like a row at fault.
 */
export async function readParquetIntervals(file: string, path: string): Promise<IntervalFileRead> {
  const { tell, findings } = findingsOf(file);
  const intervals: FileInterval[] = [];
  const no = (say: string): void => void findings.push({ severity: 'error', code: 'intervals', say });
  const instance = await DuckDBInstance.create(':memory:', {
    ...bounds,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    const told = await countsOf(connection, path);
    if (!(told.rows >= 0 && told.rows <= mostRows) || told.groups > mostRowGroups)
      no(
        `tells of ${told.rows} intervals in ${told.groups} row groups: ${mostRows} in ${mostRowGroups} at most; split it, or take \`headend mdw load\``,
      );
    else {
      const types = await typesOf(connection, path);
      const faults = columns.flatMap((name) => columnFault(name, types.get(name)) ?? []);
      for (const fault of faults) no(fault);
      if (faults.length === 0) await readRows(connection, path, { types, told: told.rows, intervals, tell });
    }
  } catch (error) {
    no(`cannot be read as Parquet: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return { intervals: findings.some(({ place }) => place === undefined) ? [] : intervals, findings };
}

async function countsOf(connection: DuckDBConnection, path: string): Promise<{ rows: number; groups: number }> {
  const read = await connection.runAndReadAll(
    'SELECT num_rows::DOUBLE AS rows, num_row_groups::DOUBLE AS groups FROM parquet_file_metadata($1)',
    [path],
  );
  const [counts] = read.getRowObjectsJS() as { rows: number; groups: number }[];
  if (counts === undefined) throw new Error('it tells of no rows');
  return counts;
}

async function typesOf(connection: DuckDBConnection, path: string): Promise<ReadonlyMap<string, string>> {
  const read = await connection.runAndReadAll(
    'SELECT column_name AS name, column_type AS type FROM (DESCRIBE SELECT * FROM read_parquet($1, hive_partitioning = false))',
    [path],
  );
  return new Map((read.getRowObjectsJS() as { name: string; type: string }[]).map(({ name, type }) => [name, type]));
}

function columnFault(name: Column, type: string | undefined): string | undefined {
  if (type === undefined)
    return needed.some((each) => each === name)
      ? `has no column ${name}; it has to have ${needed.join(', ')}, and may have ${others.join(', ')}`
      : undefined;
  if (texts.includes(name)) return type === 'VARCHAR' ? undefined : `column ${name} is ${short(type)}, not text`;
  // A column of nothing but unknowns has no type of its own.
  return numberType.test(type) || type === '"NULL"' ? undefined : `column ${name} is ${short(type)}, not a number`;
}

const short = (type: string): string => (type.length > 60 ? `${type.slice(0, 60)}…` : type);

type Reading = {
  readonly types: ReadonlyMap<string, string>;
  readonly told: number;
  readonly intervals: FileInterval[];
  readonly tell: Teller;
};

async function readRows(
  connection: DuckDBConnection,
  path: string,
  { types, told, intervals, tell }: Reading,
): Promise<void> {
  const wanted = columns.map((name) => {
    if (!types.has(name)) return `NULL AS ${name}`;
    return texts.includes(name) ? name : `${name}::DOUBLE AS ${name}`;
  });
  const rows = await connection.stream(`SELECT ${wanted.join(', ')} FROM read_parquet($1, hive_partitioning = false)`, [
    path,
  ]);
  // Names come again and again; one text of each is kept.
  const names = new Map<string, string>();
  let row = 0;
  for (let chunk = await rows.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await rows.fetchChunk()) {
    for (const cells of chunk.getRows()) {
      row += 1;
      if (row > told) break;
      const read = intervalOf(Object.fromEntries(columns.map((name, index) => [name, cells[index]])) as Cells, row);
      if (typeof read === 'string') tell(row, read);
      else {
        const meter = names.get(read.meter) ?? read.meter;
        names.set(meter, meter);
        intervals.push({ ...read, meter });
      }
    }
  }
  if (row !== told) throw new Error(`it tells of ${told} rows, and has ${row > told ? 'more' : row}`);
}

type Cells = Readonly<Record<Exclude<Column, 'meter' | 'source'>, number | null>> &
  Readonly<Record<'meter' | 'source', string | null>>;

/** A sentence: what of it cannot be. */
function intervalOf(cells: Cells, line: number): FileInterval | string {
  const { meter, start_s: startS, length_s: lengthS, source, read_s: readS } = cells;
  if (meter === null || meter === '') return 'meter is empty';
  if (startS === null || !Number.isSafeInteger(startS))
    return `start_s is ${startS ?? 'empty'}, not seconds since 1970`;
  if (lengthS === null || !isIntervalLength(lengthS))
    return `length_s is ${lengthS ?? 'empty'}: intervals of ${lengthWords} minutes are taken`;
  if (startS % lengthS !== 0) return `start_s ${startS} is not aligned to ${lengthS / 60} minutes`;
  const values = { importWh: cells.import_wh, exportWh: cells.export_wh, reactiveVarh: cells.reactive_varh };
  const voltageV = cells.voltage_dv === null ? null : cells.voltage_dv / 10;
  const least = Math.min(values.importWh ?? 0, values.exportWh ?? 0);
  if (least < 0) return `import_wh or export_wh is ${least}: energy is never below zero`;
  if (source !== null && !intervalSources.some((each) => each === source))
    return `source is '${source.slice(0, 40)}': it is ${intervalSources.join(', ')}, or empty`;
  if (readS !== null && !(Number.isSafeInteger(readS) && readS >= 0 && readS <= 0xffff_ffff))
    return `read_s is ${readS}, not seconds since 1970`;
  return {
    meter,
    line,
    startS,
    lengthS,
    ...present({ ...values, voltageV, readS }),
    ...(guessed.some((each) => each === source) ? { isEstimate: true } : {}),
  };
}

const guessed: readonly IntervalSource[] = ['estimate', 'profile'];

const present = (
  values: Readonly<Record<'importWh' | 'exportWh' | 'reactiveVarh' | 'voltageV' | 'readS', number | null>>,
): Partial<Record<keyof typeof values, number>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
