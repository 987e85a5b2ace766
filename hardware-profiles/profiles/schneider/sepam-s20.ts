import { at, holding } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

const tenths = { scale: 0.1 } as const;

/**
 * A feeder breaker under a relay that measures current alone. It is opened from here and never closed: nothing tells whether the
 * line behind it is dead. In direct control mode; a relay set to confirmed orders refuses.
 */
export const sepamS20: Profile = {
  name: 'schneider-sepam-s20',
  make: 'Schneider Electric',
  model: 'Sepam series 20, substation type S20',
  source:
    'Sepam series 20 user manual PCRED301005EN 06/2008, pages 5/10 (status and measurement zones), 5/11 (remote control zone at 01F0h), ' +
    "5/12 (configuration zone, FC10h); orders TC1 open and TC2 close as the maker's answer FA321623 writes them. UNCONFIRMED: logic input " +
    'I12 as the closed position, which the input assignment of the site decides',
  kind: 'meter',
  capabilities: ['breaker'],
  identify: {
    probes: [{ source: at('holding', 0xfc10), type: 'text', length: 6, startsWith: 'S20' }],
  },
  control: 'none',
  unconfirmed: ['breakerState'],
  points: {
    'identity:model': holding(0xfc10, 'text', { length: 6 }),
    'identity:firmware': holding(0xfc16, 'text', { length: 3 }),
    currentA: holding(0x0106, 'uint16', tenths),
    currentAA: holding(0x0106, 'uint16', tenths),
    currentBA: holding(0x0107, 'uint16', tenths),
    currentCA: holding(0x0108, 'uint16', tenths),
    breakerState: holding(0x0105, 'uint16', { bit: 1, codes: { 0: 'open', 1: 'closed' } }),
    'set:breakerOrder': { source: at('holding', 0x01f0), orders: { open: [1] } },
  },
  commands: {
    disconnect: {
      steps: [{ do: 'write', point: 'set:breakerOrder', value: { order: 'open' } }],
      proof: [
        { point: 'breakerState', is: 'open' },
        { point: 'currentAA', below: 2, orBelowRated: 0.01 },
        { point: 'currentBA', below: 2, orBelowRated: 0.01 },
        { point: 'currentCA', below: 2, orBelowRated: 0.01 },
      ],
      withinMs: 15_000,
    },
  },
};
