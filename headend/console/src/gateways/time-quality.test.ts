import { expect, test } from 'vitest';
import { latestTimeQuality } from './time-quality.ts';

test.each([
  { rows: [], quality: undefined },
  { rows: [{ timeQuality: 'unknown', measuredAtMs: 1 }], quality: undefined },
  {
    rows: [{ timeQuality: 'unknown', measuredAtMs: 1 }, { timeQuality: 'synchronised', measuredAtMs: 2 }, {}],
    quality: 'synchronised',
  },
  {
    rows: [
      { timeQuality: 'synchronised', measuredAtMs: 1 },
      { timeQuality: 'unknown', measuredAtMs: 2 },
    ],
    quality: undefined,
  },
] as const)('$rows', ({ rows, quality }) => expect(latestTimeQuality(rows)).toBe(quality));
