import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { estimateIntervals } from '../estimate-requests.ts';
import { columnsOf } from '../interval-row.ts';
import { landIntervals, meterIntervals, numberMeters, settleDays } from '../requests.ts';
import type { Asker } from '../warehouse-request.ts';
import { temporaryFolder, testStore } from '../worker/store.fixture.ts';
import type { TestStore } from '../worker/store.fixture.ts';
import { replacedIntervals } from '../edit-requests.ts';
import { importIntervals } from './import-intervals.ts';
import type { IntervalImport, IntervalImported } from './import-intervals.ts';

const zone = 'America/Los_Angeles';
let place: ReturnType<typeof temporaryFolder>;
let store: TestStore;
let recorded: string[];
beforeEach(async () => {
  place = temporaryFolder();
  recorded = [];
  store = await testStore({ folder: place.folder, timeZone: zone });
  await store.ask(numberMeters, [{ name: 'factory' }]);
});
afterEach(async () => {
  await store.stop();
  place.remove();
});

/** As through the machine's door: all that is asked is JSON. */
const ask: Asker = async (request, asked) => ({
  ok: true,
  value: await store.ask(request, JSON.parse(JSON.stringify(asked))),
});
const imported = async (
  content: IntervalImport['content'],
  more: Partial<IntervalImport> = {},
): Promise<IntervalImported> =>
  await importIntervals(ask, {
    file: 'f.csv',
    content,
    reading: { timeZone: zone },
    newMeters: false,
    dryRun: false,
    acceptErrors: false,
    replaceMeasured: false,
    readAtMs: Date.parse('2026-04-02T00:00:00Z'),
    nowMs: Date.parse('2026-04-02T00:00:00Z'),
    progress: () => undefined,
    record: async (say) => (recorded.push(say), await Promise.resolve({ ok: true })),
    ...more,
  });
const day = {
  fromS: Date.parse('2026-03-31T00:00:00-07:00') / 1_000,
  toS: Date.parse('2026-04-01T00:00:00-07:00') / 1_000,
};
const standing = async (meter = 'factory'): Promise<readonly unknown[]> =>
  ((await store.ask(meterIntervals, { meter, ...day })) ?? []).map(({ startS, lengthS, importWh, source }) => [
    (startS - day.fromS) / 60,
    lengthS / 60,
    importWh,
    source,
  ]);
const csv = (...lines: readonly string[]): string => ['meter,start,minutes,kwh,quality', ...lines].join('\n');
const two = csv('factory,2026-03-31 00:00,15,1.5,', 'factory,2026-03-31 00:15,15,2,E');

test('a file is taken once; again it changes nothing, corrected it replaces', async () => {
  expect(await imported(two)).toMatchObject({ ok: true, landed: 2, same: 0, meters: 1 });
  expect(await standing()).toEqual([
    [0, 15, 1_500, 'file'],
    [15, 15, 2_000, 'estimate'],
  ]);
  expect(await imported(two, { readAtMs: Date.parse('2026-04-05T00:00:00Z') })).toMatchObject({ landed: 0, same: 2 });
  expect(await store.ask(replacedIntervals, { meter: 'factory', ...day })).toEqual([]);
  const corrected = await imported(two.replace('1.5', '1.7'), { readAtMs: Date.parse('2026-04-06T00:00:00Z') });
  expect(corrected).toMatchObject({ landed: 1, same: 1 });
  expect((await standing())[0]).toEqual([0, 15, 1_700, 'file']);
  expect(recorded.length).toBe(3);
});

test.each([
  ['a meter that nobody knows', csv('factori,2026-03-31 00:00,15,1,'), /no meter factori: enter it/],
  ['a line at fault', `${two}\nfactory,2026-03-31 00:30,15,x,`, /import_kwh 'x'/],
])('%s: nothing is imported, unless errors are accepted', async (_, text, say) => {
  const refused = await imported(text);
  expect([refused.ok, refused.landed, recorded]).toEqual([false, 0, []]);
  expect(refused.findings[0]?.say).toMatch(say);
  expect(await standing()).toEqual([]);
  expect((await imported(text, { acceptErrors: true })).landed).toBe(text.startsWith(two) ? 2 : 0);
});

test('a new meter is made where that is said; a trial changes nothing; what is not recorded is not done', async () => {
  const text = csv('plant,2026-03-31 00:00,15,1,');
  expect(await imported(text, { newMeters: true, dryRun: true })).toMatchObject({ ok: true, landed: 0 });
  const refusing = {
    newMeters: true,
    record: async () => await Promise.resolve({ ok: false as const, say: 'the disk is full' }),
  };
  expect(await imported(text, refusing)).toMatchObject({
    ok: false,
    say: 'f.csv: nothing is imported: the disk is full',
  });
  expect(await standing('plant')).toEqual([]);
  expect(await imported(text, { newMeters: true })).toMatchObject({ ok: true, landed: 1 });
  expect(await standing('plant')).toEqual([[0, 15, 1_000, 'file']]);
});

test('an estimate of an hour gives way to a quarter within it', async () => {
  await store.ask(numberMeters, [{ name: 'factory', sinceS: day.fromS }]);
  await imported(csv('factory,2026-03-31 00:00,60,1,', 'factory,2026-03-31 02:00,60,3,'));
  await store.ask(estimateIntervals, day);
  expect((await standing())[1]).toEqual([60, 60, 2_000, 'estimate']);
  await imported(csv('factory,2026-03-31 01:30,30,1.2,'));
  expect((await standing()).slice(1, 3)).toEqual([
    [60, 60, undefined, 'estimate'],
    [90, 30, 1_200, 'file'],
  ]);
});

