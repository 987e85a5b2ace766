import fc from 'fast-check';
import { expect, test } from 'vitest';
import { intervalLengthsS } from '@tiepoint/protocol';
import { IntervalWorld, minuteMs } from './interval-world.fixture.ts';
import type { ClosedInterval } from './intervals.ts';

type Happening = {
  readonly what: 'silence' | 'stop' | 'kill' | 'clock' | 'no-registers' | 'reset';
  readonly minutes: number;
};

const duration = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 100 }) },
  fc.integer({ min: 100, max: 400 }),
);
const quiet = fc.record({ what: fc.constantFrom('silence', 'stop', 'kill'), minutes: duration });
const set = fc.record({ what: fc.constant('clock'), minutes: fc.integer({ min: -2_000, max: 300 }) });
const registers = fc.record({ what: fc.constantFrom('no-registers', 'reset'), minutes: duration });
const stories = (of: fc.Arbitrary<Happening>) =>
  fc.record({
    lengthS: fc.constantFrom(...intervalLengthsS),
    seed: fc.nat(1_000),
    isRight: fc.boolean(),
    parts: fc.array(fc.tuple(fc.integer({ min: 1, max: 90 }), of), { minLength: 1, maxLength: 8 }),
  });

const highestW = 8_000;

/** Another load each minute, often none. */
function loadOf(seed: number): (atMs: number) => number {
  return (atMs) =>
    Math.max(0, ((Math.imul(Math.floor(atMs / minuteMs) + 1, 2_654_435_761 + seed) >>> 8) % 11_000) - 3_000);
}

type Told = { world: IntervalWorld; used: (wallMs: number) => number };

function told({
  lengthS,
  seed,
  isRight,
  parts,
}: {
  lengthS: number;
  seed: number;
  isRight: boolean;
  parts: readonly [number, Happening][];
}): Told {
  const world = new IntervalWorld({
    lengthS,
    pollMs: 15_000,
    powerW: loadOf(seed),
    startMs: Date.UTC(2026, 2, 28, 7, seed % 60),
  });
  const trail: { wallMs: number; usedWh: number }[] = [];
  const mark = (): void => void trail.push({ wallMs: world.wallMs, usedWh: world.usedWh });
  const watch = (minutes: number): void => {
    for (let i = 0; i < minutes * 4; i++) {
      world.watch(minuteMs / 4);
      mark();
    }
  };
  world.clockIsRight = isRight;
  world.look();
  mark();
  for (const [minutes, { what, minutes: long }] of parts) {
    watch(minutes);
    if (what === 'clock') world.setClock(long * minuteMs);
    else if (what === 'reset') world.registerOffsetWh = -world.usedWh;
    else if (what === 'no-registers') {
      world.readable = false;
      watch(long);
      world.readable = true;
    } else if (what === 'silence') world.pass(long * minuteMs);
    else world.restart(long * minuteMs, { killed: what === 'kill' });
    mark();
  }
  watch(150);
  const used = (wallMs: number): number => {
    const after = trail.findIndex((point) => point.wallMs >= wallMs);
    const [a, b] = [trail[after - 1], trail[after]];
    if (a === undefined || b === undefined) return b?.usedWh ?? Number.NaN;
    return a.usedWh + ((b.usedWh - a.usedWh) * (wallMs - a.wallMs)) / (b.wallMs - a.wallMs);
  };
  return { world, used };
}

const is = ({ flags }: ClosedInterval, ...some: ClosedInterval['flags']): boolean =>
  some.some((flag) => flags.includes(flag));
const total = (list: readonly ClosedInterval[]): number =>
  list.reduce((sum, { importedWh = 0 }) => sum + importedWh, 0);

test('whatever happens, each interval is there once, and nothing is counted twice', () => {
  fc.assert(
    fc.property(stories(fc.oneof(quiet, set, registers)), (story) => {
      const { world } = told(story);
      const { list } = world;
      for (const { endMs, lengthS, importedWh = 0 } of list) {
        expect(endMs % (lengthS * 1_000)).toBe(0);
        expect(Number.isSafeInteger(importedWh) && importedWh >= 0).toBe(true);
      }
      for (const [index, { endMs, lengthS }] of list.entries())
        expect(endMs - lengthS * 1_000).toBeGreaterThanOrEqual(list[index - 1]?.endMs ?? 0);
      // What is summed up from power is as right as a look every 15 s is.
      const fromPower = total(list.filter((each) => is(each, 'from-power')));
      expect(total(list)).toBeLessThanOrEqual(world.usedWh + list.length + 0.2 * fromPower + 50);
    }),
    { numRuns: 150 },
  );
});

test('what whole intervals count is what the registers moved', () => {
  let whole = 0;
  fc.assert(
    fc.property(stories(fc.oneof(quiet, set)), (story) => {
      const { list } = told(story).world;
      for (const [index, interval] of list.entries()) {
        const before = list[index - 1];
        if (before === undefined || is(interval, 'partial', 'from-power') || is(before, 'from-power')) continue;
        // After a long silence the chain begins anew, and by chance at a boundary.
        const isChained = before.endMs === interval.endMs - interval.lengthS * 1_000 || is(interval, 'clock-set');
        if (!isChained) continue;
        whole += 1;
        expect(interval.importedWh).toBe((interval.importedRegisterWh ?? 0) - (before.importedRegisterWh ?? 0));
      }
    }),
    { numRuns: 150 },
  );
  expect(whole).toBeGreaterThan(1_000);
});

test('an interval without a flag counted what was truly used in it, and none that ended in sight is missing', () => {
  let sound = 0;
  fc.assert(
    fc.property(stories(quiet), (story) => {
      const { world, used } = told({ ...story, isRight: true });
      const { list } = world;
      for (const { endMs, lengthS, importedWh = 0, flags } of list) {
        if (flags.length > 0) continue;
        sound += 1;
        const truly = used(endMs) - used(endMs - lengthS * 1_000);
        // Two ends, each between readings that are at most a twentieth of the interval apart.
        expect(Math.abs(importedWh - truly)).toBeLessThanOrEqual(
          3 + (2 * highestW * Math.min(lengthS / 20, 75)) / 3_600,
        );
      }
      const longest = Math.max(...story.parts.map(([, { minutes }]) => minutes));
      const [first, last] = [list[0], list.at(-1)];
      // A kill leaves on the disk the readings of the last boundary.
      const isBridged = longest + story.lengthS / 60 < 119 && first !== undefined && last !== undefined;
      const expected = isBridged ? (last.endMs - first.endMs) / (story.lengthS * 1_000) + 1 : list.length;
      expect(list).toHaveLength(expected);
    }),
    { numRuns: 150 },
  );
  expect(sound).toBeGreaterThan(1_000);
});
