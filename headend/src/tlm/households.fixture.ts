import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const path = join(
  import.meta.dirname,
  '../../../../shared/data/meters/households311_hourly_kwh_2009-03-01_2009-05-31.csv.gz',
);

/** Meters of real homes beside the project, for tests alone. */
export const householdsMissing = !existsSync(path);

export type Households = {
  readonly homes: readonly string[];
  readonly startS: readonly number[];
  /** By hour, then by home. */
  readonly wh: readonly (readonly number[])[];
};

/** Hours of 311 homes, in UTC, that begin in [from, to). */
export function households(from: string, to: string): Households {
  const [head = '', ...lines] = gunzipSync(readFileSync(path)).toString().trim().split('\n');
  const rows = lines
    .map((line) => line.trim().split(','))
    .filter(([start = '']) => `${start}Z` >= from && `${start}Z` < to);
  return {
    homes: head.trim().split(',').slice(1),
    startS: rows.map(([start]) => Date.parse(`${start}Z`) / 1_000),
    wh: rows.map(([, ...values]) => values.map((value) => Math.round(Number(value) * 1_000))),
  };
}
