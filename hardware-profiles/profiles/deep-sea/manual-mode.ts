import { press } from '../../src/gencomm.ts';
import type { Step } from '../../src/profile.ts';

// What the plans of both families begin with.

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
