import { setImmediate } from 'node:timers/promises';

/** A customer as the map has them, with the voltage of each hour; NaN is unknown. */
export type MappedCustomer = {
  readonly meter: string;
  readonly transformer: string;
  /** Transformers of one group hang at the same conductors: what these bring is common to all of them, and tells nothing. */
  readonly group: string;
  /** Hour by hour; all customers have the same hours. */
  readonly volts: Float64Array;
};

export type MappingClue = {
  readonly meter: string;
  readonly transformer: string;
  readonly likelyTransformer: string;
  /** Of hourly changes of voltage, with the others behind the mapped transformer and behind the likely one. */
  readonly ownCorrelation: number;
  readonly likelyCorrelation: number;
  readonly hours: number;
};

/** Below, an accusation is chance: of 200 transformers and a fortnight one reaches 0.2 by it. */
const leastCorrelation = 0.4;
const leastLead = 0.3;
const leastHours = 200;
/** So many others make a transformer's own voltage. */
const leastOthers = 2;

/**
 * Customers whose voltage goes up and down with another transformer's customers and not with those of their own: whoever hangs at a transformer
 * shares its voltage drop. Known as correlation of smart-meter voltages; what the feeder brings is taken out before, and changes from hour to hour
 * are compared, so that slow courses of the day, which all have, do not count. Who has too few neighbours or hours to tell is left out. It takes seconds, in
 * which others have their turn.
 */
export async function mappingClues(customers: readonly MappedCustomer[]): Promise<MappingClue[]> {
  const changes = customers.map(({ volts }) => changesOf(volts));
  const common = commonOf(customers, changes);
  const clusters = clustersOf(customers, changes, common);
  const clueOf = ({ meter, transformer }: MappedCustomer, index: number): MappingClue[] => {
    const home = clusters.get(transformer);
    if (home === undefined || home.members.length <= leastOthers) return [];
    // Who is drawn at wrong conductors is seen without what these have in common, or without that of the right ones: both are tried.
    const freed = new Map([...common].map(([of, median]) => [of, less(changes[index]!, median)]));
    const own = correlation(freed.get(home.group)!, medianOf(home.members.filter((each) => each.index !== index)));
    if (own.hours < leastHours || own.r >= leastCorrelation) return [];
    let best: { readonly transformer: string; readonly r: number } | undefined;
    for (const [name, cluster] of clusters) {
      if (name === transformer || cluster.members.length < leastOthers) continue;
      const { r, hours } = correlation(freed.get(cluster.group)!, cluster.median);
      if (hours >= leastHours && r > (best?.r ?? 0)) best = { transformer: name, r };
    }
    if (best === undefined || best.r < leastCorrelation || best.r - own.r < leastLead) return [];
    const figures = { ownCorrelation: round(own.r), likelyCorrelation: round(best.r), hours: own.hours };
    return [{ meter, transformer, likelyTransformer: best.transformer, ...figures }];
  };
  const clues: MappingClue[] = [];
  for (const [index, customer] of customers.entries()) {
    clues.push(...clueOf(customer, index));
    await setImmediate();
  }
  return clues.toSorted((one, other) => lead(other) - lead(one));
}

export const lead = ({ ownCorrelation, likelyCorrelation }: MappingClue): number => likelyCorrelation - ownCorrelation;
const round = (value: number): number => Number(value.toFixed(3));

/** From hour to hour. */
const changesOf = (volts: Float64Array): Float64Array =>
  Float64Array.from({ length: Math.max(0, volts.length - 1) }, (_, hour) => volts[hour + 1]! - volts[hour]!);
const less = (change: Float64Array, common: Float64Array): Float64Array =>
  change.map((value, hour) => value - common[hour]!);

/** Of each group, what most of its customers have in common: a few who are drawn wrong do not move a median. */
function commonOf(
  customers: readonly MappedCustomer[],
  changes: readonly Float64Array[],
): ReadonlyMap<string, Float64Array> {
  const groups = Map.groupBy(changes.keys(), (index) => customers[index]!.group);
  return new Map(
    [...groups].map(([group, members]) => [group, medianOf(members.map((index) => ({ change: changes[index]! })))]),
  );
}

type Member = { readonly index: number; readonly change: Float64Array };
type Cluster = { readonly group: string; readonly members: readonly Member[]; readonly median: Float64Array };

function clustersOf(
  customers: readonly MappedCustomer[],
  changes: readonly Float64Array[],
  common: ReadonlyMap<string, Float64Array>,
): ReadonlyMap<string, Cluster> {
  const byTransformer = Map.groupBy(customers.keys(), (index) => customers[index]!.transformer);
  return new Map(
    [...byTransformer].map(([transformer, indexes]) => {
      const { group } = customers[indexes[0]!]!;
      const members = indexes.map((index) => ({ index, change: less(changes[index]!, common.get(group)!) }));
      return [transformer, { group, members, median: medianOf(members) }];
    }),
  );
}

/** Hour by hour, of those that are known. */
function medianOf(members: readonly { readonly change: Float64Array }[]): Float64Array {
  const medians = new Float64Array(members[0]?.change.length ?? 0);
  const values = new Float64Array(members.length);
  for (let hour = 0; hour < medians.length; hour += 1) {
    let count = 0;
    for (const { change } of members) if (!Number.isNaN(change[hour]!)) values[count++] = change[hour]!;
    const sorted = values.subarray(0, count).sort();
    medians[hour] = count === 0 ? NaN : (sorted[(count - 1) >> 1]! + sorted[count >> 1]!) / 2;
  }
  return medians;
}

function correlation(one: Float64Array, other: Float64Array): { readonly r: number; readonly hours: number } {
  let [n, x, y, xx, yy, xy] = [0, 0, 0, 0, 0, 0];
  for (let hour = 0; hour < one.length; hour += 1) {
    const [a, b] = [one[hour]!, other[hour]!];
    if (!Number.isFinite(a) || !Number.isFinite(b)) continue;
    n += 1;
    x += a;
    y += b;
    xx += a * a;
    yy += b * b;
    xy += a * b;
  }
  const spread = Math.sqrt((xx - (x * x) / n) * (yy - (y * y) / n));
  return { r: spread > 0 ? (xy - (x * y) / n) / spread : 0, hours: n };
}
