import type { GensetSettings } from './genset-settings.ts';
import { machineAtRest, stepMachine, type Machine, type MachineInput } from './machine.ts';
import { isLive, type Supply } from './supply.ts';
import { order, stepSwitchgear, switchgear, type Switchgear, type SwitchgearFaults } from './switchgear.ts';
import {
  difference,
  matchingReferences,
  stepSynchroniser,
  synchroniserOff,
  type Difference,
  type Synchroniser,
} from './synchroniser.ts';

/** What was so when the breaker's contacts touched. `torquePu`: V1·V2/X·sin δ. */
export type Closing = Difference & { readonly gridLive: boolean; readonly torquePu: number };

export type GensetAlarm = 'fail-to-start' | 'synchronising-failure' | 'breaker-failure' | 'loss-of-mains';

export type Genset = {
  readonly engine: 'stopped' | 'cranking' | 'pausing' | 'run-up' | 'running' | 'cooling' | 'stopping';
  readonly engineS: number;
  readonly cranks: number;
  readonly machine: Machine;
  readonly breaker: Switchgear;
  readonly synchroniser: Synchroniser;
  /** It takes its load off before it opens, and stops after cooling where `stop` says so. */
  readonly leaving?: 'open' | 'stop' | undefined;
  /** How long the breaker has been told to open and is closed still. */
  readonly notOpeningS: number;
  readonly loadWantedPu: number;
  readonly loadReferencePu: number;
  readonly lastClosing?: Closing | undefined;
  readonly alarms: readonly GensetAlarm[];
  readonly supply: Supply;
  readonly activePowerW: number;
  readonly reactivePowerVar: number;
  /** Line to neutral. */
  readonly voltageV: number;
  readonly frequencyHz: number;
  /** A phase. */
  readonly currentA: number;
  readonly producedWh: number;
  readonly fuelL: number;
  readonly runS: number;
};

/** `noFuel`: it cranks and does not fire. The offsets spoil what the synchroniser steers for. */
export type GensetFaults = {
  readonly noFuel?: boolean;
  readonly breaker?: SwitchgearFaults;
  readonly governorOffsetHz?: number;
  readonly regulatorOffsetPu?: number;
};

export type GensetOrder =
  | 'start'
  | 'stop'
  | 'stop-at-once'
  | 'open-breaker'
  | 'arm-synchroniser'
  | 'disarm-synchroniser'
  | 'synchronise-and-close'
  | 'reset-alarms';

export function genset(settings: GensetSettings): Genset {
  return {
    engine: 'stopped',
    engineS: 0,
    cranks: 0,
    machine: machineAtRest,
    breaker: switchgear('open'),
    synchroniser: synchroniserOff,
    notOpeningS: 0,
    loadWantedPu: settings.baseLoadPu,
    loadReferencePu: 0,
    alarms: [],
    supply: { voltagePu: 0, frequencyHz: 0 },
    activePowerW: 0,
    reactivePowerVar: 0,
    voltageV: 0,
    frequencyHz: 0,
    currentA: 0,
    producedWh: 0,
    fuelL: 0.8 * settings.tankL,
    runS: 0,
  };
}

/** What the controller does with an order; one that makes no sense now changes nothing, as at the panel. */
export function orderGenset(state: Genset, given: GensetOrder): Genset {
  const running = state.engine === 'running';
  const open = state.breaker.position === 'open';
  switch (given) {
    case 'start':
      if (state.alarms.includes('fail-to-start')) return state;
      if (state.engine === 'cooling') return { ...state, engine: 'running', engineS: 0, leaving: undefined };
      return state.engine === 'stopped' ? { ...state, engine: 'cranking', engineS: 0, cranks: 1 } : state;
    case 'stop':
      if (running) return { ...state, synchroniser: synchroniserOff, leaving: 'stop' };
      return state.engine === 'cranking' || state.engine === 'pausing' || state.engine === 'run-up'
        ? { ...state, engine: 'stopping', engineS: 0 }
        : state;
    case 'stop-at-once':
      return state.engine === 'stopped' || state.engine === 'stopping'
        ? state
        : { ...state, engine: 'stopping', engineS: 0, leaving: undefined, synchroniser: synchroniserOff };
    case 'open-breaker':
      return open ? { ...state, synchroniser: synchroniserOff } : { ...state, leaving: state.leaving ?? 'open' };
    case 'arm-synchroniser':
      return running && open && state.leaving === undefined
        ? { ...state, synchroniser: { mode: 'armed', sinceS: 0, attempts: 0 } }
        : state;
    case 'disarm-synchroniser':
      return { ...state, synchroniser: synchroniserOff };
    case 'synchronise-and-close':
      return running && open && state.leaving === undefined
        ? { ...state, synchroniser: { mode: 'closing', sinceS: 0, attempts: 0 } }
        : state;
    case 'reset-alarms':
      return {
        ...state,
        alarms: [],
        synchroniser: state.synchroniser.mode === 'given-up' ? synchroniserOff : state.synchroniser,
      };
    default:
      return given satisfies never;
  }
}

