import { expect, test } from 'vitest';
import { fakeTerminal } from '../testing/fake-terminal.ts';
import type { PlannedItem } from './plan.ts';
import { answersOf, personAt, ratioOf } from './questioner.ts';
import type { Questioner } from './questioner.ts';

const item: PlannedItem = { id: 'm/ct', kind: 'ct', deviceId: 'm', title: 'CTs', required: true };
const stopped = (outcome: string, say?: string): object => ({
  ok: false,
  stop: { outcome, ...(say === undefined ? {} : { say }) },
});

test.each<{ typed: readonly string[]; ask: (of: Questioner) => Promise<unknown>; gets: unknown }>([
  { typed: ['yes'], ask: (of) => of.consent('m/switch', 'It goes dead.'), gets: { ok: true, value: true } },
  { typed: ['no'], ask: (of) => of.consent('m/switch', 'It goes dead.'), gets: { ok: true, value: false } },
  // A consent is a word in full, never a slip of a finger.
  { typed: ['y', '', 'yes'], ask: (of) => of.consent('m/switch', 'It goes dead.'), gets: { ok: true, value: true } },
  {
    typed: ['skip', 'skip no load today'],
    ask: (of) => of.consent('m', ''),
    gets: stopped('skipped', 'no load today'),
  },
  { typed: ['quit'], ask: (of) => of.consent('m', ''), gets: stopped('interrupted') },
  { typed: [], ask: (of) => of.consent('m', ''), gets: stopped('interrupted') },
  { typed: ['240,5'], ask: (of) => of.reading('m', 'voltageV', 'V', '240 V'), gets: { ok: true, value: 240.5 } },
  { typed: ['about 240', '240'], ask: (of) => of.reading('m', 'voltageV', 'V', ''), gets: { ok: true, value: 240 } },
  { typed: [''], ask: (of) => of.reading('m', 'voltageV', 'V', ''), gets: { ok: true, value: undefined } },
  { typed: ['sideways', 'export'], ask: (of) => of.direction('m'), gets: { ok: true, value: 'export' } },
  { typed: ['200/5'], ask: (of) => of.ratio('m'), gets: { ok: true, value: { primaryA: 200, secondaryA: 5 } } },
  { typed: ['6 kW', '6000'], ask: (of) => of.plateRating('m', 'ratedPowerW', ''), gets: { ok: true, value: 6_000 } },
  { typed: [''], ask: (of) => of.done('Make it dead.'), gets: { ok: true, value: true } },
  { typed: ['no'], ask: (of) => of.done('Make it dead.'), gets: { ok: true, value: false } },
  { typed: ['as the utility asks'], ask: (of) => of.acceptance(item, 'It differs.'), gets: 'as the utility asks' },
  { typed: [''], ask: (of) => of.acceptance(item, 'It differs.'), gets: undefined },
])('who types $typed is understood', async ({ typed, ask, gets }) => {
  const got: unknown = await ask(personAt(fakeTerminal({ answers: typed })));
  expect({ got }).toMatchObject({ got: gets });
});

test('a file consents to what it names, and to nothing else', async () => {
  const of = answersOf({
    technician: { name: 'A. Fitter' },
    consent: ['m/switch'],
    skip: {},
    accept: { 'm/ct': 'two phases only' },
    readings: { m: { voltageV: 240 } },
    clamps: {},
    plates: {},
    ratings: { m: { ratedPowerW: 6_000 } },
  });
  expect(await of.plateRating('m', 'ratedPowerW', '')).toEqual({ ok: true, value: 6_000 });
  expect(await of.plateRating('m', 'ratedCurrentA', '')).toEqual({ ok: true, value: undefined });
  expect(await of.consent('m/switch', '')).toEqual({ ok: true, value: true });
  expect(await of.consent('m/limit', '')).toEqual({ ok: true, value: false });
  expect(await of.reading('m', 'voltageV', 'V', '')).toEqual({ ok: true, value: 240 });
  expect(await of.reading('m', 'currentA', 'A', '')).toEqual({ ok: true, value: undefined });
  expect(await of.direction('m')).toMatchObject(stopped('skipped'));
  expect(await of.acceptance(item, '')).toBe('two phases only');
  expect(await of.acceptance({ ...item, id: 'm/other' }, '')).toBeUndefined();
});

test.each([
  ['200:5', { primaryA: 200, secondaryA: 5 }],
  ['200 / 1', { primaryA: 200, secondaryA: 1 }],
  ['0:5', undefined],
  ['200', undefined],
])('a ratio of %s', (text, ratio) => expect(ratioOf(text)).toEqual(ratio));
