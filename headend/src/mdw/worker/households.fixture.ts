import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const path = fileURLToPath(
  new URL('../../../../../shared/data/meters/households311_hourly_kwh_2009-03-01_2009-05-31.csv.gz', import.meta.url),
);
export const noHouseholds = !existsSync(path);

export type Households = {
  readonly names: readonly string[];
  /** Start in s, UTC, and Wh by household; undefined: the file has none. */
  readonly hours: readonly { readonly startS: number; readonly importWh: readonly (number | undefined)[] }[];
};

/** 311 real homes, hourly, 92 days. */
export function households(): Households {
  const [heading = '', ...lines] = gunzipSync(readFileSync(path)).toString().trim().split('\n');
  return {
    names: heading.trim().split(',').slice(1),
    hours: lines.map((line) => {
      const [start = '', ...kwh] = line.trim().split(',');
      const importWh = kwh.map((each) => (each === '' ? undefined : Math.round(Number(each) * 1_000)));
      return { startS: Date.parse(`${start}Z`) / 1_000, importWh };
    }),
  };
}
