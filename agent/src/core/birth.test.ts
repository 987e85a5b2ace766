import { findProfile, layOut } from '@tiepoint/hardware-profiles';
import type { Profile } from '@tiepoint/hardware-profiles';
import { deviceBirth } from '@tiepoint/protocol';
import { expect, test } from 'vitest';
import { composeBirth } from './birth.ts';

const { model } = layOut(findProfile('ami-meter-200a') as Profile);
const settings = {
  periodMs: 4_000,
  reporting: 'periodic',
  heartbeatMs: 60_000,
  thresholdsPct: [80],
  hysteresisPct: 2,
  intervalS: 900,
} as const;
const stamp = { session: 1, timeMs: 2, nextSeq: 3, readOnly: false };

test('what it says can be sent', () => {
  const { birth, leftOut } = composeBirth(model, { ...settings, title: 'Home', switchedBy: undefined }, stamp);
  expect(leftOut).toEqual([]);
  expect(deviceBirth.fromBytes(deviceBirth.toBytes(birth))).toMatchObject({
    ok: true,
    value: { ...stamp, title: 'Home', commands: ['connect', 'disconnect'], limits: { switchRatingA: 200 } },
  });
});

test.each([2e9, -5, Number.NaN, Infinity])(
  'a rating of %d W is left out and named, and the rest is told',
  (ratedPowerW) => {
    const { birth, leftOut } = composeBirth({ ...model, limits: { ratedPowerW, switchRatingA: 200 } }, settings, stamp);
    expect(leftOut).toEqual(['ratedPowerW']);
    expect(birth.limits).toEqual({ switchRatingA: 200 });
    expect(() => deviceBirth.toBytes(birth)).not.toThrow();
  },
);

test('only who reports by exception names a heartbeat', () => {
  expect(composeBirth(model, settings, stamp).birth.heartbeatMs).toBeUndefined();
  expect(composeBirth(model, { ...settings, reporting: 'by-exception' }, stamp).birth.heartbeatMs).toBe(60_000);
});

test('a meter tells how long its intervals are, and nobody else has any', () => {
  const other = layOut(findProfile('kmtronic-relay') as Profile).model;
  expect(composeBirth(model, settings, stamp).birth.intervalS).toBe(900);
  expect(composeBirth(other, settings, stamp).birth.intervalS).toBeUndefined();
});
