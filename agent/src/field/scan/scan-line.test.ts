import { useFakeTimers, type SinonFakeTimers } from 'sinon';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { crc16 } from '../../io/bus/crc16.ts';
import { FakeLine } from '../../io/bus/testing/fake-line.ts';
import { scanLine } from './scan-line.ts';
import type { LineScanOptions } from './scan-line.ts';
import { settingsFor } from './scan-plan.ts';

let clock: SinonFakeTimers;
beforeEach(() => void (clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })));
afterEach(() => clock.restore());

const characterMs = 11_000 / 9600;
const framed = (...bytes: number[]): Uint8Array => {
  const crc = crc16(Uint8Array.from(bytes));
  return Uint8Array.of(...bytes, crc & 0xff, crc >> 8);
};
const words = (unit: number): Uint8Array => framed(unit, 3, 4, 0, 1, 0, 2);
const refusal = (unit: number): Uint8Array => framed(unit, 0x83, 2);

/** A unit's reply and how long after the last bit of the request it begins. */
type Answer = { readonly bytes: Uint8Array; readonly afterMs: number };

async function scanned(answers: Record<number, Answer>, more: Partial<LineScanOptions> = {}) {
  const line = new FakeLine((wire, emit) => {
    const answer = answers[wire[0]!];
    if (answer !== undefined) emit(answer.bytes, 8 * characterMs + answer.afterMs);
  });
  const found: number[] = [];
  const call = scanLine({
    settings: settingsFor([9600], ['even']),
    units: Array.from({ length: 30 }, (_, at) => at + 1),
    everySetting: false,
    busAt: (setting) => ({ name: 'yard', kind: 'rtu', path: '/dev/none', ...setting }),
    questions: [{ table: 'holding', address: 0, quantity: 2 }],
    marginMs: 100,
    deps: { nowMs: () => Date.now(), link: line },
    signal: new AbortController().signal,
    onFound: ({ unit }) => void found.push(unit),
    onProgress: () => undefined,
    ...more,
  });
  let done = false;
  call.finally(() => (done = true)).catch(() => undefined);
  for (let step = 0; step < 20_000 && !done; step++) await clock.nextAsync();
  line.hush();
  const result = await call;
  if (!result.ok) throw new Error(result.say);
  expect(clock.countTimers()).toBe(0);
  return { ...result, found: result.found.toSorted((a, b) => a.unit - b.unit), line };
}

test('finds who answers, also with an exception, in little more than the time-outs of the others', async () => {
  const { found, asked, tookMs, complete, line } = await scanned({
    5: { bytes: words(5), afterMs: 20 },
    9: { bytes: refusal(9), afterMs: 60 },
  });
  expect(found).toMatchObject([
    { unit: 5, late: false, overheard: false },
    { unit: 9, exceptionCode: 2, late: false },
  ]);
  expect({ asked, complete }).toEqual({ asked: 30, complete: true });
  expect(tookMs).toBeLessThan(1.05 * 28 * (12.5 * characterMs + 100) + 500);
  expect(line.sent.every(({ wire }) => wire[1]! >= 1 && wire[1]! <= 4)).toBe(true);
});

test.each([{ afterMs: 120 }, { afterMs: 250 }, { afterMs: 700 }])(
  'an answer $afterMs ms late counts for the unit that gave it, and for no other',
  async ({ afterMs }) => {
    const { found } = await scanned({ 7: { bytes: words(7), afterMs } });
    expect(found.map(({ unit }) => unit)).toEqual([7]);
  },
);

test('the last unit is waited for, and so is a late one before it', async () => {
  const { found } = await scanned({
    29: { bytes: words(29), afterMs: 260 },
    30: { bytes: words(30), afterMs: 90 },
  });
  expect(found.map(({ unit }) => unit)).toEqual([29, 30]);
});

test('a unit that was disturbed by a late answer is asked again', async () => {
  let heard8 = 0;
  const line = new FakeLine();
  line.onRequest = (wire, emit) => {
    if (wire[0] === 7) emit(words(7), 130);
    // The late answer of unit 7 destroys the first question to unit 8.
    if (wire[0] === 8 && heard8++ > 0) emit(words(8), 30);
  };
  const { found } = await scanned({}, { deps: { nowMs: () => Date.now(), link: line } });
  expect(found.map(({ unit }) => unit)).toEqual([7, 8]);
});

test('what is no frame is no unit, but is told', async () => {
  const { found, remarks } = await scanned({ 4: { bytes: Uint8Array.of(4, 3, 4, 0, 1, 0, 2, 0, 0), afterMs: 20 } });
  expect(found).toEqual([]);
  expect(remarks).toEqual([expect.stringMatching(/9600 8E1, unit 4: something answers that is no correct reply/)]);
});

test('another master on the line is told', async () => {
  const line = new FakeLine((wire) => {
    if (wire[0] === 3) line.say(words(20), 15);
  });
  const { found, remarks } = await scanned({}, { deps: { nowMs: () => Date.now(), link: line } });
  expect(found).toMatchObject([{ unit: 20, overheard: true }]);
  expect(remarks).toEqual([expect.stringMatching(/another master/)]);
});

test('an interrupt ends it with what was found', async () => {
  const controller = new AbortController();
  const { found, complete, asked } = await scanned(
    { 2: { bytes: words(2), afterMs: 10 } },
    { signal: controller.signal, onFound: () => controller.abort() },
  );
  expect(found.map(({ unit }) => unit)).toEqual([2]);
  expect({ complete, asked }).toEqual({ complete: false, asked: 2 });
});

test('a port that is lost is told, with what was found before', async () => {
  const line = new FakeLine((wire, emit) => {
    if (wire[0] === 2) emit(words(2), 10);
    if (wire[0] === 6) line.break();
  });
  const { found, complete, remarks } = await scanned({}, { deps: { nowMs: () => Date.now(), link: line } });
  expect(found.map(({ unit }) => unit)).toEqual([2]);
  expect(complete).toBe(false);
  expect(remarks).toEqual([expect.stringMatching(/yard: the port was lost at unit 6/)]);
});
