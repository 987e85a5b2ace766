import { expect, test } from 'vitest';
import { findProfile } from '@tiepoint/hardware-profiles';
import type { Profile } from '@tiepoint/hardware-profiles';
import { planItems } from './plan.ts';

function profileOf(name: string): Profile {
  const profile = findProfile(name);
  if (profile === undefined) throw new Error(`there is no profile ${name}`);
  return profile;
}

test.each<{ profile: string; kinds: readonly string[] }>([
  { profile: 'eastron-sdm630', kinds: ['ident', 'nameplate', 'plausibility', 'ct'] },
  { profile: 'ami-meter-200a', kinds: ['ident', 'nameplate', 'plausibility', 'ct', 'switch'] },
  { profile: 'kmtronic-relay', kinds: ['ident', 'nameplate', 'relays'] },
  {
    profile: 'sunspec-inverter',
    kinds: ['ident', 'nameplate', 'plausibility', 'ct', 'enter-service', 'limit', 'threshold', 'switch'],
  },
  {
    profile: 'deepsea-genset',
    kinds: [
      'ident',
      'nameplate',
      'plausibility',
      'ct',
      'enter-service',
      'sync-settings',
      'threshold',
      'start-stop',
      'sync-check',
      'synchronise',
    ],
  },
])('what is done at a $profile', ({ profile, kinds }) => {
  const plan = planItems([{ id: 'd', profile: profileOf(profile) }], { readOnly: false });
  expect(plan.map(({ kind }) => kind)).toEqual([...kinds, 'link-loss', 'cadence']);
  expect(new Set(plan.map(({ id }) => id)).size).toBe(plan.length);
});

test('what moves a device warns first, and a read-only gateway moves none', () => {
  const devices = ['ami-meter-200a', 'sunspec-der', 'deepsea-genset', 'kmtronic-relay'].map((name, i) => ({
    id: `d${i}`,
    profile: profileOf(name),
  }));
  const moving = ['switch', 'relays', 'start-stop', 'sync-check', 'synchronise', 'limit', 'threshold', 'link-loss'];
  for (const { kind, warning } of planItems(devices, { readOnly: false }))
    expect(warning !== undefined, kind).toBe(moving.includes(kind));
  const looking = planItems(devices, { readOnly: true });
  expect(looking.filter(({ kind }) => moving.includes(kind)).map(({ kind }) => kind)).toEqual(['link-loss']);
});

test.each([
  { profile: 'ami-meter-200a', warning: /^Opens the service switch/ },
  { profile: 'sel-751a', warning: /^Opens the breaker: the whole line/ },
  { profile: 'sunspec-inverter', warning: /^Takes this source off/ },
])('before $profile is switched, the technician reads $warning', ({ profile, warning }) => {
  const plan = planItems([{ id: 'd', profile: profileOf(profile) }], { readOnly: false });
  expect(plan.find(({ kind }) => kind === 'switch')?.warning).toMatch(warning);
});

test('the switch before a source is tried after the source', () => {
  const plan = planItems(
    [
      { id: 'meter', profile: profileOf('ami-meter-200a') },
      { id: 'pv', profile: profileOf('sunspec-inverter') },
    ],
    { readOnly: false },
  ).map(({ id }) => id);
  expect(plan.indexOf('meter/switch')).toBeGreaterThan(plan.indexOf('pv/limit'));
});
