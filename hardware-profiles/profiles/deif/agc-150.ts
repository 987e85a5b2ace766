import {
  atRest,
  breakerOpen,
  breakerOpenFirst,
  busLiveFirst,
  closedOntoBus,
  noCurrent,
  running,
  startedFirst,
  untilSynchronised,
} from '../../src/generator-plans.ts';
import { at, input } from '../../src/point-notation.ts';
import type { Condition, Profile, Step } from '../../src/profile.ts';

const kilo = { scale: 1000, positive: 'export' } as const;
const hundredths = { scale: 0.01 } as const;

const isSemiAuto: Step = {
  do: 'require',
  that: [{ point: 'set:mode', is: 'semi-auto' }],
  reason: 'local',
  say: 'The controller is not in SEMI-AUTO: it obeys no orders. Put it into SEMI-AUTO on site.',
};
const closeOntoBus: readonly Step[] = [
  isSemiAuto,
  breakerOpenFirst,
  startedFirst(running),
  busLiveFirst,
  { do: 'write', point: 'set:generatorBreakerOn', value: { order: 'press' } },
  untilSynchronised,
];
const closed: readonly Condition[] = [...closedOntoBus, { point: 'operatingState', is: 'running' }];

/** A set that synchronises by itself. Its measurements are published; its state bits and orders are those of its family, and unconfirmed. */
export const deifAgc150: Profile = {
  name: 'deif-agc-150',
  make: 'DEIF',
  model: 'AGC 150 Generator',
  source:
    'Measurement table 501–576 of AGC options H2/H9 (4189340442) as published by a register library; 504–506, 507, 519, 1018 bit 6 and the ' +
    'model text at 770 as a public driver for the AGC 150 reads them. UNCONFIRMED: breaker and mode bits and the command flags, taken from ' +
    "the family's manual 4189340483 (pages 22 and 27)",
  kind: 'aas',
  capabilities: ['generation', 'breaker', 'synchroniser'],
  identify: {
    probes: [
      { source: at('input', 770), type: 'text', length: 2, startsWith: 'AGC' },
      { source: at('input', 538), type: 'int16', within: [-100, 100] },
    ],
  },
  control: 'none',
  unconfirmed: [
    'breakerState',
    'connection',
    'synchroniser',
    'set:mode',
    'set:start',
    'set:stop',
    'set:generatorBreakerOn',
    'set:generatorBreakerOff',
  ],
  points: {
    activePowerW: input(519, 'int16', kilo),
    activePowerAW: input(516, 'int16', kilo),
    activePowerBW: input(517, 'int16', kilo),
    activePowerCW: input(518, 'int16', kilo),
    reactivePowerVar: input(523, 'int16', { scale: 1000 }),
    apparentPowerVa: input(527, 'uint16', { scale: 1000 }),
    // Between phases, as the bus is told: the two are compared when it synchronises.
    voltageV: input(501, 'uint16'),
    voltageAV: input(504, 'uint16'),
    voltageBV: input(505, 'uint16'),
    voltageCV: input(506, 'uint16'),
    currentA: input(513, 'uint16'),
    currentAA: input(513, 'uint16'),
    currentBA: input(514, 'uint16'),
    currentCA: input(515, 'uint16'),
    frequencyHz: input(507, 'uint16', hundredths),
    busVoltageV: input(539, 'uint16'),
    busFrequencyHz: input(545, 'uint16', hundredths),
    operatingState: input(1018, 'uint16', { bit: 6, codes: { 0: 'off', 1: 'running' } }),
    breakerState: input(1018, 'uint16', { bit: 4, codes: { 0: 'open', 1: 'closed' } }),
    connection: input(1018, 'uint16', { bit: 4, codes: { 0: 'disconnected', 1: 'connected' } }),
    synchroniser: input(1019, 'uint16', { bit: 1, codes: { 0: 'idle', 1: 'enabled' } }),
    'set:mode': [
      input(1019, 'uint16', { bit: 1, codes: { 1: 'semi-auto' } }),
      input(1019, 'uint16', { bit: 3, codes: { 1: 'automatic' } }),
    ],
    'set:start': { source: at('coil', 1), orders: { press: [1] } },
    'set:generatorBreakerOn': { source: at('coil', 2), orders: { press: [1] } },
    'set:generatorBreakerOff': { source: at('coil', 3), orders: { press: [1] } },
    'set:stop': { source: at('coil', 4), orders: { press: [1] } },
  },
  commands: {
    'start-generation': {
      steps: [isSemiAuto, { do: 'write', point: 'set:start', value: { order: 'press' } }],
      proof: running,
      withinMs: 120_000,
    },
    'stop-generation': {
      steps: [isSemiAuto, { do: 'write', point: 'set:stop', value: { order: 'press' } }],
      proof: atRest,
      withinMs: 600_000,
    },
    'activate-synchronization': { steps: closeOntoBus, proof: closed, withinMs: 10_000 },
    connect: { steps: closeOntoBus, proof: closed, withinMs: 10_000 },
    disconnect: {
      steps: [isSemiAuto, { do: 'write', point: 'set:generatorBreakerOff', value: { order: 'press' } }],
      proof: [breakerOpen, ...noCurrent],
      withinMs: 60_000,
    },
  },
};
