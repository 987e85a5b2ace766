import type { CircuitResponse } from '../../../src/api/network-contract.ts';
import type { SilentMeter } from '../../../src/api/read-contract.ts';

export const switchStateWords: Readonly<Record<CircuitResponse['switches'][number]['state'], string>> = {
  open: 'open',
  closed: 'closed',
  partly: 'open on some phases',
};

export const meterStateWords: Readonly<Record<SilentMeter['state'], string>> = {
  asked: 'asked',
  answered: 'answered',
  failed: 'could not be read',
  silent: 'no answer',
  away: 'gateway not on line',
  'no-meter': 'no meter of ours',
};
