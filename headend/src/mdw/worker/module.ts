import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { WarehouseProgress, WarehouseRequest } from '../warehouse-request.ts';

/** One look at the warehouse, or one change of it, in a transaction of its own: what it reads is as of its beginning. */
export type WarehouseSession = {
  /** For what these functions do not give: appenders, streams. Do not begin or end transactions with it. */
  readonly connection: DuckDBConnection;
  readonly run: (sql: string, values?: DuckDBValue[]) => Promise<void>;
  readonly rows: <Row>(sql: string, values?: DuckDBValue[]) => Promise<Row[]>;
  /** Of a question that has exactly one row. */
  readonly row: <Row>(sql: string, values?: DuckDBValue[]) => Promise<Row>;
  /**
   * SQL of a relation with the columns of an interval, one row a key, of the intervals that start in [fromS, toS): to stand after FROM,
   * in this session only. `columns` reads fewer of them from the files, `meters` is for some of them.
   */
  readonly intervals: (
    fromS: number,
    toS: number,
    columns?: readonly string[],
    meters?: readonly number[],
  ) => Promise<string>;
};

export type WarehouseWork<T> = (session: WarehouseSession) => Promise<T>;

/** What a module may use; each room brings one. */
export type WarehouseAccess = {
  readonly timeZone: string;
  /** Many at the same time, also beside a change. */
  readonly read: <T>(work: WarehouseWork<T>) => Promise<T>;
  /** All or nothing, beside others. Fails where another changed the same rows meanwhile. */
  readonly write: <T>(work: WarehouseWork<T>) => Promise<T>;
  readonly nowMs: () => number;
};

export type Answering = {
  readonly warehouse: WarehouseAccess;
  readonly progress: (progress: WarehouseProgress) => void;
};

export type RequestHandler = {
  readonly name: string;
  readonly handle: (ask: never, answering: Answering) => Promise<unknown>;
};

export function answers<Ask, Answer>(
  request: WarehouseRequest<Ask, Answer>,
  handle: (ask: Ask, answering: Answering) => Promise<Answer>,
): RequestHandler {
  return { name: request.name, handle };
}

/** What a room has the worker do: tables of its own, in a schema that is named after it, and requests that it answers. */
export type WarehouseModule = {
  readonly name: string;
  /** Steps that are carried out once each, in this order, and never edited. They may name the schema, which is there. */
  readonly migrations: readonly string[];
  readonly requests: readonly RequestHandler[];
};
