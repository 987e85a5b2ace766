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

/** `landed` are on the disk; `same` stood there already, so that a file that is imported again changes nothing. */
export type RowsImported = { readonly landed: number; readonly same: number };

/** Takes rows that are not there yet. As plain rows, some ten thousand at once: they also go through the machine's door. */
export const importRows: WarehouseRequest<{ readonly rows: readonly IntervalRow[] }, RowsImported> = {
  name: 'mdw.import-rows',
  repeatable: true,
};
