import { sunShare } from './daily-shape.ts';
import { mayEnterService, mayStayInService, type Supply } from './supply.ts';

export type InverterSettings = {
  readonly seed: number;
  readonly ratedW: number;
  readonly nominalV: number;
  readonly nominalHz: number;
  /** How long the supply must be good before it connects; 300 s by IEEE 1547-2018. */
  readonly enterServiceDelayS: number;
  /** From nothing to rated power. */
  readonly enterServiceRampS: number;
};

/**
 * A PV inverter that follows the grid. `waiting`: the supply is or was not good, the delay runs. `stopped`: told to stay off.
 * `reverts` count down and undo what was set, so that it falls back by itself when the link is lost.
 */
export type Inverter = {
  readonly phase: 'sleeping' | 'waiting' | 'running' | 'stopped';
  readonly connectWanted: boolean;
  readonly limitPct: number;
  readonly limitEnabled: boolean;
  readonly connectRevertsInS?: number | undefined;
  readonly limitRevertsInS?: number | undefined;
  readonly goodForS: number;
  readonly sunW: number;
  readonly activePowerW: number;
  readonly voltageV: number;
  readonly frequencyHz: number;
  readonly currentA: number;
  readonly producedWh: number;
};

export const homeInverterSettings: InverterSettings = {
  seed: 2,
  ratedW: 6000,
  nominalV: 240,
  nominalHz: 60,
  enterServiceDelayS: 300,
  enterServiceRampS: 300,
};

export function inverter(producedWh = 0): Inverter {
  return {
    phase: 'waiting',
    connectWanted: true,
    limitPct: 100,
    limitEnabled: false,
    goodForS: 0,
    sunW: 0,
    activePowerW: 0,
    voltageV: 0,
    frequencyHz: 0,
    currentA: 0,
    producedWh,
  };
}

const sleepsBelowShare = 0.005;
/** A limit is approached at this share of rated power a second. */
const limitRampPerS = 0.2;

/** Trips at once when its supply is gone (anti-islanding); without voltage no power can flow. */
export function stepInverter(
  before: Inverter,
  { dtS, clockS, supply, settings }: { dtS: number; clockS: number; supply: Supply; settings: InverterSettings },
): Inverter {
  const state = countDownReverts(before, dtS);
  const sunW = settings.ratedW * sunShare(clockS, settings.seed);
  const goodForS = mayEnterService(supply, settings.nominalHz) ? state.goodForS + dtS : 0;
  const phase = nextPhase({ ...state, sunW, goodForS }, supply, settings);
  const activePowerW = phase === 'running' ? nextPower({ ...state, sunW }, dtS, settings) : 0;
  const voltageV = supply.voltagePu * settings.nominalV;
  return {
    ...state,
    phase,
    sunW,
    // The delay counts anew whenever it has to wait anew.
    goodForS: phase === 'stopped' ? 0 : goodForS,
    activePowerW,
    voltageV,
    frequencyHz: supply.frequencyHz,
    currentA: activePowerW > 0 ? activePowerW / voltageV : 0,
    producedWh: state.producedWh + (activePowerW * dtS) / 3600,
  };
}

function nextPhase(state: Inverter, supply: Supply, settings: InverterSettings): Inverter['phase'] {
  if (!state.connectWanted) return 'stopped';
  if (state.phase === 'running' && mayStayInService(supply, settings.nominalHz)) {
    return state.sunW < sleepsBelowShare * settings.ratedW ? 'sleeping' : 'running';
  }
  if (state.sunW < sleepsBelowShare * settings.ratedW) return 'sleeping';
  return state.goodForS >= settings.enterServiceDelayS ? 'running' : 'waiting';
}

function nextPower(state: Inverter, dtS: number, settings: InverterSettings): number {
  const { ratedW } = settings;
  const ceilingW = state.limitEnabled ? (ratedW * state.limitPct) / 100 : ratedW;
  const rampedW = state.activePowerW + (ratedW / settings.enterServiceRampS) * dtS;
  const reducedW = state.activePowerW - ratedW * limitRampPerS * dtS;
  // The sun cannot be ramped down; a limit can.
  return Math.max(0, Math.min(state.sunW, Math.max(reducedW, Math.min(ceilingW, rampedW))));
}

export function isThrottled(state: Inverter, settings: InverterSettings): boolean {
  return state.phase === 'running' && state.limitEnabled && state.sunW > (settings.ratedW * state.limitPct) / 100;
}

function countDownReverts(state: Inverter, dtS: number): Inverter {
  const connectS = state.connectRevertsInS === undefined ? undefined : state.connectRevertsInS - dtS;
  const limitS = state.limitRevertsInS === undefined ? undefined : state.limitRevertsInS - dtS;
  const connectDue = connectS !== undefined && connectS <= 0;
  const limitDue = limitS !== undefined && limitS <= 0;
  return {
    ...state,
    connectRevertsInS: connectDue ? undefined : connectS,
    connectWanted: connectDue ? true : state.connectWanted,
    limitRevertsInS: limitDue ? undefined : limitS,
    limitEnabled: limitDue ? false : state.limitEnabled,
  };
}
