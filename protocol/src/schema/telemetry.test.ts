import { describe, expect, test } from 'vitest';
import { fromCbor, toCbor } from './cbor.ts';
import { choice, integer, scaled } from './field.ts';
import { may, must, telemetry } from './telemetry.ts';

/** What a decoder may hand over and no field of ours carries. */
const foreign: unknown = new Date(0);

const sample = telemetry(9, {
  seq: must(integer({ min: 0, max: 100 })),
  state: may(choice(['off', 'on'])),
  powerW: may(scaled({ step: 1, min: 0, max: 1_000, unit: 'W' })),
});

test.each([
  ['whole', { seq: 1, state: 'on', powerW: 5 }, [9, 1, 1, 5], []],
  ['unknown inside', { seq: 1, powerW: 5 }, [9, 1, null, 5], []],
  ['unknown at the end', { seq: 1, state: 'off' }, [9, 1, 0], []],
  ['out of range', { seq: 1, powerW: 1_001 }, [9, 1], ['powerW']],
  ['NaN', { seq: 1, powerW: Number.NaN, state: 'on' }, [9, 1, 1], ['powerW']],
] as const)('writes: %s', (_, value, wire, dropped) => {
  const written = sample.encode(value);
  expect(fromCbor(written.bytes)).toEqual({ ok: true, value: wire });
  expect(written.dropped).toEqual(dropped);
});

test.each([{}, { seq: 101 }, { seq: Number.NaN }])('throws without what it must have: %j', (value) => {
  expect(() => sample.encode(value as { seq: number })).toThrow(/^seq is required/);
});

describe('reads', () => {
  test.each<[string, readonly unknown[], object]>([
    ['whole', [9, 1, 1, 5], { seq: 1, state: 'on', powerW: 5 }],
    ['positions of a newer sender', [9, 1, 1, 5, 'new', [1]], { seq: 1, state: 'on', powerW: 5 }],
    ['a shorter one of an older sender', [9, 1], { seq: 1 }],
    ['a word of a newer sender', [9, 1, 2, 5], { seq: 1, powerW: 5 }],
    ['nonsense where it may be unknown', [9, 1, 'on', -3], { seq: 1 }],
    ['a tagged value', [9, 1, foreign, 5], { seq: 1, powerW: 5 }],
    ['undefined', [9, 1, undefined, 5], { seq: 1, powerW: 5 }],
  ])('%s', (_, wire, value) => {
    expect(sample.fromWire(wire)).toEqual({ ok: true, value });
  });

  test.each<[string, readonly unknown[], string]>([
    ['another schema', [8, 1], '[0]'],
    ['no head', [], '[0]'],
    ['nothing required', [9], '.seq'],
    ['an unknown that is required', [9, null, 1], '.seq'],
    ['nonsense that is required', [9, -1, 1], '.seq'],
  ])('refuses %s', (_, wire, path) => {
    expect(sample.fromWire(wire)).toMatchObject({ ok: false, path });
  });

  test('refuses what is no array', () => {
    expect(sample.decode(toCbor(new Map([[9, 1]]))).ok).toBe(false);
  });
});
