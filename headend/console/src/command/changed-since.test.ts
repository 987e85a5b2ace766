import { expect, test } from 'vitest';
import type { CommandState, Measurement } from '@tiepoint/protocol';
import type { FleetRow } from '../../../src/api/contract.ts';
import { changedSince } from './changed-since.ts';

const closed: readonly Measurement[] = [
  { point: 'switchState', word: 'closed', expected: 'open', met: 'no' },
  { point: 'currentA', value: 3, unit: 'A', met: 'no' },
];
const row = { stale: false, measuredAtMs: 2_000, switchState: 'open', currentA: 0 } as FleetRow;

test.each<{
  name: string;
  state?: CommandState;
  measured?: readonly Measurement[];
  now?: Partial<FleetRow>;
  says: string[];
}>([
  { name: 'opened since', says: ['the switch reads open'] },
  { name: 'failed, and opened since', state: 'failed', says: ['the switch reads open'] },
  { name: 'as it was', now: { switchState: 'closed' }, says: [] },
  { name: 'was not known', measured: [{ point: 'switchState', met: 'unknown' }], says: ['the switch reads open'] },
  { name: 'confirmed', state: 'confirmed', says: [] },
  { name: 'nothing live', now: { stale: true }, says: [] },
  { name: 'nothing measured since', now: { measuredAtMs: 1_000 }, says: [] },
])('$name', ({ state = 'unconfirmed', measured = closed, now = {}, says }) => {
  const changed = changedSince({ state, measured, updatedAtMs: 1_000 }, { ...row, ...now });
  expect(changed.map(({ say }) => say)).toEqual(says);
});
