import { readIntervalFile } from '@tiepoint/headend/mdw/files/read-interval-file.ts';
import { expect, test } from 'vitest';
import { csvOf, greenButtonOf, tellUncounted, uncountedCustomers } from './uncounted-customers.ts';

const endMs = Date.UTC(2026, 10, 29);

test('forty customers without a meter of ours, whose files are read without a fault', async () => {
  const customers = uncountedCustomers();
  expect(customers).toHaveLength(40);
  const [first] = customers;
  if (first === undefined) throw new Error('there is none');
  for (const [text, meters] of [
    [csvOf(customers.slice(0, 3), endMs), 3],
    [greenButtonOf(first, endMs), 1],
  ] as const) {
    const read = await readIntervalFile('file', text, { timeZone: 'UTC', meter: first.point });
    expect(read.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(read.intervals).toHaveLength(meters * 40 * 24);
    const most = Math.max(...read.intervals.map(({ importWh = 0 }) => importWh));
    expect(most).toBeLessThanOrEqual(1_000 * Math.max(...customers.map(({ kw }) => kw)));
  }
});

test('what is refused is said, and nothing is sent after it', async () => {
  const asked: string[] = [];
  const ask = async (path: string): Promise<Response> => {
    asked.push(path.replace(/\?.*/, ''));
    return await Promise.resolve(new Response('no', { status: asked.length === 2 ? 400 : 200 }));
  };
  expect(await tellUncounted(ask, endMs)).toBe('What is known of customers without a meter is not taken: no');
  expect(asked).toEqual(['/api/intervals/profiles', '/api/intervals/annual']);
});
