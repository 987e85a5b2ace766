import { press } from '../../src/gencomm.ts';
import type { Condition, Step } from '../../src/profile.ts';

// What the plans of both families begin with, and what they must have measured.

export const notInUse: Step = {
  do: 'require',
  that: [{ point: 'set:mode', is: ['stop', 'auto', 'manual', 'auto-manual-restore'] }],
  reason: 'local',
  say: 'Somebody tests or configures the module on site: ask there, and have it put back to auto or stop.',
};
export const toManual: readonly Step[] = [
  press('manual'),
  {
    do: 'await',
    until: [{ point: 'set:mode', is: 'manual' }],
    withinMs: 5_000,
    say: 'The module did not go to manual mode.',
    otherwise: 'not-moved',
  },
];
// Wide enough for 50 and 60 Hz; the narrow window is the module's own synchroniser's.
export const stable: readonly Condition[] = [
  { point: 'operatingState', is: 'running' },
  { point: 'voltageV', above: 90 },
  { point: 'frequencyHz', above: 45 },
  { point: 'frequencyHz', below: 66 },
];
export const breakerOpen: Condition = { point: 'breakerState', is: 'open' };
export const noCurrent: readonly Condition[] = [
  { point: 'currentA', below: 2, orBelowRated: 0.01 },
  { point: 'activePowerW', below: 500, orBelowRated: 0.01 },
];
