import { expect, test } from 'vitest';
import { demonstrationNetwork } from '../network/demonstration-network.ts';
import { readTown, townConcentrators } from './town-meters.ts';

test('every smart meter of the town stands behind one concentrator', () => {
  const concentrators = townConcentrators();
  const serials = concentrators.flatMap(({ serialNumbers }) => serialNumbers);
  const named = [...demonstrationNetwork().usagePoints.values()].flatMap(({ meter }) => meter ?? []);
  expect(serials.toSorted()).toEqual(named.toSorted());
  expect(new Set(serials).size).toBe(serials.length);
  expect(serials.length).toBeGreaterThan(2_400);
  for (const { serialNumbers } of concentrators) expect(serialNumbers.length).toBeLessThanOrEqual(500);
});

test('what the warehouse does not take is told, and not that it was read', async () => {
  const asked: string[] = [];
  const ask = async (path: string, init?: RequestInit): Promise<Response> => {
    asked.push(`${init?.method ?? 'GET'} ${path}`);
    if (path === '/api/health') return await Promise.resolve(Response.json({ devices: { live: 3 } }));
    return await Promise.resolve(Response.json({ progress: { state: 'running', landingFails: 'the disk is full' } }));
  };
  expect(await readTown({ url: '', ask }, 3, () => false)).toBe('The warehouse takes nothing: the disk is full');
  expect(asked).toEqual(['GET /api/health', 'POST /api/night-read', 'GET /api/night-read']);
});
