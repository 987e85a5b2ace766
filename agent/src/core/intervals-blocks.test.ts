import { expect, test } from 'vitest';
import { decodeIntervals, encodeIntervals, maxIntervals } from '@tiepoint/protocol';
import { intervalBlocks } from './intervals-blocks.ts';
import type { IntervalRange } from './intervals-blocks.ts';
import type { ClosedInterval } from './intervals.ts';

const tenMs = Date.UTC(2026, 0, 5, 10);
const minuteMs = 60_000;
const at = (minute: number): number => tenMs + minute * minuteMs;

const kept = (endMinute: number, lengthS = 3_600): ClosedInterval => ({
  endMs: at(endMinute),
  lengthS,
  flags: [],
  importedWh: endMinute,
  importedRegisterWh: 1_000 + endMinute,
});
const hourly: IntervalRange = { requestId: 'r', fromMs: at(0), toMs: at(300), nowMs: at(1_000), lengthS: 3_600 };

/** `60 120? 180`: the minutes at which they end; `?` of what is missing; `|` between blocks, `length:` before each. */
function told(rows: readonly ClosedInterval[], range: Partial<IntervalRange> = {}): string {
  return intervalBlocks(rows, { ...hourly, ...range })
    .map((block) => {
      // Each can be sent.
      const read = decodeIntervals(encodeIntervals(block));
      if (!read.ok) throw new Error(read.say);
      const ends = block.intervals.map(
        ({ endMs, flags }) => `${(endMs - tenMs) / minuteMs}${flags.includes('missing') ? '?' : ''}`,
      );
      return `${block.intervalS}: ${ends.join(' ')}${block.final ? '.' : ''}`;
    })
    .join(' | ');
}

test.each<[string, readonly ClosedInterval[], Partial<IntervalRange>, string]>([
  ['all there', [kept(60), kept(120), kept(180)], { toMs: at(180) }, '3600: 60 120 180.'],
  ['one missing between', [kept(60), kept(180)], { toMs: at(180) }, '3600: 60 120? 180.'],
  ['missing before and after', [kept(120)], { toMs: at(240) }, '3600: 60? 120 180? 240?.'],
  ['nothing kept', [], { toMs: at(120) }, '3600: 60? 120?.'],
  ['what has not ended yet is not missing', [kept(60)], { nowMs: at(130) }, '3600: 60 120?.'],
  ['what is kept is told, though the clock was set back', [kept(60), kept(120)], { nowMs: at(10) }, '3600: 60 120.'],
  [
    'no beginning: from the first that is kept',
    [kept(120), kept(180)],
    { fromMs: undefined, toMs: at(180) },
    '3600: 120 180.',
  ],
  ['nothing ended', [], { toMs: at(30) }, ''],
  ['no beginning, and nothing kept', [], { fromMs: undefined, toMs: at(180) }, ''],
  ['a range between boundaries', [kept(60), kept(120)], { fromMs: at(5), toMs: at(125) }, '3600: 60 120.'],
  [
    'another length',
    [kept(60), kept(75, 900), kept(90, 900), kept(120, 900)],
    { toMs: at(130), lengthS: 900 },
    '3600: 60 | 900: 75 90 105? 120.',
  ],
  [
    'another length after a silence: from the next full hour',
    [kept(15, 900), kept(180)],
    { toMs: at(180) },
    '900: 15 30? 45? 60? | 3600: 120? 180.',
  ],
])('%s', (_, rows, range, expected) => {
  expect(told(rows, range)).toBe(expected);
});

test('long ranges come in blocks, each with the registers at its end', () => {
  const rows = Array.from({ length: 1_000 }, (_, index) => kept(60 * (index + 1)));
  const blocks = intervalBlocks(rows, { ...hourly, toMs: at(60_000), nowMs: at(60_000) });
  expect(blocks.map(({ intervals, final }) => [intervals.length, final])).toEqual([
    [maxIntervals, false],
    [1_000 - maxIntervals, true],
  ]);
  expect(blocks.map(({ importedRegisterWh }) => importedRegisterWh)).toEqual([1_000 + 60 * maxIntervals, 61_000]);
});
