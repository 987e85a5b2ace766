import type { Point } from '../../src/profile.ts';

type Alarms = NonNullable<Point['alarmBits']>;

/** Bits of Evt1 of models 101 to 113 and of Alrm of model 701, which are the same up to 15. */
export const inverterAlarms: Alarms = {
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

/** Bits of Evt and DCEvt of model 160, and of DCAlrm of model 714: all on the side of direct current. */
export const inputAlarms: Alarms = {
  0: 'ground-fault',
  1: 'dc-fault',
  3: 'dc-fault',
  5: 'door-open',
  6: 'manual-shutdown',
  7: 'over-temperature',
  12: 'blown-fuse',
  13: 'under-temperature',
  14: 'memory-failure',
  15: 'dc-fault',
  20: 'device-alarm',
  21: 'dc-fault',
  22: 'dc-fault',
};

/** Bits of PrtAlrms of model 714: one of the first sixteen ports has an alarm, which its own DCAlrm tells. */
export const portAlarms: Alarms = {
  0: 'dc-fault',
  1: 'dc-fault',
  2: 'dc-fault',
  3: 'dc-fault',
  4: 'dc-fault',
  5: 'dc-fault',
  6: 'dc-fault',
  7: 'dc-fault',
  8: 'dc-fault',
  9: 'dc-fault',
  10: 'dc-fault',
  11: 'dc-fault',
  12: 'dc-fault',
  13: 'dc-fault',
  14: 'dc-fault',
  15: 'dc-fault',
};

/** Bits of Evt1 of model 802 and of StrEvt1 of model 803, which differ in what they reserve only. Warnings are not alarms. */
export const batteryAlarms: Alarms = {
  0: 'communication-failure',
  1: 'over-temperature',
  3: 'under-temperature',
  5: 'over-current',
  7: 'over-current',
  9: 'over-voltage',
  11: 'under-voltage',
  13: 'battery-low',
  15: 'device-alarm',
  18: 'device-alarm',
  20: 'switch-failure',
  21: 'device-alarm',
  22: 'ground-fault',
  23: 'door-open',
  25: 'device-alarm',
  28: 'device-alarm',
};
