import type { DuckDBMaterializedResult } from '@duckdb/node-api';
import { intervalSources } from '../../mdw/interval-row.ts';
import { impossibleBits, veeLimits } from '../../mdw/vee-rules.ts';
import { copyColumns } from '../worker/columns.ts';
import { isEstimated, none } from './hour-intervals.ts';
import type { HourIntervals } from './hour-intervals.ts';
import { sharedInt32, sharedUint16, sharedUint32 } from './shared-arrays.ts';

const tooMuch = veeLimits.mostWh + 1;
/** Those of the sources that are no measurement. */
const estimates = ['profile', 'estimate'].map((source) => intervalSources.findIndex((each) => each === source));

/** What of the warehouse's columns these need. */
export const neededColumns = [
  'meter',
  'start_s',
  'length_s',
  'import_wh',
  'export_wh',
  'reactive_varh',
  'voltage_dv',
  'flags',
  'source',
] as const;

/**
 * SQL: the columns that are summed, of a relation of intervals. `scaled`: some meters count in multiples; what that makes too much for a number stays too
 * much.
 */
export function summedRows(relation: string, scaled: boolean, withStart: boolean): string {
  const energy = (column: string): string =>
    scaled
      ? `CASE WHEN ${column} IS NULL THEN ${none} ELSE greatest(least(round(${column} * coalesce(multiplier, 1)), ${tooMuch}), -${tooMuch})::INTEGER END`
      : `coalesce(${column}, ${none})`;
  const from = scaled
    ? `${relation} LEFT JOIN (SELECT meter, multiplier FROM meter WHERE multiplier <> 1) USING (meter)`
    : relation;
  const shown = `coalesce(voltage_dv, 0)::UINTEGER + CASE WHEN source IN (${estimates.join(', ')}) THEN ${isEstimated}::UINTEGER ELSE 0::UINTEGER END`;
  return `SELECT meter, ${energy('import_wh')}, ${energy('export_wh')}, ${energy('reactive_varh')}, ${shown}, length_s${withStart ? ', start_s' : ''}
    FROM ${from} WHERE (flags & ${impossibleBits}) = 0`;
}

/** The rows of `summedRows`, in memory of before where they fit in. */
export function hourIntervals(
  result: DuckDBMaterializedResult,
  withStart: boolean,
  before: HourIntervals | undefined,
): HourIntervals {
  const rows = result.rowCount;
  const fits = before !== undefined && before.meters.length >= rows && (!withStart || before.startS.length >= rows);
  const to = fits ? { ...before, rows } : emptyIntervals(rows, withStart);
  const columns = [to.meters, to.importWh, to.exportWh, to.reactiveVarh, to.shown, to.lengthS];
  copyColumns(result, withStart ? [...columns, to.startS] : columns);
  return to;
}

function emptyIntervals(rows: number, withStart: boolean): HourIntervals {
  // Hours have about as many rows as each other.
  const room = Math.ceil(rows * 1.05);
  return {
    rows,
    meters: sharedUint32(room),
    importWh: sharedInt32(room),
    exportWh: sharedInt32(room),
    reactiveVarh: sharedInt32(room),
    shown: sharedUint32(room),
    lengthS: sharedUint16(room),
    startS: sharedUint32(withStart ? room : 0),
  };
}
