import { describe, expect, test } from 'vitest';
import type { Probe, ReadOutcome } from './index.ts';
import { judgeProbe, readOfProbe, wantOfProbe } from './probe.ts';

const at = (address: number) => ({ table: 'holding', address }) as const;
const words = (...read: number[]): ReadOutcome => ({ ok: true, words: read });
const exception = (code: number): ReadOutcome => ({ ok: false, reason: 'exception', code, say: 'no' });
const silent: ReadOutcome = { ok: false, reason: 'timeout', say: 'no reply' };

const model: Probe = { source: at(5), type: 'uint16', oneOf: [32, 112] };
const maker: Probe = { source: at(8), type: 'text', length: 3, startsWith: 'ABB' };
const lowFirst: Probe = { source: at(0), type: 'float32', wordOrder: 'little', within: [45, 66] };
const absent: Probe = { source: at(9), type: 'uint16', refused: true };
const block = { address: 100, registers: 4 };
const inBlock: Probe = { source: at(102), type: 'text', length: 2, block, equals: '7KM2' };

describe('what a probe reads', () => {
  test.each([
    { probe: model, read: { table: 'holding', address: 5, quantity: 1 } },
    { probe: maker, read: { table: 'holding', address: 8, quantity: 3 } },
    { probe: lowFirst, read: { table: 'holding', address: 0, quantity: 2 } },
    // A part of the block would be refused.
    { probe: inBlock, read: { table: 'holding', address: 100, quantity: 4 } },
  ])('$read', ({ probe, read }) => expect(readOfProbe(probe)).toEqual(read));
});

describe('what an answer means', () => {
  test.each([
    { probe: model, outcome: words(112), judged: { met: true, seen: 112 } },
    { probe: model, outcome: words(113), judged: { met: false, seen: 113 } },
    { probe: maker, outcome: words(0x4142, 0x4220, 0x4232), judged: { met: true, seen: 'ABB B2' } },
    { probe: maker, outcome: words(0, 0, 0), judged: { met: false } },
    { probe: lowFirst, outcome: words(0x0000, 0x4248), judged: { met: true, seen: 50 } },
    { probe: lowFirst, outcome: words(0x4248, 0x0000), judged: { met: false } },
    { probe: inBlock, outcome: words(42, 0, 0x374b, 0x4d32), judged: { met: true, seen: '7KM2' } },
    { probe: inBlock, outcome: words(0x374b, 0x4d32), judged: { met: false } },
    { probe: absent, outcome: exception(2), judged: { met: true } },
    { probe: absent, outcome: words(0), judged: { met: false, seen: 0 } },
    // Busy, or no answer at all, is no refusal.
    { probe: absent, outcome: exception(6), judged: { met: false } },
    { probe: absent, outcome: silent, judged: { met: false } },
    { probe: model, outcome: exception(2), judged: { met: false } },
  ])('$outcome at $probe.type is $judged', ({ probe, outcome, judged }) =>
    expect(judgeProbe(probe, outcome)).toMatchObject(judged),
  );
});

test.each([
  { probe: model, say: 'one of 32, 112' },
  { probe: maker, say: 'ABB…' },
  { probe: lowFirst, say: '45 to 66' },
  { probe: inBlock, say: '7KM2' },
  { probe: absent, say: 'that the device refuses to read it' },
])('it is asked for as: $say', ({ probe, say }) => expect(wantOfProbe(probe)).toBe(say));
