import { expect, test } from 'vitest';
import { nextTrial, numberRanges, remainingTrials, settingsFor, settingText } from './scan-plan.ts';
import type { ScanPlan, Trial } from './scan-plan.ts';

const settings = settingsFor([9600, 19_200], undefined);
const [first, second] = settings as [(typeof settings)[0], (typeof settings)[0]];
const plan: ScanPlan = { settings, units: [1, 2, 77, 126], everySetting: false };
const likely = (setting: (typeof settings)[0]): Trial => ({ setting, units: [1, 2, 126] });

test('settings by likelihood', () => {
  expect(settings.map(settingText)).toEqual(['9600 8E1', '9600 8N1', '19200 8E1', '19200 8N1']);
  expect(settingText(settingsFor(undefined, ['odd'], 2)[0]!)).toBe('9600 8O2');
});

test.each([
  { name: 'likely units first', plan, done: [], answered: [], next: likely(first) },
  { name: 'then the likely ones of the next setting', plan, done: [likely(first)], answered: [], next: likely(second) },
  {
    name: 'where somebody answers, the rest there',
    plan,
    done: [likely(first)],
    answered: [first],
    next: { setting: first, units: [77] },
  },
  {
    name: 'and then nothing more',
    plan,
    done: [likely(first), { setting: first, units: [77] }],
    answered: [first],
    next: undefined,
  },
  {
    name: 'but for every setting',
    plan: { ...plan, everySetting: true },
    done: [likely(first), { setting: first, units: [77] }],
    answered: [first],
    next: likely(second),
  },
  {
    name: 'nobody among the likely ones: the rest everywhere',
    plan,
    done: settings.map(likely),
    answered: [],
    next: { setting: first, units: [77] },
  },
  {
    name: 'one setting: all in order',
    plan: { ...plan, settings: [first] },
    done: [],
    answered: [],
    next: { setting: first, units: [1, 2, 77, 126] },
  },
])('$name', ({ plan: asked, done, answered, next }) => {
  expect(nextTrial(asked, done, new Set(answered))).toEqual(next);
});

test('every unit is asked at every setting once, where nobody answers', () => {
  const all = remainingTrials(plan, [], new Set());
  for (const setting of settings) {
    const asked = all.filter((trial) => trial.setting === setting).flatMap(({ units }) => units);
    expect(asked.toSorted((a, b) => a - b)).toEqual([1, 2, 77, 126]);
  }
});

test.each([
  { text: '1-3', numbers: [1, 2, 3] },
  { text: '5, 1-2,2', numbers: [5, 1, 2] },
  { text: '247', numbers: [247] },
  { text: '0-3', numbers: undefined },
  { text: '240-248', numbers: undefined },
  { text: '9-3', numbers: undefined },
  { text: '', numbers: undefined },
  { text: '1;2', numbers: undefined },
])('units $text', ({ text, numbers }) => {
  expect(numberRanges(text, 1, 247)).toEqual(numbers);
});