test.each([
  ['before 1970', 'factory,1969-12-31 00:00,15,1,', 'Line 2: startS is -57600'],
  [
    'still to come',
    'factory,2026-04-01 17:00,15,1,',
    'Line 2: ends at 2026-04-02T00:15:00.000Z, which is still to come',
  ],
  [
    'in the time of another',
    'factory,2026-03-31 00:00,60,1,\nfactory,2026-03-31 00:15,15,1,',
    'Line 3: lies in the time',
  ],
])('an interval %s is a fault by line, and nothing of the file is taken', async (_what, lines, say) => {
  const done = await imported(csv(lines));
  expect(done).toMatchObject({ ok: false, landed: 0 });
  expect(done.findings.map(({ place, say: what }) => `Line ${place?.line}: ${what}`)).toEqual([
    expect.stringContaining(say),
  ]);
  expect(recorded).toEqual([]);
  const rest = csv('factory,2026-03-31 12:00,15,1,', lines);
  const well = lines.includes('\n') ? 2 : 1;
  expect(await imported(rest, { acceptErrors: true })).toMatchObject({ ok: true, landed: well });
});

describe('of a meter that counts itself', () => {
  const counted = async (importWh: number, more = {}): Promise<unknown> =>
    await store.ask(
      landIntervals,
      columnsOf([
        { meter: 1, startS: day.fromS, lengthS: 900, importWh, flags: 0, source: 'meter', readS: day.toS, ...more },
      ]),
    );

  test.each([false, true])('what it counted stands, settled %s, in a trial as in earnest', async (isSettled) => {
    await counted(1_400);
    if (isSettled) await store.ask(settleDays, {});
    for (const dryRun of [true, false]) {
      const refused = await imported(two, { dryRun });
      expect(refused).toMatchObject({ ok: false, landed: 0 });
      expect(refused.findings.map(({ place, severity, say }) => `${place?.line} ${severity} ${say}`)).toEqual([
        '2 error the meter factory itself counted this interval, and otherwise: that stands, unless measured values shall be replaced',
      ]);
    }
    expect(await imported(two, { acceptErrors: true })).toMatchObject({ ok: true, landed: 1 });
    expect(await standing()).toEqual([
      [0, 15, 1_400, 'meter'],
      [15, 15, 2_000, 'estimate'],
    ]);
  });

  test('it gives way where that is said, though the file is older than its reading, and is kept', async () => {
    await counted(1_400);
    const asked = { replaceMeasured: true, readAtMs: (day.fromS + 3_600) * 1_000 };
    const done = await imported(two, asked);
    expect(done).toMatchObject({ ok: true, landed: 2 });
    expect(done.findings.map(({ severity }) => severity)).toEqual(['warning']);
    expect((await standing())[0]).toEqual([0, 15, 1_500, 'file']);
    await store.ask(settleDays, {});
    expect(await store.ask(replacedIntervals, { meter: 'factory', ...day })).toMatchObject([{ importWh: 1_400 }]);
    expect(await imported(two, asked)).toMatchObject({ landed: 0, same: 2 });
  });

  test('what it says of no energy, or of energy that cannot be, is no count', async () => {
    await counted(1_400, { importWh: undefined, flags: 1 });
    await counted(2_000_000_000, { startS: day.fromS + 900 });
    await store.ask(settleDays, {});
    expect(await imported(two.replace(',E', ','))).toMatchObject({ ok: true, landed: 2 });
    expect(await standing()).toEqual([
      [0, 15, 1_500, 'file'],
      [15, 15, 2_000, 'file'],
    ]);
  });
});

test('corrected files may come in any order: what was read last stands, and the import says so', async () => {
  const [first, second] = [Date.parse('2026-04-01T08:00:00Z'), Date.parse('2026-04-01T09:00:00Z')];
  const corrected = two.replace('1.5', '1.7');
  expect(await imported(corrected, { readAtMs: second })).toMatchObject({ landed: 2 });
  const late = await imported(two, { readAtMs: first });
  expect(late).toMatchObject({ ok: true, landed: 0, same: 1, behind: 1 });
  expect(late.say).toContain('1 passed over');
  expect((await standing())[0]).toEqual([0, 15, 1_700, 'file']);
  const guess = await imported(two.replace('1.5,', '9,E'), { readAtMs: second + 1_000 });
  expect(guess).toMatchObject({ ok: true, landed: 0, same: 1, behind: 1 });
});

test.each([
  ['a name of 5,000 characters', `${'x'.repeat(5_000)},2026-03-31 00:00,15,1,`, /has 5000 characters: 200 at most/],
  ['a name with a NUL', 'fac\u0000tory,2026-03-31 00:00,15,1,', /characters that nobody can write/],
  ['a gigawatt hour', 'factory,2026-03-31 00:00,15,1000000,', /1000000 kWh, which nobody takes in 15 minutes/],
  ['no number', 'factory,2026-03-31 00:00,15,NaN,', /'NaN' is no such value/],
  ['infinitely much', 'factory,2026-03-31 00:00,15,1e999,', /'1e999' is no such value/],
  ['less than nothing', 'factory,2026-03-31 00:00,15,-0.1,', /'-0.1' is no such value/],
])('%s is refused in a trial as in earnest, by line', async (_, line, say) => {
  for (const dryRun of [true, false]) {
    const refused = await imported(csv('factory,2026-03-31 12:00,15,1,', line), { dryRun, newMeters: true });
    expect(refused).toMatchObject({ ok: false, landed: 0 });
    expect(refused.findings.map(({ place }) => place?.line)).toEqual([3]);
    expect(refused.findings[0]?.say).toMatch(say);
  }
});