const openingFailsAfterS = 2;
/** The machine swings in milliseconds: a longer step is taken in pieces of this. */
const pieceS = 0.005;

export function stepGenset(
  state: Genset,
  step: { dtS: number; clockS: number; grid: Supply; settings: GensetSettings; faults?: GensetFaults },
): Genset {
  const pieces = Math.max(1, Math.round(step.dtS / pieceS));
  const dtS = step.dtS / pieces;
  let next = state;
  for (let piece = 0; piece < pieces; piece++)
    next = stepPiece(next, { ...step, dtS, clockS: step.clockS - step.dtS + (piece + 1) * dtS });
  return next;
}

type Piece = { dtS: number; clockS: number; grid: Supply; settings: GensetSettings; faults?: GensetFaults };

function stepPiece(before: Genset, piece: Piece): Genset {
  const engined = stepEngine(before, piece);
  const { state, breaker, closed } = stepBreaker(engined, piece);
  const loadReferencePu = nextLoad(state, piece);
  const machine = stepMachine(state.machine, machineInput(state, piece, loadReferencePu), piece.settings);
  return measured({ ...state, ...(closed && { lastClosing: closed }), breaker, loadReferencePu, machine }, piece);
}

function stepEngine(state: Genset, { dtS, settings, faults = {} }: Piece): Genset {
  const engineS = state.engineS + dtS;
  const to = (engine: Genset['engine']): Genset => ({ ...state, engine, engineS: 0 });
  switch (state.engine) {
    case 'stopped':
    case 'running':
      return state.engine === 'running' && state.leaving === 'stop' && state.breaker.position === 'open'
        ? { ...to('cooling'), leaving: undefined, synchroniser: synchroniserOff }
        : { ...state, engineS };
    case 'cranking':
      if (engineS < settings.crankS) return { ...state, engineS };
      if (faults.noFuel !== true && state.fuelL > 0) return to('run-up');
      if (state.cranks < settings.crankAttempts) return to('pausing');
      return { ...to('stopping'), alarms: withAlarm(state.alarms, 'fail-to-start') };
    case 'pausing':
      return engineS < settings.crankPauseS ? { ...state, engineS } : { ...to('cranking'), cranks: state.cranks + 1 };
    case 'run-up': {
      const { speedPu, voltagePu } = state.machine;
      // The warm-up counts once speed and voltage are there.
      if (speedPu < 0.95 || voltagePu < 0.95) return { ...state, engineS: 0 };
      return engineS < settings.warmUpS ? { ...state, engineS } : to('running');
    }
    case 'cooling':
      return engineS < settings.coolDownS ? { ...state, engineS } : to('stopping');
    case 'stopping':
      return state.machine.speedPu > 0.005 ? { ...state, engineS } : { ...to('stopped'), machine: machineAtRest };
    default:
      return state.engine satisfies never;
  }
}

function stepBreaker(
  state: Genset,
  { dtS, grid, settings, faults = {} }: Piece,
): { state: Genset; breaker: Switchgear; closed?: Closing } {
  const now = difference(state.machine, grid, settings.nominalHz);
  const tied = state.breaker.position === 'closed';
  const { state: synchroniser, close } = stepSynchroniser(state.synchroniser, {
    dtS,
    now,
    grid,
    closed: tied,
    settings,
  });
  const lostMains = tied && !isLive(grid);
  const unloaded = Math.abs(state.machine.electricalPu) < 0.05 && state.loadReferencePu <= 0;
  const notDriven = state.engine === 'stopping' || state.engine === 'stopped';
  const mustOpen = lostMains || notDriven || (state.leaving !== undefined && unloaded);
  const wanted = mustOpen || (!tied && !close) ? 'open' : 'closed';
  const breaker = stepSwitchgear(order(state.breaker, wanted), dtS, settings.breaker, faults.breaker);
  const notOpeningS = mustOpen && breaker.position === 'closed' ? state.notOpeningS + dtS : 0;
  const alarms = alarmsAfter(state, { synchroniser, lostMains, stayedClosed: notOpeningS > openingFailsAfterS });
  const leaving = state.leaving === 'open' && breaker.position === 'open' ? undefined : state.leaving;
  const next = { ...state, synchroniser, notOpeningS, alarms, leaving };
  if (tied || breaker.position === 'open') return { state: next, breaker };
  const { emfPu, angleDeg } = state.machine;
  const torquePu = ((emfPu * grid.voltagePu) / settings.reactancePu) * Math.sin((angleDeg * Math.PI) / 180);
  return { state: next, breaker, closed: { ...now, gridLive: isLive(grid), torquePu } };
}

