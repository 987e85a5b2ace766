import type { IntervalView } from '../../../src/api/interval-contract.ts';

/** Where a value comes from, as people say it. */
export const sourceWords: Readonly<Record<IntervalView['source'], string>> = {
  meter: 'meter',
  file: 'file',
  profile: 'load profile',
  estimate: 'estimate',
  edited: 'edited',
};

/** What a gateway, or who read a file, said of it. */
export const flagWords: Readonly<Record<IntervalView['flags'][number], string>> = {
  missing: 'gateway has none',
  partial: 'of a part only',
  'power-outage': 'outage within',
  interpolated: 'boundary interpolated',
  'clock-unsynchronised': 'clock not sure',
  'clock-set': 'clock was set',
  'register-reset': 'register reset',
  'from-power': 'summed from power',
  doubtful: 'doubtful',
};

/** What validation found. */
export const faultWords: Readonly<Record<IntervalView['faults'][number], string>> = {
  missing: 'no energy',
  negative: 'below zero',
  overlap: 'overlaps',
  duplicate: 'told twice, differently',
  time: 'wrong time',
  spike: 'spike',
  capacity: 'more than its service carries',
  'zero-with-voltage': 'zero for days',
  absurd: 'more than any service carries',
  sum: 'sum differs from register',
};
