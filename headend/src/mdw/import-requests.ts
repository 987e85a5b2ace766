import type { IntervalRow } from './interval-row.ts';
import type { WarehouseRequest } from './warehouse-request.ts';

/** Which of these names are meters of the warehouse. */
export const knownMeters: WarehouseRequest<{ readonly names: readonly string[] }, readonly string[]> = {
  name: 'mdw.known-meters',
  repeatable: true,
};

/** Names in which this stands, whatever the capitals; ordered. */
export const findMeters: WarehouseRequest<{ readonly search: string; readonly limit: number }, readonly string[]> = {
  name: 'mdw.find-meters',
  repeatable: true,
};

/**
 * `landed` are on the disk; `same` stood there already, so that a file that is imported again changes nothing; `behind` would not stand: what is there was
 * read later, or is more than an estimate. `measured`: by their place, those that the meter itself counted otherwise; they are not taken.
 */
export type RowsImported = {
  readonly landed: number;
  readonly same: number;
  readonly behind: number;
  readonly measured: readonly number[];
};

export type RowsToImport = {
  readonly rows: readonly IntervalRow[];
  /** Also those that the meter itself counted otherwise. */
  readonly replaceMeasured?: boolean;
  /** Only tells what would become of them; `landed` would be. */
  readonly look?: boolean;
};

/** Takes rows that are not there yet. As plain rows, some ten thousand at once: they also go through the machine's door. */
export const importRows: WarehouseRequest<RowsToImport, RowsImported> = {
  name: 'mdw.import-rows',
  repeatable: true,
};
