import type { CustomerYearKnown, CustomerYearsAsked } from '../customer-year-request.ts';
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
  const entries = years.map(({ meter: name }): MeterEntry => ({ name, ...(sinceS === undefined ? {} : { sinceS }) }));
  const numbers = await meters.number(entries);
  const rows = years.map(({ yearWh, profile }, index) => ({ meter: numbers[index] ?? 0, yearWh, profile }));
  await sessions.write(
    async ({ run }) =>
      await run(
        `INSERT OR REPLACE INTO customer_year (meter, year_wh, told_s, profile) SELECT meter, yearWh, $2, profile FROM
           (SELECT unnest(from_json($1, '[{"meter":"UINTEGER","yearWh":"DOUBLE","profile":"VARCHAR"}]'), recursive := true))`,
        [JSON.stringify(rows), Math.floor(nowMs / 1_000)],
      ),
  );
  return rows.length;
}

type Row = Omit<CustomerYearKnown, 'profile'> & { readonly profile: string | null };

export async function yearsOf(
  sessions: Sessions,
  { search = '', limit }: { readonly search?: string; readonly limit: number },
): Promise<{ readonly customers: readonly CustomerYearKnown[]; readonly total: number }> {
  const found = 'customer_year y JOIN meter m USING (meter) WHERE contains(lower(m.name), lower($1))';
  return await sessions.read(async ({ rows, row }) => {
    const customers = await rows<Row>(
      `SELECT m.name AS meter, y.year_wh AS "yearWh", coalesce(y.profile, m.class) AS profile, y.told_s::DOUBLE AS "toldS"
       FROM ${found} ORDER BY m.name LIMIT ${Math.floor(limit)}`,
      [search],
    );
    const { total } = await row<{ total: number }>(`SELECT count(*)::DOUBLE AS total FROM ${found}`, [search]);
    return {
      customers: customers.map(({ profile, ...known }) => ({ ...known, ...(profile === null ? {} : { profile }) })),
      total,
    };
  });
}
