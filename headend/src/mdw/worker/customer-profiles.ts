import { dayTypes } from '../local-days.ts';
import type { CustomerProfile, ProfileShape } from '../profile-requests.ts';
import { Refusal } from '../warehouse-request.ts';
import { standardProfiles } from './load-profiles.ts';
import type { WarehouseSession } from './module.ts';
import type { Sessions } from './sessions.ts';

type Session = Pick<WarehouseSession, 'rows'>;
type Weight = { readonly name: string; readonly type: number; readonly hour: number; readonly weight: number };

/** Those that were told, and of the program's those in whose place none was told; by name. */
export async function profilesOf({ rows }: Session): Promise<readonly CustomerProfile[]> {
  const weights = await rows<Weight>(
    'SELECT class AS name, day_type::DOUBLE AS type, hour::DOUBLE AS hour, weight FROM profile ORDER BY class, day_type, hour',
  );
  const told = [...Map.groupBy(weights, ({ name }) => name)].map(([name, of]) => ({
    name,
    origin: 'told' as const,
    shape: shapeOf(of),
  }));
  const followers = await rows<{ name: string; customers: number }>(
    `SELECT coalesce(y.profile, m.class) AS name, count(*)::DOUBLE AS customers FROM customer_year y JOIN meter m USING (meter)
     WHERE coalesce(y.profile, m.class) IS NOT NULL GROUP BY ALL`,
  );
  const counts = new Map(followers.map(({ name, customers }) => [name, customers]));
  const standard = standardProfiles.filter(({ name }) => !told.some((each) => each.name === name));
  return [...told, ...standard]
    .map((each) => ({ ...each, customers: counts.get(each.name) ?? 0 }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function shapeOf(weights: readonly Weight[]): ProfileShape {
  const [weekday = [], saturday = [], sunday = []] = dayTypes.map((_, index) =>
    weights.filter(({ type }) => type === index).map(({ weight }) => weight),
  );
  return { weekday, saturday, sunday };
}

/** Each has all hours of all kinds of days. Gives how many were kept. */
export async function keepProfiles(
  sessions: Sessions,
  profiles: readonly { readonly name: string; readonly shape: ProfileShape }[],
): Promise<number> {
  const rows = profiles.flatMap(({ name, shape }) =>
    dayTypes.flatMap((type, index) => shape[type].map((weight, hour) => ({ name, type: index, hour, weight }))),
  );
  await sessions.write(
    async ({ run }) =>
      await run(
        `INSERT OR REPLACE INTO profile SELECT name, type, hour, weight FROM
           (SELECT unnest(from_json($1, '[{"name":"VARCHAR","type":"UTINYINT","hour":"UTINYINT","weight":"DOUBLE"}]'), recursive := true))`,
        [JSON.stringify(rows)],
      ),
  );
  return profiles.length;
}

/** Gives what it was. */
export async function forgetTold(sessions: Sessions, name: string): Promise<CustomerProfile> {
  return await sessions.write(async (session) => {
    const found = (await profilesOf(session)).find((each) => each.name === name && each.origin === 'told');
    if (found === undefined) throw new Refusal('invalid', `no profile ${name} was told here`);
    if (found.customers > 0 && !standardProfiles.some((each) => each.name === name))
      throw new Refusal('invalid', `${found.customers} customers follow ${name}: tell first which they follow instead`);
    await session.run('DELETE FROM profile WHERE class = $1', [name]);
    return found;
  });
}
