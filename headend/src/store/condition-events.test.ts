import { expect, test } from 'vitest';
import { ConditionEvents } from './condition-events.ts';
import { Conditions } from './conditions.ts';

const well = (say: string): [string, string] => ['head-end-well', `Well again. It was: ${say}`];
const unwell = (say: string): [string, string] => ['head-end-unwell', say];

test.each<{ what: string; steps: [atS: number, say: string | undefined, told: [string, string][]][] }>([
  {
    what: 'what begins and what ends is told once each',
    steps: [
      [0, 'The disk is full.', [unwell('The disk is full.')]],
      [1, 'The disk is full.', []],
      [90, undefined, [well('The disk is full.')]],
      [91, undefined, []],
    ],
  },
  {
    what: 'other words for it are no news',
    steps: [
      [0, '2 gateways obey others.', [unwell('2 gateways obey others.')]],
      [90, '3 gateways obey others.', []],
    ],
  },
  {
    what: 'one that comes and goes is told twice in ten minutes, and then as it is by then',
    steps: [
      [0, 'full', [unwell('full')]],
      [1, undefined, [well('full')]],
      [2, 'full', [unwell('full')]],
      [3, undefined, [well('full')]],
      [4, 'full', []],
      [599, 'full', []],
      [600, 'full', [unwell('full')]],
    ],
  },
  {
    what: 'a clock that was set back holds nothing up',
    steps: [
      [10_000, 'full', [unwell('full')]],
      [100, undefined, [well('full')]],
    ],
  },
])('$what', ({ steps }) => {
  const [conditions, events] = [new Conditions(() => undefined), new ConditionEvents()];
  for (const [atS, say, told] of steps) {
    conditions.set('telemetry-disk', say);
    const found = events.look(conditions, atS * 1_000);
    expect(
      found.map((event) => [event.kind, event.say]),
      `at ${atS} s`,
    ).toEqual(told);
  }
});
