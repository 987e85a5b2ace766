import type { CustomerYearsAsked } from '../customer-year-request.ts';
import type { MeterEntry } from '../requests.ts';
import type { Meters } from './meters.ts';
import type { Sessions } from './sessions.ts';

/** Gives how many were kept. */
export async function keepYears(
  sessions: Sessions,
  meters: Meters,
  { years, sinceS }: CustomerYearsAsked,
  nowMs: number,
): Promise<number> {
  const entries = years.map(({ meter: name, customerClass }): MeterEntry => ({
    name,
    ...(customerClass === undefined ? {} : { customerClass }),
    ...(sinceS === undefined ? {} : { sinceS }),
  }));
  const numbers = await meters.number(entries);
  const rows = years.map(({ yearWh }, index) => ({ meter: numbers[index] ?? 0, yearWh }));
  await sessions.write(
    async ({ run }) =>
      await run(
        `INSERT OR REPLACE INTO customer_year SELECT meter, yearWh, $2 FROM
           (SELECT unnest(from_json($1, '[{"meter":"UINTEGER","yearWh":"DOUBLE"}]'), recursive := true))`,
        [JSON.stringify(rows), Math.floor(nowMs / 1_000)],
      ),
  );
  return rows.length;
}