function alarmsAfter(
  { alarms }: Genset,
  { synchroniser, lostMains, stayedClosed }: { synchroniser: Synchroniser; lostMains: boolean; stayedClosed: boolean },
): readonly GensetAlarm[] {
  const gaveUp = synchroniser.mode === 'given-up';
  const news: GensetAlarm[] = [];
  if (stayedClosed || (gaveUp && synchroniser.cause === 'breaker-failure')) news.push('breaker-failure');
  if (gaveUp && synchroniser.cause === 'timeout') news.push('synchronising-failure');
  if (lostMains) news.push('loss-of-mains');
  return news.reduce(withAlarm, alarms);
}

function withAlarm(alarms: readonly GensetAlarm[], alarm: GensetAlarm): readonly GensetAlarm[] {
  return alarms.includes(alarm) ? alarms : [...alarms, alarm];
}

function nextLoad(state: Genset, { dtS, settings }: Piece): number {
  if (state.breaker.position === 'open') return 0;
  const wantedPu = state.leaving === undefined ? state.loadWantedPu : 0;
  const stepPu = settings.loadRampPerS * dtS;
  return state.loadReferencePu + Math.min(stepPu, Math.max(-stepPu, wantedPu - state.loadReferencePu));
}

function machineInput(
  state: Genset,
  { dtS, clockS, grid, settings, faults = {} }: Piece,
  loadReferencePu: number,
): MachineInput {
  const matching = state.synchroniser.mode === 'armed' || state.synchroniser.mode === 'closing';
  const steered = matching ? matchingReferences(grid, settings) : { speedReferencePu: 1, voltageReferencePu: 1 };
  return {
    dtS,
    clockS,
    grid,
    connected: state.breaker.position === 'closed',
    cranking: state.engine === 'cranking',
    fuelled: state.engine === 'run-up' || state.engine === 'running' || state.engine === 'cooling',
    speedReferencePu: steered.speedReferencePu + (faults.governorOffsetHz ?? 0) / settings.nominalHz,
    voltageReferencePu: steered.voltageReferencePu + (faults.regulatorOffsetPu ?? 0),
    loadReferencePu,
  };
}

/** What its instruments show. */
function measured(state: Genset, { dtS, grid, settings }: Piece): Genset {
  const { electricalPu, reactivePu, voltagePu, speedPu } = state.machine;
  const tied = state.breaker.position === 'closed' && isLive(grid);
  const activePowerW = tied ? electricalPu * settings.ratedW : 0;
  const reactivePowerVar = tied ? reactivePu * settings.ratedW : 0;
  const voltageV = voltagePu * settings.nominalV;
  const burnsLPerS = (litresPerHour({ ...state, activePowerW }, settings) * dtS) / 3600;
  return {
    ...state,
    supply: grid,
    activePowerW,
    reactivePowerVar,
    voltageV,
    frequencyHz: speedPu * settings.nominalHz,
    currentA: tied ? Math.hypot(activePowerW, reactivePowerVar) / (3 * voltageV) : 0,
    producedWh: state.producedWh + (Math.max(0, activePowerW) * dtS) / 3600,
    fuelL: Math.max(0, state.fuelL - burnsLPerS),
    runS: speedPu > 0.5 ? state.runS + dtS : state.runS,
  };
}

/** Idling burns too. */
export function litresPerHour({ engine, activePowerW }: Genset, settings: GensetSettings): number {
  if (engine !== 'run-up' && engine !== 'running' && engine !== 'cooling') return 0;
  return settings.litresPerKwh * (Math.max(0, activePowerW) / 1000 + 0.04 * (settings.ratedW / 1000));
}
