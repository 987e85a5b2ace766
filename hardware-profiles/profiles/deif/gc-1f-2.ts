import { atRest, breakerOpen, mainsDeadFirst, noCurrent, running, startedFirst } from '../../src/generator-plans.ts';
import { at, input } from '../../src/point-notation.ts';
import type { Profile, Step } from '../../src/profile.ts';

const kilo = { scale: 1000, positive: 'export' } as const;
// The manual says Hz/100; units in the field tell Hz/10. Only one of the two readings can be the frequency of a network.
const hundredths = { scale: 0.01, plausible: [40, 70] } as const;
const tenths = { scale: 0.1, plausible: [40, 70] } as const;

const notInUse: Step = {
  do: 'require',
  that: [{ point: 'set:mode', is: ['manual', 'automatic'] }],
  reason: 'local',
  say: 'The controller is in OFF or TEST: somebody works there. Have it put back to auto or manual.',
};
const toManual: readonly Step[] = [
  { do: 'write', point: 'set:manualMode', value: { order: 'press' } },
  {
    do: 'await',
    until: [{ point: 'set:mode', is: 'manual' }],
    withinMs: 5_000,
    say: 'The controller did not go to manual mode',
    otherwise: 'not-moved',
  },
];
const deadMains = mainsDeadFirst('controller');

/** A standby set that takes a load over from a dead mains. It cannot synchronise: its breaker closes only with the mains off and dead. */
export const deifGc1f2: Profile = {
  name: 'deif-gc-1f-2',
  make: 'DEIF',
  model: 'GC-1F/2',
  source:
    'DEIF 4189340483F, GC-1F option H2: measurement table (pages 13–16), alarm and status table (17–25), command flags (27); ' +
    'frequency in tenths as a public driver found it. UNCONFIRMED at each site: that the mains is wired to be measured; not wired, it ' +
    'reads 0 V and would pass for dead',
  kind: 'aas',
  capabilities: ['generation', 'breaker'],
  identify: {
    probes: [
      // Supply voltage 6 to 36 V, cos phi, and a mode word in which bits 11 to 14 are not used.
      { source: at('input', 567), type: 'uint16', within: [60, 360] },
      { source: at('input', 538), type: 'int16', within: [-99, 100] },
      { source: at('input', 507), type: 'uint16', within: [0, 7000] },
      { source: at('input', 1019), type: 'uint16', within: [1, 0x87ff] },
    ],
  },
  control: 'none',
  unconfirmed: ['busVoltageV'],
  points: {
    activePowerW: input(519, 'int16', kilo),
    activePowerAW: input(516, 'int16', kilo),
    activePowerBW: input(517, 'int16', kilo),
    activePowerCW: input(518, 'int16', kilo),
    reactivePowerVar: input(523, 'int16', { scale: 1000 }),
    apparentPowerVa: input(527, 'int16', { scale: 1000 }),
    voltageV: input(504, 'uint16'),
    voltageAV: input(504, 'uint16'),
    voltageBV: input(505, 'uint16'),
    voltageCV: input(506, 'uint16'),
    currentA: input(513, 'uint16'),
    currentAA: input(513, 'uint16'),
    currentBA: input(514, 'uint16'),
    currentCA: input(515, 'uint16'),
    frequencyHz: [input(507, 'uint16', hundredths), input(507, 'uint16', tenths)],
    busVoltageV: input(542, 'uint16'),
    busFrequencyHz: [input(545, 'uint16', hundredths), input(545, 'uint16', tenths)],
    exportedEnergyWh: input(536, 'uint32', { scale: 1000, every: 'minute' }),
    operatingState: input(1018, 'uint16', { bit: 6, codes: { 0: 'off', 1: 'running' } }),
    breakerState: input(1018, 'uint16', { bit: 4, codes: { 0: 'open', 1: 'closed' } }),
    connection: input(1018, 'uint16', { bit: 4, codes: { 0: 'disconnected', 1: 'connected' } }),
    alarms: [
      input(1000, 'uint16', {
        alarmBits: {
          3: 'over-current',
          4: 'over-current',
          9: 'over-current',
          10: 'over-current',
          11: 'over-voltage',
          12: 'over-voltage',
          13: 'under-voltage',
          14: 'under-voltage',
        },
      }),
      input(1001, 'uint16', {
        alarmBits: { 0: 'over-frequency', 1: 'over-frequency', 3: 'under-frequency', 4: 'under-frequency' },
      }),
      input(1005, 'uint16', {
        alarmBits: {
          3: 'device-alarm',
          4: 'breaker-failure',
          5: 'breaker-failure',
          6: 'breaker-failure',
          7: 'breaker-failure',
          8: 'breaker-failure',
          9: 'breaker-failure',
        },
      }),
      input(1010, 'uint16', { alarmBits: { 12: 'emergency-stop' } }),
      input(1013, 'uint16', {
        alarmBits: { 9: 'device-alarm', 10: 'device-alarm', 11: 'low-fuel', 15: 'fail-to-start' },
      }),
      input(1014, 'uint16', { alarmBits: { 0: 'device-alarm', 1: 'battery-low' } }),
    ],
    'set:mode': [
      input(1019, 'uint16', { bit: 1, codes: { 1: 'manual' } }),
      input(1019, 'uint16', { bit: 3, codes: { 1: 'automatic' } }),
      input(1019, 'uint16', { bit: 4, codes: { 1: 'test' } }),
      input(1019, 'uint16', { bit: 0, codes: { 1: 'off' } }),
    ],
    'set:mainsBreaker': input(1018, 'uint16', { bit: 1, codes: { 0: 'open', 1: 'closed' } }),
    'set:mainsVoltageBV': input(543, 'uint16'),
    'set:mainsVoltageCV': input(544, 'uint16'),
    // Command flags: by function 15 only, not readable, reset by the controller.
    'set:start': { source: at('coil', 1), orders: { press: [1] }, singleWrite: false },
    'set:generatorBreakerOn': { source: at('coil', 2), orders: { press: [1] }, singleWrite: false },
    'set:generatorBreakerOff': { source: at('coil', 3), orders: { press: [1] }, singleWrite: false },
    'set:stop': { source: at('coil', 4), orders: { press: [1] }, singleWrite: false },
    'set:manualMode': { source: at('coil', 28), orders: { press: [1] }, singleWrite: false },
  },
  commands: {
    'start-generation': {
      steps: [notInUse, ...toManual, { do: 'write', point: 'set:start', value: { order: 'press' } }],
      proof: running,
      withinMs: 120_000,
    },
    'stop-generation': {
      steps: [...toManual, { do: 'write', point: 'set:stop', value: { order: 'press' } }],
      proof: atRest,
      withinMs: 600_000,
    },
    connect: {
      steps: [
        notInUse,
        {
          do: 'require',
          that: [breakerOpen, { point: 'set:mainsBreaker', is: 'open' }],
          reason: 'state-unknown',
          say: 'Generator and mains breaker do not both read open.',
        },
        deadMains,
        startedFirst(running),
        ...toManual,
        // It may have come back meanwhile.
        deadMains,
        { do: 'write', point: 'set:generatorBreakerOn', value: { order: 'press' } },
      ],
      proof: [{ point: 'breakerState', is: 'closed' }, ...running],
      withinMs: 15_000,
    },
    disconnect: {
      steps: [...toManual, { do: 'write', point: 'set:generatorBreakerOff', value: { order: 'press' } }],
      proof: [breakerOpen, ...noCurrent],
      withinMs: 60_000,
    },
  },
};
