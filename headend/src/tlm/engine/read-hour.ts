import type { DuckDBMaterializedResult } from '@duckdb/node-api';
import { intervalSources } from '../../mdw/interval-row.ts';
import { impossibleBits, veeLimits } from '../../mdw/vee-rules.ts';
import { eachRows } from '../worker/columns.ts';
import { isEstimated, none } from './hour-intervals.ts';
import type { HourIntervals } from './hour-intervals.ts';

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

const shape = ['u32', 'i32', 'i32', 'i32', 'u32', 'u16'] as const;
const noStarts = new Uint32Array(0);

/** The rows of `summedRows`, some thousands at a time. They are gone after `take`. */
export function eachIntervals(
  result: DuckDBMaterializedResult,
  withStart: boolean,
  take: (intervals: HourIntervals) => void,
): void {
  eachRows(result, withStart ? [...shape, 'u32'] : shape, (columns) => {
    const [meters, importWh, exportWh, reactiveVarh, shown, lengthS, startS = noStarts] = columns;
    take({ rows: meters.length, meters, importWh, exportWh, reactiveVarh, shown, lengthS, startS });
  });
}
