import { describe, expect, test } from 'vitest';
import { energyResidual } from './energy-residual.ts';
import { mappingClues } from './voltage-mapping.ts';
import type { MappedCustomer } from './voltage-mapping.ts';

/** mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const hours = 14 * 24;
const perTransformer = 6;

type Town = { readonly customers: MappedCustomer[]; readonly loadWh: Float64Array[]; readonly wrong: Set<string> };

/** 24 transformers on three phases; `wrong` customers are drawn at another one than they hang at, `blind` ones have gaps. */
function town(seed: number, wrong: number): Town {
  const random = randomOf(seed);
  const gauss = (): number => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(6.283 * random());
  const feeder = Array.from({ length: 3 }, () => Array.from({ length: hours }, () => 1.5 * gauss()));
  const customers: MappedCustomer[] = [];
  const loadWh: Float64Array[] = [];
  const moved = new Set<string>();
  for (let transformer = 0; transformer < 24; transformer += 1) {
    const own = Array.from({ length: perTransformer }, () => curve(random, gauss));
    const sum = Array.from({ length: hours }, (_, hour) => own.reduce((all, each) => all + each[hour]!, 0));
    // 25 kVA at 240 V with 3 % impedance: 0.07 ohm; a service drop of 30 m: 0.03 ohm.
    for (const [place, load] of own.entries()) {
      const volts = Float64Array.from({ length: hours }, (_, hour) => {
        const drop = (0.05 * sum[hour]! + 0.03 * load[hour]!) / 240;
        return random() < 0.01
          ? NaN
          : Math.round(10 * (243 + feeder[transformer % 3]![hour]! - drop + 0.1 * gauss())) / 10;
      });
      const meter = `M${transformer}-${place}`;
      const isWrong = moved.size < wrong && place === 0 && random() < 0.4;
      if (isWrong) moved.add(meter);
      const drawnAt = isWrong ? (transformer + 5) % 24 : transformer;
      customers.push({ meter, transformer: `T${drawnAt}`, group: String(drawnAt % 3), volts });
      loadWh.push(load);
    }
  }
  return { customers, loadWh, wrong: moved };
}

function curve(random: () => number, gauss: () => number): Float64Array {
  const mean = 500 * Math.exp(0.6 * gauss());
  return Float64Array.from({ length: hours }, (_, hour) => {
    const evening = Math.exp(-(((hour % 24) - 19) ** 2) / 12);
    return Math.round(mean * (0.4 + 1.2 * evening) * (0.3 + 1.4 * random()) + (random() < 0.08 ? 2_500 : 0));
  });
}

const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

describe('customers drawn at a wrong transformer', () => {
  test('are found by their voltage, and nobody else is accused', async () => {
    let [right, accused, all] = [0, 0, 0];
    for (const seed of seeds) {
      const { customers, wrong } = town(seed, 5);
      const clues = await mappingClues(customers);
      all += wrong.size;
      accused += clues.length;
      for (const { meter, likelyTransformer } of clues)
        if (wrong.has(meter) && likelyTransformer === `T${/\d+/.exec(meter)?.[0]}`) right += 1;
    }
    expect(all).toBeGreaterThanOrEqual(40);
    expect({ precision: right / accused, recall: right / all }).toEqual({ precision: 1, recall: expect.any(Number) });
    expect(right / all).toBeGreaterThanOrEqual(0.9);
  });

  test('where all are drawn right, nobody is accused', async () => {
    for (const seed of seeds) expect(await mappingClues(town(100 + seed, 0).customers), `seed ${seed}`).toEqual([]);
  });

  test('with a week of hours, or with one neighbour, nothing is said', async () => {
    const { customers } = town(1, 5);
    expect(await mappingClues(customers.map((each) => ({ ...each, volts: each.volts.slice(0, 168) })))).toEqual([]);
    expect(await mappingClues(customers.filter((_, index) => index % perTransformer < 1))).toEqual([]);
  });
});

describe('energy that reaches no customer', () => {
  /** The first transformer's head, with its losses and a meter's error; one customer takes `stolen` of their load past the meter. */
  const residual = (seed: number, stolen: number, { missing = false } = {}) => {
    const { loadWh } = town(seed, 0);
    const random = randomOf(seed + 1_000);
    const own = loadWh.slice(0, perTransformer);
    const sums = Float64Array.from({ length: hours }, (_, hour) => own.reduce((all, each) => all + each[hour]!, 0));
    const lossWh = sums.map((wh) => 50 + 300 * (wh / 25_000) ** 2);
    const headWh = sums.map((wh, hour) => (wh + lossWh[hour]!) * (0.995 + 0.01 * random()));
    const customersWh = sums.map((wh, hour) => (missing ? NaN : wh - stolen * own[0]![hour]!));
    return energyResidual({ headWh, customersWh, lossWh }, 0);
  };

  test.each(seeds)('is told, with seed %s', (seed) => {
    const share = 0.7;
    const { loadWh } = town(seed, 0);
    const sum = (each: Float64Array): number => each.reduce((all, wh) => all + wh, 0);
    const truth = share * sum(loadWh[0]!);
    const all = loadWh.slice(0, perTransformer).reduce((total, each) => total + sum(each), 0);
    const found = residual(seed, share);
    // Below 4 % of what goes in it is within what meters may be wrong by.
    if (truth / all < 0.04) return;
    expect(found?.residualWh).toBeGreaterThan(0.85 * truth);
    expect(found?.residualWh).toBeLessThan(1.15 * truth);
    expect(found?.daysAlike).toBe(14);
  });

  test.each(seeds)('is not told where none is, with seed %s', (seed) => {
    expect(residual(seed, 0)).toBeUndefined();
  });

  test('of hours in which a customer is missing nothing is told', () => {
    expect(residual(1, 0.9, { missing: true })).toBeUndefined();
  });

  test('customers that count more than went in are told as well: they hang elsewhere', () => {
    expect(residual(1, -1)?.share).toBeLessThan(-0.03);
  });

  test('losses that nobody reckons with explain what is missing', () => {
    const flat = (wh: number): Float64Array => new Float64Array(hours).fill(wh);
    const metered = { headWh: flat(1_000), customersWh: flat(940), lossWh: flat(0) };
    expect(energyResidual(metered, 0)).toMatchObject({ days: 14, daysAlike: 14 });
    expect(energyResidual(metered, 0.05)).toBeUndefined();
  });
});
