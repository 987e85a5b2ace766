import { gencomm, keyRegister, namedAlarm, offers, press, support } from '../../src/gencomm.ts';
import { atRest, breakerOpen, mainsDeadFirst, noCurrent, running, startedFirst } from '../../src/generator-plans.ts';
import { at } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';
import { notInUse, toManual } from './manual-mode.ts';
import { unconfirmed } from './unconfirmed.ts';

const deadMains = mainsDeadFirst('module');

/**
 * A standby set that changes a load over from a dead mains and cannot synchronise. The sum of power is that of phase A where the
 * module has one phase only. Which model of the family it is, no published register tells; configuration must name the profile.
 */
export const deepSeaGenset73xx: Profile = {
  name: 'deepsea-genset-73xx',
  make: 'Deep Sea Electronics',
  model: 'DSE 7310, 7320, 7410 and 7420, GenComm',
  source:
    'GenComm pages 3–7, 16 and 154 as public drivers tell them; 1024–1080 and 1800 for DSE 7310 and 7320 as a public register library ' +
    'publishes them. UNCONFIRMED: the state of the generator contactor (configurable page 166), alarm places from register 39427 on; and at each site, that the mains is wired ' +
    'to be measured: not wired, it reads 0 V and would pass for dead',
  kind: 'aas',
  capabilities: ['generation', 'breaker'],
  identify: {
    anonymous: true,
    probes: [
      { source: at('holding', 768), type: 'uint16', equals: 1 },
      // Battery 6 to 36 V in tenths; the engine's state.
      { source: at('holding', 1029), type: 'uint16', within: [60, 360] },
      { source: at('holding', 1408), type: 'uint16', within: [0, 6] },
    ],
  },
  control: 'none',
  unconfirmed: ['breakerState', 'connection', 'busVoltageV'],
  points: {
    'identity:serialNumber': gencomm(770, 'uint32'),
    activePowerW: gencomm(1536, 'int32', { positive: 'export' }),
    activePowerAW: gencomm(1052, 'int32', { positive: 'export' }),
    activePowerBW: gencomm(1054, 'int32', { positive: 'export' }),
    activePowerCW: gencomm(1056, 'int32', { positive: 'export' }),
    voltageV: gencomm(1032, 'uint32', { scale: 0.1 }),
    voltageAV: gencomm(1032, 'uint32', { scale: 0.1 }),
    voltageBV: gencomm(1034, 'uint32', { scale: 0.1 }),
    voltageCV: gencomm(1036, 'uint32', { scale: 0.1 }),
    currentA: gencomm(1044, 'uint32', { scale: 0.1 }),
    currentAA: gencomm(1044, 'uint32', { scale: 0.1 }),
    currentBA: gencomm(1046, 'uint32', { scale: 0.1 }),
    currentCA: gencomm(1048, 'uint32', { scale: 0.1 }),
    frequencyHz: gencomm(1031, 'uint16', { scale: 0.1 }),
    busVoltageV: gencomm(1060, 'uint32', { scale: 0.1 }),
    busFrequencyHz: gencomm(1059, 'uint16', { scale: 0.1 }),
    exportedEnergyWh: gencomm(1800, 'uint32', { scale: 100, every: 'minute' }),
    fuelPct: gencomm(1027, 'uint16', { every: 'minute' }),
    operatingState: gencomm(1408, 'uint16', {
      codes: { 0: 'off', 1: 'starting', 2: 'starting', 3: 'running', 4: 'stopping', 5: 'off', 6: 'off' },
    }),
    breakerState: gencomm(unconfirmed.generatorClosed, 'uint16', { codes: { 0: 'open', 1: 'closed' } }),
    connection: gencomm(unconfirmed.generatorClosed, 'uint16', { codes: { 0: 'disconnected', 1: 'connected' } }),
    // Page 3 register 6: control unit failure, shutdown alarm, electrical trip, warning.
    health: [
      gencomm(774, 'uint16', { bit: 13, codes: { 1: 'fault' } }),
      gencomm(774, 'uint16', { bit: 12, codes: { 1: 'fault' } }),
      gencomm(774, 'uint16', { bit: 11, codes: { 1: 'fault' } }),
      gencomm(774, 'uint16', { bit: 10, codes: { 0: 'ok', 1: 'warning' } }),
    ],
    alarms: [
      namedAlarm(1, 0, 'emergency-stop'),
      namedAlarm(1, 1, 'low-oil-pressure'),
      namedAlarm(1, 2, 'high-coolant-temperature'),
      namedAlarm(2, 2, 'fail-to-start'),
      namedAlarm(3, 1, 'under-voltage'),
      namedAlarm(3, 2, 'over-voltage'),
      namedAlarm(3, 3, 'under-frequency'),
      namedAlarm(4, 0, 'over-frequency'),
      namedAlarm(4, 1, 'over-current'),
    ],
    'set:mainsVoltageBV': gencomm(1062, 'uint32', { scale: 0.1 }),
    'set:mainsVoltageCV': gencomm(1064, 'uint32', { scale: 0.1 }),
    'set:key': keyRegister,
    'set:mode': gencomm(772, 'uint16', {
      codes: {
        0: 'stop',
        1: 'auto',
        2: 'manual',
        3: 'test-on-load',
        4: 'auto-manual-restore',
        5: 'user-configuration',
        6: 'test-off-load',
        7: 'off',
      },
    }),
    'set:supports-stop': support('stop'),
    'set:supports-manual': support('manual'),
    'set:supports-start': support('start'),
    'set:supports-toGenerator': support('toGenerator'),
    'set:supports-toMains': support('toMains'),
  },
  commands: {
    'start-generation': {
      steps: [notInUse, offers('manual', 'start'), ...toManual, press('start')],
      proof: running,
      withinMs: 120_000,
    },
    'stop-generation': {
      // The stop key opens the contactor and stops at once, without a cooling run.
      steps: [offers('stop'), press('stop')],
      proof: atRest,
      withinMs: 120_000,
    },
    connect: {
      steps: [
        notInUse,
        offers('manual', 'toGenerator'),
        {
          do: 'require',
          that: [breakerOpen],
          reason: 'state-unknown',
          say: 'The generator contactor does not read open.',
        },
        deadMains,
        startedFirst(running),
        ...toManual,
        // It may have come back meanwhile.
        deadMains,
        press('toGenerator'),
      ],
      proof: [{ point: 'breakerState', is: 'closed' }, ...running],
      withinMs: 30_000,
    },
    disconnect: {
      steps: [offers('manual', 'toMains'), ...toManual, press('toMains')],
      proof: [breakerOpen, ...noCurrent],
      withinMs: 60_000,
    },
  },
};
