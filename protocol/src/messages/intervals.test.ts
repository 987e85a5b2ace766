import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromCbor, toCbor } from '../schema/cbor.ts';
import type { Wire } from '../schema/field.ts';
import { decodeIntervals, encodeIntervals, intervalFlags, intervalLengthsS, maxIntervals } from './intervals.ts';
import type { IntervalBlock } from './intervals.ts';

const hourMs = 3_600_000;
const sound: IntervalBlock = {
  requestId: 'n-1',
  intervalS: 3_600,
  intervals: [
    { endMs: 5 * hourMs, flags: [], importedWh: 1, voltageV: 240.1 },
    { endMs: 6 * hourMs, flags: ['missing'] },
  ],
  final: true,
  importedRegisterWh: 7,
};

const value = (max: number) => fc.option(fc.integer({ min: 0, max }), { nil: undefined });
const blocks = fc
  .record({
    intervalS: fc.constantFrom(...intervalLengthsS),
    first: fc.integer({ min: 1, max: 500_000 }),
    rows: fc.array(
      fc.record({
        flags: fc.subarray([...intervalFlags]),
        importedWh: value(1e9),
        exportedWh: value(1e9),
        reactiveVarh: value(1e9),
        voltageV: value(500),
      }),
      { minLength: 1, maxLength: 30 },
    ),
    final: fc.boolean(),
    importedRegisterWh: value(1e12),
  })
  .map(({ intervalS, first, rows, ...rest }): IntervalBlock => ({
    ...rest,
    intervalS,
    intervals: rows.map((row, index) => ({ ...row, endMs: (first + index) * intervalS * 1_000 })),
  }));

test('what is decoded is what was encoded', () => {
  fc.assert(
    fc.property(blocks, (block) => {
      expect(decodeIntervals(encodeIntervals(block))).toEqual({ ok: true, value: block });
    }),
  );
});

test('a night of 24 hours of one meter fits into 240 bytes', () => {
  const intervals = Array.from({ length: 24 }, (_, index) => ({
    endMs: (500_000 + index) * hourMs,
    flags: [],
    importedWh: 800 + index,
    exportedWh: 0,
    voltageV: 240 + index / 10,
  }));
  expect(encodeIntervals({ ...sound, intervals }).length).toBeLessThan(240);
});

test.each([
  ['none', { ...sound, intervals: [] }],
  [
    'too many',
    { ...sound, intervals: Array.from({ length: maxIntervals + 1 }, (_, i) => ({ endMs: i * hourMs, flags: [] })) },
  ],
  ['a gap', { ...sound, intervals: [sound.intervals[0]!, { endMs: 8 * hourMs, flags: [] }] }],
  ['not aligned', { ...sound, intervals: [{ endMs: hourMs + 1_000, flags: [] }] }],
  ['no length of an interval', { ...sound, intervalS: 10 }],
])('%s is not encoded', (_, block) => {
  expect(() => encodeIntervals(block as IntervalBlock)).toThrow(RangeError);
});

test('a value out of range is unknown, not something else', () => {
  const block = { ...sound, intervals: [{ endMs: 5 * hourMs, flags: [], importedWh: -5, voltageV: Number.NaN }] };
  const decoded = decodeIntervals(encodeIntervals(block));
  expect(decoded.ok && decoded.value.intervals).toEqual([{ endMs: 5 * hourMs, flags: [] }]);
});

test.each<readonly [string, (wire: Wire[]) => void, string]>([
  ['not aligned', (wire) => void (wire[3] = 18_001), '.firstEndS'],
  ['another schema', (wire) => void (wire[0] = 21), ''],
  ['columns of another length', (wire) => void (wire[6] = [1]), '.importedWh'],
  ['no flags', (wire) => void (wire[5] = null), '.flags'],
  ['a length that nobody counts in', (wire) => void (wire[2] = 1), '.intervalS'],
  ['neither last nor not', (wire) => void (wire[4] = 1), '.final'],
])('%s is refused, with its place', (_, change, path) => {
  const wire = fromCbor(encodeIntervals(sound));
  if (!wire.ok) throw new Error('not read');
  const parts = wire.value as Wire[];
  change(parts);
  expect(decodeIntervals(toCbor(parts))).toMatchObject({ ok: false, path });
});

test('flags that cannot be read make an interval doubtful', () => {
  const wire = fromCbor(encodeIntervals(sound));
  if (!wire.ok) throw new Error('not read');
  const parts = wire.value as Wire[];
  parts[5] = [null, 1 << 20];
  const decoded = decodeIntervals(toCbor(parts));
  expect(decoded.ok && decoded.value.intervals.map(({ flags }) => flags)).toEqual([['doubtful'], ['doubtful']]);
});

test('any bytes are read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(typeof decodeIntervals(bytes).ok).toBe('boolean');
    }),
  );
});
