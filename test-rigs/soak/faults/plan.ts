import { seededRandom } from '../../devices/seeded-random.ts';
import type { SeededRandom } from '../../devices/seeded-random.ts';
import type { Weather } from './broker.ts';
import type { ArmedCrash, CrashPoint } from './life.ts';

/** Which program or line something happens to: a gateway by its place, or the head-end. */
export type Place = number | 'head-end';

/** Something that goes wrong at an instant, and for how long. */
export type Trouble = { readonly atMs: number } & (
  | { readonly kind: 'cut'; readonly at: Place; readonly forMs: number }
  | { readonly kind: 'crash'; readonly at: Place }
  | { readonly kind: 'crash-at'; readonly at: Place; readonly armed: ArmedCrash }
  | { readonly kind: 'broker-restart'; readonly forMs: number; readonly forgets: boolean }
  | { readonly kind: 'disk-fails'; readonly at: Place; readonly forMs: number; readonly what: 'writes' | 'all' }
  | { readonly kind: 'disk-slow'; readonly at: Place; readonly forMs: number; readonly slowMs: number }
  | { readonly kind: 'clock-set'; readonly at: Place; readonly byMs: number; readonly forMs: number }
  | { readonly kind: 'bus-silent'; readonly at: number; readonly forMs: number }
  | { readonly kind: 'replay'; readonly at: number; readonly count: number }
  | { readonly kind: 'rotate-keys' }
  | { readonly kind: 'device'; readonly at: number; readonly how: 'stuck' | 'local' | 'slow'; readonly forMs: number }
);

export type Plan = {
  readonly seed: number;
  /** So long things go wrong; after that all is mended. */
  readonly troubledMs: number;
  readonly brokerInside: boolean;
  readonly weather: Weather;
  readonly busLostShare: number;
  readonly troubles: readonly Trouble[];
};

/** Everything that goes wrong under one seed. Half of the seeds have calm weather, so that rare crashes meet working lines. */
export function planFor(seed: number): Plan {
  const random = seededRandom(seed ^ 0x5eed);
  const troubledMs = 40_000 + random.below(30_000);
  const isCalm = random.next() < 0.5;
  const count = 1 + random.below(6);
  return {
    seed,
    troubledMs,
    brokerInside: random.next() < 0.5,
    weather: isCalm ? calm(random) : stormy(random),
    busLostShare: random.next() < 0.6 ? 0 : random.next() * 0.08,
    troubles: Array.from({ length: count }, () => trouble(random, troubledMs)).toSorted((a, b) => a.atMs - b.atMs),
  };
}

function calm(random: SeededRandom): Weather {
  return {
    latencyMs: 20 + random.below(100),
    lostShare: 0,
    twiceShare: 0,
    heldShare: 0,
    longestHeldMs: 0,
    reorders: false,
  };
}

function stormy(random: SeededRandom): Weather {
  const some = (most: number): number => (random.next() < 0.5 ? 0 : random.next() * most);
  return {
    latencyMs: 20 + random.below(random.next() < 0.2 ? 1_500 : 300),
    lostShare: some(0.05),
    twiceShare: some(0.2),
    heldShare: some(0.1),
    longestHeldMs: 40_000,
    reorders: random.next() < 0.5,
  };
}

function trouble(random: SeededRandom, troubledMs: number): Trouble {
  const atMs = random.below(troubledMs);
  const at = place(random);
  const forMs = 500 + random.below(random.next() < 0.3 ? 45_000 : 8_000);
  const gateway = random.below(2);
  switch (random.below(14)) {
    case 0:
    case 1:
      return { atMs, kind: 'cut', at, forMs };
    case 2:
      return { atMs, kind: 'crash', at };
    case 3:
    case 4:
    case 5:
      return { atMs, kind: 'crash-at', at, armed: armed(random, at) };
    case 6:
      return { atMs, kind: 'broker-restart', forMs: random.below(10_000), forgets: random.next() < 0.5 };
    case 7:
      return { atMs, kind: 'disk-fails', at, forMs, what: random.next() < 0.7 ? 'writes' : 'all' };
    case 8:
      return { atMs, kind: 'disk-slow', at, forMs, slowMs: 50 + random.below(random.next() < 0.3 ? 8_000 : 500) };
    case 9:
      return { atMs, kind: 'clock-set', at, byMs: clockStep(random), forMs };
    case 11:
      return { atMs, kind: 'replay', at: gateway, count: 1 + random.below(30) };
    case 12:
      return { atMs, kind: 'rotate-keys' };
    case 10:
      return { atMs, kind: 'bus-silent', at: gateway, forMs };
    default: {
      const how = (['stuck', 'local', 'slow'] as const)[random.below(3)]!;
      return { atMs, kind: 'device', at: gateway, how, forMs };
    }
  }
}

function place(random: SeededRandom): Place {
  const at = random.below(3);
  return at === 2 ? 'head-end' : at;
}

function armed(random: SeededRandom, at: Place): ArmedCrash {
  const points: readonly CrashPoint[] =
    at === 'head-end' ? ['commit', 'publish-command'] : ['commit', 'bus-write', 'publish-ack'];
  const point = points[random.below(points.length)]!;
  return { point, when: random.next() < 0.5 ? 'before' : 'after', skip: random.below(point === 'commit' ? 6 : 2) };
}

/** From a second to days, either way. */
function clockStep(random: SeededRandom): number {
  const sizeMs = 1_000 * 10 ** (random.next() * 5);
  return Math.round(random.next() < 0.5 ? sizeMs : -sizeMs);
}
