import { seededRandom } from '../devices/seeded-random.ts';

const dayMs = 86_400_000;
const quarterMs = 900_000;
const quarters = 96;

/** What a customer is like. */
export type Customer = {
  readonly seed: number;
  readonly kind: 'home' | 'home-with-pv' | 'shop';
  /** On an average day. */
  readonly importedWhPerDay: number;
  readonly exportedWhPerDay: number;
  readonly nominalV: number;
};

/** Most are homes, some of them with PV; a shop takes several times as much. */
export function customerOf(seed: number): Customer {
  const random = seededRandom(seed);
  const drawn = random.next();
  const kind = drawn < 0.8 ? 'home' : drawn < 0.92 ? 'home-with-pv' : 'shop';
  // Some take a third of the usual, some three times as much.
  const size = Math.exp(1.1 * (random.next() + random.next() - 1));
  return {
    seed,
    kind,
    importedWhPerDay: (kind === 'shop' ? 60_000 : kind === 'home' ? 14_000 : 9_000) * size,
    exportedWhPerDay: kind === 'home-with-pv' ? 12_000 * (0.5 + random.next()) : 0,
    nominalV: 240,
  };
}

/** One direction of the meter's energy on one day, by quarters of an hour: what the register is at the end of each. */
type Day = { readonly number: number; readonly registerWh: Float64Array };

/**
 * The load of one customer at any time, made up from its seed: the same whenever it is asked, and never kept. Registers, intervals and power
 * belong together, for all come from the registers.
 */
export class LoadCurve {
  readonly customer: Customer;
  #imported: Day | undefined;
  #exported: Day | undefined;

  constructor(customer: Customer) {
    this.customer = customer;
  }

  importedWh(atMs: number): number {
    const day = Math.floor(atMs / dayMs);
    if (this.#imported?.number !== day) this.#imported = dayOf(this.customer, day, 'imported');
    return registerAt(this.#imported, atMs);
  }

  exportedWh(atMs: number): number {
    if (this.customer.exportedWhPerDay === 0) return 0;
    const day = Math.floor(atMs / dayMs);
    if (this.#exported?.number !== day) this.#exported = dayOf(this.customer, day, 'exported');
    return registerAt(this.#exported, atMs);
  }

  /** Import is positive: the mean of the quarter of an hour, and some flicker by the second. */
  powerW(atMs: number): number {
    const startMs = Math.floor(atMs / quarterMs) * quarterMs;
    const lastMs = startMs + quarterMs - 1;
    const wh = this.importedWh(lastMs) - this.importedWh(startMs) - this.exportedWh(lastMs) + this.exportedWh(startMs);
    return Math.round(4 * wh * (0.95 + 0.1 * noise(this.customer.seed, Math.floor(atMs / 1_000))));
  }

  voltageV(atMs: number): number {
    const { seed, nominalV } = this.customer;
    return Math.round(10 * nominalV * (0.98 + 0.04 * noise(seed ^ 0x5bd1, Math.floor(atMs / 600_000)))) / 10;
  }
}

function registerAt({ registerWh }: Day, atMs: number): number {
  const into = (((atMs % dayMs) + dayMs) % dayMs) / quarterMs;
  const index = Math.floor(into);
  const [from = 0, to = 0] = [registerWh[index], registerWh[index + 1]];
  return from + (to - from) * (into - index);
}

function dayOf(customer: Customer, number: number, way: 'imported' | 'exported'): Day {
  const [fromWh, toWh] = [atMidnight(customer, number, way), atMidnight(customer, number + 1, way)];
  const weights = Float64Array.from({ length: quarters }, (_, quarter) => weightOf(customer, number, quarter, way));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const registerWh = new Float64Array(quarters + 1);
  let sum = 0;
  for (let quarter = 0; quarter <= quarters; quarter++) {
    registerWh[quarter] = fromWh + ((toWh - fromWh) * sum) / total;
    sum += weights[quarter] ?? 0;
  }
  return { number, registerWh };
}

/** The register, in closed form, so that nobody need sum up from the beginning: steady, with the seasons, and each day a little beside it. */
function atMidnight(
  { seed, importedWhPerDay, exportedWhPerDay }: Customer,
  day: number,
  way: 'imported' | 'exported',
): number {
  const perDay = way === 'imported' ? importedWhPerDay : exportedWhPerDay;
  const year = (2 * Math.PI * day) / 365.25;
  // Winter takes more, and summer gives more.
  const season = (way === 'imported' ? 0.15 : -0.5) * (365.25 / (2 * Math.PI)) * Math.sin(year);
  const jitter = 0.35 * noise(seed ^ (way === 'imported' ? 0x11 : 0x22), day);
  return Math.max(0, perDay * (day - 18_000 + season + jitter));
}

function weightOf({ seed, kind }: Customer, day: number, quarter: number, way: 'imported' | 'exported'): number {
  const hour = quarter / 4;
  const isSunny = kind === 'home-with-pv' && hour >= 9.5 && hour < 15.5;
  if (way === 'exported')
    return isSunny
      ? Math.sin(((hour - 9.5) / 6) * Math.PI) * (0.4 + 0.6 * noise(seed ^ 0x33, day * quarters + quarter))
      : 0;
  if (isSunny) return 0;
  const isWeekend = (day + 4) % 7 === 0 || (day + 4) % 7 === 6;
  const shape =
    kind === 'shop'
      ? 0.25 + (isWeekend ? 0.1 : 1) * plateau(hour, 8, 18)
      : 0.3 + (isWeekend ? 0.6 : 0.8) * peak(hour, isWeekend ? 9.5 : 7, 1.2) + 1.4 * peak(hour, 19, 2);
  // Now and then something large is on.
  const drawn = noise(seed, day * quarters + quarter);
  return shape * (0.5 + drawn) + (drawn > 0.93 ? 1.5 : 0);
}

const peak = (hour: number, atHour: number, widthH: number): number => Math.exp(-(((hour - atHour) / widthH) ** 2));
const plateau = (hour: number, from: number, to: number): number => (hour >= from && hour < to ? 1 : 0);

/** From 0 to 1, the same for the same seed and number. */
function noise(seed: number, number: number): number {
  let mixed = Math.imul(seed ^ Math.imul(number | 0, 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 0x1_0000_0000;
}
