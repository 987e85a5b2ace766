import { expect, test } from 'vitest';
import { qrPath } from './qr-path.ts';

const uri = 'otpauth://totp/Tiepoint:ann?issuer=Tiepoint&secret=JBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30';

test('draws the dark modules row by row, each run once, and leaves the quiet zone free', () => {
  const { size, path } = qrPath(uri);
  const runs = [...path.matchAll(/M(\d+) (\d+)h(\d+)v1H(\d+)z/g)].map(([, ...numbers]) => numbers.map(Number));
  expect(runs.map(([x, y, run, back]) => `M${x} ${y}h${run}v1H${back}z`).join('')).toBe(path);
  for (const [x = 0, y = 0, run = 0] of runs) {
    expect(Math.min(x, y)).toBeGreaterThanOrEqual(4);
    expect(Math.max(x + run, y + 1)).toBeLessThanOrEqual(size - 4);
  }
  // The upper edge of the two finder patterns there: seven modules each.
  const top = runs.filter(([, y]) => y === 4);
  expect(top[0]).toEqual([4, 4, 7, 4]);
  expect(top.at(-1)).toEqual([size - 11, 4, 7, size - 11]);
});
