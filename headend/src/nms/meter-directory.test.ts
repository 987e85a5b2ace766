import { expect, test } from 'vitest';
import { MeterDirectory } from './meter-directory.ts';

type Told = { key: string; serialNumber?: string; kind?: 'meter' | 'aas' };

function directory(told: readonly Told[], orders: Record<string, string> = {}): MeterDirectory {
  return new MeterDirectory({
    twins: () =>
      told.map(({ key, kind = 'meter', serialNumber }) => ({
        key,
        birth: { kind, ...(serialNumber === undefined ? {} : { serialNumber }) },
      })),
    orderedSerial: (key) => orders[key],
  });
}

test.each<readonly [string, readonly Told[], Record<string, string>, Record<string, string | undefined>]>([
  ['the number that it tells', [{ key: 'g.m', serialNumber: 'S-1' }], {}, { 'S-1': 'g.m', 'g.m': 'g.m' }],
  ['its key where it tells none', [{ key: 'g.m' }], {}, { 'g.m': 'g.m' }],
  [
    'what was ordered, whatever it says',
    [{ key: 'g.m', serialNumber: 'S-9' }],
    { 'g.m': 'S-1' },
    { 'S-1': 'g.m', 'S-9': undefined },
  ],
  [
    'neither of two that say the same',
    [
      { key: 'g.m', serialNumber: 'S-1' },
      { key: 'h.m', serialNumber: 'S-1' },
    ],
    {},
    { 'S-1': undefined, 'g.m': 'g.m', 'h.m': 'h.m' },
  ],
  [
    'the one that was ordered, of two that say the same',
    [
      { key: 'g.m', serialNumber: 'S-1' },
      { key: 'h.m', serialNumber: 'S-1' },
    ],
    { 'h.m': 'S-1' },
    { 'S-1': 'h.m' },
  ],
  [
    'no source for a meter',
    [{ key: 'g.pv', kind: 'aas', serialNumber: 'S-1' }],
    {},
    { 'S-1': undefined, 'g.pv': undefined },
  ],
])('a number names %s', (_, told, orders, expected) => {
  const meters = directory(told, orders);
  for (const [name, key] of Object.entries(expected)) expect(meters.deviceOf(name), name).toBe(key);
});

test('a device has one name, by which its values are kept', () => {
  const meters = directory([{ key: 'g.m', serialNumber: 'S-1' }, { key: 'g.n' }]);
  expect([...meters.all()]).toEqual([
    ['S-1', 'g.m'],
    ['g.n', 'g.n'],
  ]);
  expect(meters.nameOf('g.m')).toBe('S-1');
});

test('it looks again when something changed', () => {
  const told: Told[] = [];
  const meters = directory(told);
  expect(meters.deviceOf('S-1')).toBeUndefined();
  told.push({ key: 'g.m', serialNumber: 'S-1' });
  expect(meters.deviceOf('S-1')).toBeUndefined();
  meters.changed();
  expect(meters.deviceOf('S-1')).toBe('g.m');
});
