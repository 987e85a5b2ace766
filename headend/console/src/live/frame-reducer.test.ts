import { expect, test } from 'vitest';
import type { CommandView, EventRow, FleetRow, TransitionView } from '../../../src/api/contract.ts';
import { applyRowDelta, mergeCommand, mergeEvents } from './frame-reducer.ts';

const row = {
  id: 'gw.pv',
  title: 'PV',
  liveness: 'live',
  stale: false,
  activePowerW: 100,
  alarms: ['low-fuel'],
} as unknown as FleetRow;

test('only what changed is replaced, and null makes a value unknown', () => {
  expect(applyRowDelta(row, { id: 'gw.pv', activePowerW: 120 })).toEqual({ ...row, activePowerW: 120 });
  expect(applyRowDelta(row, { id: 'gw.pv', activePowerW: null })).not.toHaveProperty('activePowerW');
  expect(applyRowDelta(row, { id: 'gw.pv', activePowerW: 0 }).activePowerW).toBe(0);
});

test.each([{}, { activePowerW: 100 }, { alarms: ['low-fuel'] as const }, { voltageV: null }])(
  '%j changes nothing: the row is the same object',
  (delta) => {
    expect(applyRowDelta(row, { id: 'gw.pv', ...delta })).toBe(row);
  },
);

test('the first delta of a device makes its row', () => {
  expect(applyRowDelta(undefined, { ...row, voltageV: null })).toEqual(row);
});

const view = (state: CommandView['state'], updatedAtMs: number, final = false): CommandView =>
  ({ id: 'c1', state, updatedAtMs, final }) as CommandView;
const step = (ordinal: number, state: CommandView['state']): TransitionView => ({
  ordinal,
  state,
  atMs: ordinal,
  by: 'agent',
  measured: [],
});

test('steps come once, in order; an older view never replaces a newer one', () => {
  let track = mergeCommand(undefined, view('sent', 2), [step(1, 'sent')]);
  track = mergeCommand(track, view('confirmed', 9, true), [step(4, 'confirmed')]);
  track = mergeCommand(track, view('executing', 5), [step(3, 'executing'), step(1, 'sent')]);
  expect(track.view.state).toBe('confirmed');
  expect(track.transitions.map(({ ordinal }) => ordinal)).toEqual([1, 3, 4]);
  expect(mergeCommand(track, view('confirmed', 9, true), [step(4, 'confirmed')])).toBe(track);
});

test('two steps in one millisecond: a state that is not final gives way, a final one stays', () => {
  const accepted = mergeCommand(undefined, view('accepted', 5), []);
  expect(mergeCommand(accepted, view('executing', 5), []).view.state).toBe('executing');
  const done = mergeCommand(undefined, view('failed', 5, true), []);
  expect(mergeCommand(done, view('executing', 5), []).view.state).toBe('failed');
});

const event = (seq: number): EventRow => ({ seq }) as EventRow;

test('events are newest first, each once, and bounded', () => {
  expect(mergeEvents([event(3), event(1)], [event(2), event(4), event(3)], 3).map(({ seq }) => seq)).toEqual([4, 3, 2]);
  const before = [event(3)];
  expect(mergeEvents(before, [event(3)], 3)).toBe(before);
});
