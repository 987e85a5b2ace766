import { gencomm, keyRegister, namedAlarm, offers, press, support } from '../../src/gencomm.ts';
import {
  atRest,
  breakerOpen,
  breakerOpenFirst,
  busLiveFirst,
  closedOntoBus,
  noCurrent,
  running,
  startedFirst,
} from '../../src/generator-plans.ts';
import { at } from '../../src/point-notation.ts';
import type { Condition, Profile, Step } from '../../src/profile.ts';
import { notInUse, toManual } from './manual-mode.ts';
import { unconfirmed } from './unconfirmed.ts';

const modes = {
  0: 'stop',
  1: 'auto',
  2: 'manual',
  3: 'test-on-load',
  4: 'auto-manual-restore',
  5: 'user-configuration',
  6: 'test-off-load',
  7: 'off',
};
// Post-run (6) is an engine at rest with its outputs still timing. 15 is "not available".
const engineStates = { 0: 'off', 1: 'starting', 2: 'starting', 3: 'running', 4: 'stopping', 5: 'off', 6: 'off' };
const closedOpen = { 0: 'open', 1: 'closed' };

// Only in manual mode does the module obey a transfer key at once; in auto it decides by itself. So manual is what "enabled" means here.
const synchroniserOfMode = {
  0: 'idle',
  1: 'idle',
  2: 'enabled',
  3: 'idle',
  4: 'idle',
  5: 'idle',
  6: 'idle',
  7: 'idle',
};

const readyToSynchronise: readonly Step[] = [
  notInUse,
  offers('manual', 'toGenerator', 'toMains'),
  breakerOpenFirst,
  startedFirst(running),
];
const armed: Step = {
  do: 'require',
  that: [{ point: 'synchroniser', is: ['enabled', 'synchronising', 'in-window'] }],
  reason: 'precondition',
  say: 'Synchronization is not enabled: the module is not in manual mode.',
};
const closeWhenInWindow: readonly Step[] = [
  press('toGenerator'),
  {
    do: 'await',
    until: [{ point: 'breakerState', is: 'closed' }],
    withinMs: 120_000,
    say: "The module's own synchroniser did not close within two minutes. It keeps its own time limit: look at its alarms, or disconnect.",
    otherwise: 'sync-not-permitted',
  },
];
const closed: readonly Condition[] = [...closedOntoBus, { point: 'operatingState', is: 'running' }];

/**
 * A genset of a size that only configuration knows: `limits` (rated power and current) must be given there. The module has no
 * LOCAL/REMOTE switch, and its stop mode may be ours as well as that of somebody on site: who works there uses the emergency stop
 * and a tag. Its test and configuration modes refuse commands.
 */
