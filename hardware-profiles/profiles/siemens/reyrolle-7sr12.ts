import { at, coil } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

/**
 * An overcurrent and auto-reclose relay as a switch of the distribution network: its state and its LOCAL/REMOTE, and the order to
 * open. Never closed from here: its default map shows no voltage behind the breaker. The map can be changed with the maker's tool.
 */
export const reyrolle7sr12: Profile = {
  name: 'siemens-reyrolle-7sr12',
  make: 'Siemens',
  model: 'Reyrolle 7SR12 Argus, default point list',
  source:
    'Siemens 7SR120 technical manual 2017, chapter 4, point list 4.3.1: coils 00109 CB 1, 00155 remote, 00157 local, 00158 local and ' +
    'remote, 00180 CB 1 opened, 00181 CB 1 closed. UNCONFIRMED: that reading these coils tells the state, and that 0 in CB 1 opens',
  kind: 'meter',
  capabilities: ['breaker'],
  identify: {
    anonymous: true,
    probes: [
      { source: at('coil', 108), type: 'bit', within: [0, 1] },
      { source: at('coil', 154), type: 'bit', within: [0, 1] },
      { source: at('coil', 180), type: 'bit', within: [0, 1] },
    ],
  },
  control: 'point',
  unconfirmed: ['breakerState', 'control', 'set:breakerOrder'],
  points: {
    breakerState: [coil(180, { codes: { 1: 'closed' } }), coil(179, { codes: { 1: 'open' } })],
    control: [
      coil(154, { codes: { 1: 'remote' } }),
      coil(157, { codes: { 1: 'remote' } }),
      coil(156, { codes: { 1: 'local' } }),
    ],
    'set:breakerOrder': { source: at('coil', 108), orders: { open: [0] } },
  },
  commands: {
    disconnect: {
      steps: [
        {
          do: 'require',
          that: [{ point: 'control', is: 'remote' }],
          reason: 'local',
          say: 'The relay is in LOCAL: switch it to REMOTE on site.',
        },
        { do: 'write', point: 'set:breakerOrder', value: { order: 'open' } },
      ],
      proof: [{ point: 'breakerState', is: 'open' }],
      withinMs: 15_000,
    },
  },
};
