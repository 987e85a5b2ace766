import type { Point } from '../../src/profile.ts';

/** Bits of Evt1 of models 101 to 113 and of Alrm of model 701, which are the same up to 15. */
export const inverterAlarms: NonNullable<Point['alarmBits']> = {
  0: 'ground-fault',
  1: 'dc-fault',
  2: 'ac-disconnected',
  3: 'dc-fault',
  4: 'ac-disconnected',
  5: 'door-open',
  6: 'manual-shutdown',
  7: 'over-temperature',
  8: 'over-frequency',
  9: 'under-frequency',
  10: 'over-voltage',
  11: 'under-voltage',
  12: 'blown-fuse',
  13: 'under-temperature',
  14: 'memory-failure',
  15: 'device-alarm',
  16: 'device-alarm',
};