export const deepSeaGenset: Profile = {
  name: 'deepsea-genset',
  make: 'Deep Sea Electronics',
  model: 'DSE 8610 MKII and 8620 MKII, GenComm',
  source:
    'GenComm pages 3–7, 16, 154 as public drivers and Deep Sea papers 056-076 and 056-079 tell them. ' +
    'UNCONFIRMED: breaker and synchronising state (configurable page 166), bus and mains measurement (page 4 from 35 on), alarm places from register 39427 on',
  kind: 'aas',
  capabilities: ['generation', 'breaker', 'synchroniser'],
  identify: {
    probes: [
      { source: at('holding', 768), type: 'uint16', equals: 1 },
      { source: at('holding', 769), type: 'uint16', within: [32_832, 32_833] },
    ],
  },
  control: 'none',
  unconfirmed: ['breakerState', 'connection', 'synchroniser', 'busVoltageV', 'busFrequencyHz'],
  points: {
    'identity:serialNumber': gencomm(770, 'uint32'),
    activePowerW: gencomm(1536, 'int32', { positive: 'export' }),
    activePowerAW: gencomm(1052, 'int32', { positive: 'export' }),
    activePowerBW: gencomm(1054, 'int32', { positive: 'export' }),
    activePowerCW: gencomm(1056, 'int32', { positive: 'export' }),
    reactivePowerVar: gencomm(1552, 'int32'),
    voltageV: gencomm(1032, 'uint32', { scale: 0.1 }),
    voltageAV: gencomm(1032, 'uint32', { scale: 0.1 }),
    voltageBV: gencomm(1034, 'uint32', { scale: 0.1 }),
    voltageCV: gencomm(1036, 'uint32', { scale: 0.1 }),
    currentA: gencomm(1044, 'uint32', { scale: 0.1 }),
    currentAA: gencomm(1044, 'uint32', { scale: 0.1 }),
    currentBA: gencomm(1046, 'uint32', { scale: 0.1 }),
    currentCA: gencomm(1048, 'uint32', { scale: 0.1 }),
    frequencyHz: gencomm(1031, 'uint16', { scale: 0.1 }),
    busVoltageV: [
      gencomm(unconfirmed.busVoltageL1N, 'uint32', { scale: 0.1 }),
      gencomm(unconfirmed.mainsVoltageL1N, 'uint32', { scale: 0.1 }),
    ],
    busFrequencyHz: [
      gencomm(unconfirmed.busFrequency, 'uint16', { scale: 0.1 }),
      gencomm(unconfirmed.mainsFrequency, 'uint16', { scale: 0.1 }),
    ],
    exportedEnergyWh: gencomm(1800, 'uint32', { scale: 100, every: 'minute' }),
    fuelPct: gencomm(1027, 'uint16', { every: 'minute' }),
    operatingState: gencomm(1408, 'uint16', { codes: engineStates }),
    breakerState: gencomm(unconfirmed.generatorClosed, 'uint16', { codes: closedOpen }),
    connection: gencomm(unconfirmed.generatorClosed, 'uint16', { codes: { 0: 'disconnected', 1: 'connected' } }),
    synchroniser: [
      gencomm(unconfirmed.synchronising, 'uint16', { codes: { 1: 'synchronising' } }),
      gencomm(772, 'uint16', { codes: synchroniserOfMode }),
    ],
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
      namedAlarm(1, 3, 'over-temperature'),
      namedAlarm(2, 2, 'fail-to-start'),
      namedAlarm(3, 1, 'under-voltage'),
      namedAlarm(3, 2, 'over-voltage'),
      namedAlarm(3, 3, 'under-frequency'),
      namedAlarm(4, 0, 'over-frequency'),
      namedAlarm(4, 1, 'over-current'),
      namedAlarm(4, 2, 'ground-fault'),
      namedAlarm(7, 0, 'battery-low'),
      namedAlarm(7, 2, 'low-fuel'),
      namedAlarm(8, 0, 'breaker-failure'),
      namedAlarm(8, 2, 'breaker-failure'),
      namedAlarm(13, 0, 'synchronising-failure'),
    ],
    'set:key': keyRegister,
    'set:mode': gencomm(772, 'uint16', { codes: modes }),
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
      // The stop key opens the breaker and stops at once, without a cooling run.
      steps: [offers('stop'), press('stop')],
      proof: atRest,
      withinMs: 120_000,
    },
    'enable-synchronization': {
      steps: [...readyToSynchronise, busLiveFirst, ...toManual],
      proof: [{ point: 'synchroniser', is: ['enabled', 'synchronising', 'in-window'] }, breakerOpen, ...running],
      withinMs: 10_000,
    },
    'activate-synchronization': {
      steps: [...readyToSynchronise, busLiveFirst, armed, ...closeWhenInWindow],
      proof: closed,
      withinMs: 10_000,
    },
    connect: {
      steps: [...readyToSynchronise, busLiveFirst, ...toManual, ...closeWhenInWindow],
      proof: closed,
      withinMs: 10_000,
    },
    disconnect: {
      steps: [offers('manual', 'toMains'), ...toManual, press('toMains')],
      proof: [breakerOpen, ...noCurrent],
      withinMs: 60_000,
    },
  },
};
