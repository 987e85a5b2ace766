import { atRest, running } from '../../src/generator-plans.ts';
import { at, holding } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

// Every value takes two registers, the least significant word first. Register 4xxxx of the manual is address xxxx − 1.
const swapped = { wordOrder: 'little' } as const;
const kilo = { wordOrder: 'little', scale: 1000, positive: 'export' } as const;
const closedOpen = { 0: 'open', 1: 'closed' };

/**
 * Its breaker and its synchroniser are told, not ordered: what a breaker request does is programmed in the controller's own logic,
 * and no register for it is common to all. RUN and OFF are orders of the controller itself.
 */
export const baslerDgc2020Hd: Profile = {
  name: 'basler-dgc-2020hd',
  make: 'Basler Electric',
  model: 'DGC-2020HD, legacy register table',
  source:
    'Basler 9469300991 Rev A, legacy register table: 44750–44804 (page 245), status metering 1 at 44832 (249), status metering 2 at 45594 ' +
    '(266), 44848; OFF, RUN and AUTO at 43508, 43510 and 43512',
  kind: 'aas',
  capabilities: ['generation', 'breaker', 'synchroniser'],
  identify: {
    anonymous: true,
    probes: [
      // Battery 6 to 32 V in tenths; the source of the speed signal; the fixed bits 17 to 22 cannot all be set.
      { source: at('holding', 4803), type: 'int32', wordOrder: 'little', within: [60, 320] },
      { source: at('holding', 4793), type: 'uint32', wordOrder: 'little', oneOf: [1, 2, 3] },
      { source: at('holding', 4785), type: 'float32', wordOrder: 'little', within: [-1, 1] },
    ],
  },
  control: 'none',
  points: {
    activePowerW: holding(4783, 'int32', kilo),
    activePowerAW: holding(4777, 'int32', kilo),
    activePowerBW: holding(4779, 'int32', kilo),
    activePowerCW: holding(4781, 'int32', kilo),
    apparentPowerVa: holding(4775, 'int32', { wordOrder: 'little', scale: 1000 }),
    voltageV: holding(4755, 'int32', swapped),
    voltageAV: holding(4755, 'int32', swapped),
    voltageBV: holding(4757, 'int32', swapped),
    voltageCV: holding(4759, 'int32', swapped),
    currentA: holding(4763, 'int32', swapped),
    currentAA: holding(4763, 'int32', swapped),
    currentBA: holding(4765, 'int32', swapped),
    currentCA: holding(4767, 'int32', swapped),
    frequencyHz: holding(4789, 'float32', swapped),
    busVoltageV: holding(4761, 'int32', swapped),
    busFrequencyHz: holding(4791, 'float32', swapped),
    exportedEnergyWh: holding(4847, 'uint32', { wordOrder: 'little', scale: 1000, every: 'minute' }),
    operatingState: holding(4831, 'uint32', { wordOrder: 'little', bit: 13, codes: { 0: 'off', 1: 'running' } }),
    breakerState: holding(4831, 'uint32', { wordOrder: 'little', bit: 23, codes: closedOpen }),
    connection: holding(4831, 'uint32', {
      wordOrder: 'little',
      bit: 23,
      codes: { 0: 'disconnected', 1: 'connected' },
    }),
    synchroniser: [
      holding(5593, 'uint32', { wordOrder: 'little', bit: 24, codes: { 1: 'in-window' } }),
      holding(5593, 'uint32', { wordOrder: 'little', bit: 28, codes: { 0: 'idle', 1: 'synchronising' } }),
    ],
    health: holding(4831, 'uint32', { wordOrder: 'little', bit: 17, codes: { 0: 'ok', 1: 'fault' } }),
    // Written as the number 1, which the controller takes for a press of the button.
    'set:off': { source: at('holding', 3507), orders: { press: [1, 0] } },
    'set:run': { source: at('holding', 3509), orders: { press: [1, 0] } },
  },
  commands: {
    'start-generation': {
      steps: [{ do: 'write', point: 'set:run', value: { order: 'press' } }],
      proof: running,
      withinMs: 120_000,
    },
    'stop-generation': {
      steps: [{ do: 'write', point: 'set:off', value: { order: 'press' } }],
      proof: atRest,
      withinMs: 600_000,
    },
  },
};
