import {
  breakerOpen,
  breakerOpenFirst,
  closedOntoBus,
  noPower,
  startedFirst,
  untilSynchronised,
  voltageAtFrequency,
} from '../../src/generator-plans.ts';
import { at, holding } from '../../src/point-notation.ts';
import type { Condition, Profile, Step } from '../../src/profile.ts';

const kilo = { scale: 1000, positive: 'export' } as const;
const closedOpen = { 0: 'open', 1: 'closed' };

const isManual: Step = {
  do: 'require',
  that: [{ point: 'set:mode', is: 'manual' }],
  reason: 'local',
  say: 'The controller is not in MAN: it obeys no orders. Put it into MAN on site.',
};
// The generator breaker closes onto the bus. Only with the mains breaker closed is the mains, which is measured, that bus.
const closeOntoMains: readonly Step[] = [
  isManual,
  breakerOpenFirst,
  // The engine state is not needed for this: who gives voltage at its frequency runs.
  startedFirst(voltageAtFrequency),
  {
    do: 'require',
    that: [
      { point: 'set:mainsBreaker', is: 'closed' },
      { point: 'busVoltageV', above: 90 },
    ],
    reason: 'sync-not-permitted',
    say: 'The mains breaker is not closed on a live mains: what the generator would be synchronised with is not measured.',
  },
  { do: 'write', point: 'set:command', value: { order: 'close-generator-breaker' } },
  untilSynchronised,
];
const closed: readonly Condition[] = [...closedOntoBus, ...voltageAtFrequency];

/**
 * A set that runs parallel to the mains, with the register map that the controller has from the factory: its configuration can be
 * given another, so the technician's check of V, Hz and kW against the display comes first. An access code, where the site demands
 * one for remote orders, is not given from here: the order is then not obeyed, and does not count as done.
 */
export const comapInteligen: Profile = {
  name: 'comap-inteligen',
  make: 'ComAp',
  model: 'InteliGen and InteliSys NT, default register map',
  source:
    'Default map of the IGS-NT family (0-based: 162 engine state, 167 mode, 248–250, 255, 263, 287–289, 295) as published by a register ' +
    'library; 163, 406 and orders at 6358 (argument, then code) as two public drivers and the table "List of commands and arguments" of ' +
    "ComAp's global guides have them. UNCONFIRMED: the codes of engine state and mode",
  kind: 'aas',
  capabilities: ['generation', 'breaker', 'synchroniser'],
  identify: {
    probes: [
      // Supply of the controller, 8 to 36 V.
      { source: at('holding', 12), type: 'int16', within: [80, 360] },
      { source: at('holding', 162), type: 'uint16', within: [0, 30] },
      { source: at('holding', 163), type: 'uint16', within: [0, 20] },
      { source: at('holding', 167), type: 'uint16', within: [0, 4] },
      { source: at('holding', 260), type: 'int16', within: [-100, 100] },
    ],
  },
  control: 'none',
  unconfirmed: ['operatingState', 'set:mode', 'synchroniser'],
  points: {
    'limit:ratedPowerW': holding(3008, 'uint16', { scale: 1000 }),
    activePowerW: holding(263, 'int16', kilo),
    voltageV: holding(248, 'uint16'),
    voltageAV: holding(248, 'uint16'),
    voltageBV: holding(249, 'uint16'),
    voltageCV: holding(250, 'uint16'),
    frequencyHz: holding(255, 'uint16', { scale: 0.1 }),
    busVoltageV: holding(287, 'uint16'),
    busFrequencyHz: holding(295, 'uint16', { scale: 0.1 }),
    fuelPct: holding(17, 'int16', { every: 'minute', plausible: [0, 100] }),
    breakerState: holding(406, 'uint16', { bit: 13, codes: closedOpen }),
    connection: holding(163, 'uint16', {
      codes: { 1: 'disconnected', 2: 'islanded', 3: 'disconnected', 4: 'connected', 6: 'synchronising' },
    }),
    synchroniser: [
      holding(406, 'uint16', { bit: 14, codes: { 1: 'synchronising' } }),
      holding(167, 'uint16', { codes: { 0: 'idle', 1: 'enabled', 2: 'idle', 3: 'idle' } }),
    ],
    operatingState: holding(162, 'uint16', {
      codes: {
        1: 'off',
        3: 'starting',
        4: 'starting',
        5: 'starting',
        6: 'starting',
        7: 'running',
        8: 'running',
        9: 'running',
        10: 'stopping',
        11: 'stopping',
        12: 'fault',
      },
    }),
    'set:mode': holding(167, 'uint16', { codes: { 0: 'off', 1: 'manual', 2: 'semi-automatic', 3: 'automatic' } }),
    'set:mainsBreaker': holding(406, 'uint16', { bit: 10, codes: closedOpen }),
    'set:command': {
      source: at('holding', 6358),
      orders: {
        start: [0x01fe, 0, 1],
        stop: [0x02fd, 0, 1],
        'close-generator-breaker': [0x11ef, 0, 2],
        'open-generator-breaker': [0x11f0, 0, 2],
      },
    },
  },
  commands: {
    'start-generation': {
      steps: [isManual, { do: 'write', point: 'set:command', value: { order: 'start' } }],
      proof: voltageAtFrequency,
      withinMs: 120_000,
    },
    'stop-generation': {
      // It unloads, opens its breaker and cools down by itself before it stops.
      steps: [isManual, { do: 'write', point: 'set:command', value: { order: 'stop' } }],
      proof: [{ point: 'voltageV', below: 50 }, breakerOpen, noPower],
      withinMs: 600_000,
    },
    'activate-synchronization': { steps: closeOntoMains, proof: closed, withinMs: 10_000 },
    connect: { steps: closeOntoMains, proof: closed, withinMs: 10_000 },
    disconnect: {
      steps: [isManual, { do: 'write', point: 'set:command', value: { order: 'open-generator-breaker' } }],
      proof: [breakerOpen, noPower],
      withinMs: 60_000,
    },
  },
};
