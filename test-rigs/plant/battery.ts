import { mayEnterService, mayStayInService, type Supply } from './supply.ts';

export type BatterySettings = {
  readonly ratedW: number;
  readonly capacityWh: number;
  /** Line to neutral. */
  readonly nominalV: number;
  readonly nominalHz: number;
  readonly enterServiceDelayS: number;
  /** Share of rated power a second. */
  readonly rampPerS: number;
  /** One way, charging or discharging. */
  readonly efficiency: number;
  readonly minChargePct: number;
  readonly maxChargePct: number;
  /** What it does while nobody sets its power: discharges, and charges, with this much in turn. */
  readonly scheduledW: number;
};

/** A three-phase battery with the controls of IEEE 1547-2018. Discharge is positive. */
export type Battery = {
  /** The permission to enter service (703 ES). */
  readonly permitted: boolean;
  /** 715 OpCtl. */
  readonly started: boolean;
  readonly setW: number;
  readonly setEnabled: boolean;
  readonly limitPct: number;
  readonly limitEnabled: boolean;
  readonly limitRevertsInS?: number | undefined;
  readonly setRevertsInS?: number | undefined;
  readonly phase: 'off' | 'standby' | 'starting' | 'running';
  readonly goodForS: number;
  readonly schedule: 'discharge' | 'charge';
  readonly heartbeatS: number;
  readonly chargePct: number;
  readonly activePowerW: number;
  readonly voltageV: number;
  readonly frequencyHz: number;
  /** A phase. */
  readonly currentA: number;
  readonly dischargedWh: number;
  readonly chargedWh: number;
};

export const siteBatterySettings: BatterySettings = {
  ratedW: 100_000,
  capacityWh: 200_000,
  nominalV: 277,
  nominalHz: 60,
  enterServiceDelayS: 300,
  rampPerS: 0.2,
  efficiency: 0.96,
  minChargePct: 10,
  maxChargePct: 95,
  scheduledW: 40_000,
};

export function battery(chargePct = 72): Battery {
  return {
    permitted: true,
    started: true,
    setW: 0,
    setEnabled: false,
    limitPct: 100,
    limitEnabled: false,
    phase: 'starting',
    goodForS: 0,
    schedule: 'discharge',
    heartbeatS: 0,
    chargePct,
    activePowerW: 0,
    voltageV: 0,
    frequencyHz: 0,
    currentA: 0,
    dischargedWh: 0,
    chargedWh: 0,
  };
}

export function stepBattery(
  before: Battery,
  { dtS, supply, settings }: { dtS: number; supply: Supply; settings: BatterySettings },
): Battery {
  const state = countDownReverts(before, dtS);
  const wanted = state.started && state.permitted;
  const goodForS = wanted && mayEnterService(supply, settings.nominalHz) ? state.goodForS + dtS : 0;
  const phase = nextPhase({ ...state, goodForS }, supply, settings);
  const schedule = nextSchedule(state, settings);
  const activePowerW = nextPower({ ...state, phase, schedule }, dtS, settings);
  const wattHours = (activePowerW * dtS) / 3600;
  const voltageV = supply.voltagePu * settings.nominalV;
  return {
    ...state,
    goodForS,
    phase,
    schedule,
    heartbeatS: state.heartbeatS + dtS,
    activePowerW,
    chargePct: state.chargePct - (100 * drawnWh(wattHours, settings)) / settings.capacityWh,
    voltageV,
    frequencyHz: supply.frequencyHz,
    currentA: activePowerW === 0 ? 0 : Math.abs(activePowerW) / (3 * voltageV),
    dischargedWh: state.dischargedWh + Math.max(0, wattHours),
    chargedWh: state.chargedWh + Math.max(0, -wattHours),
  };
}

export function storedWh({ chargePct }: Battery, { capacityWh }: BatterySettings): number {
  return (chargePct / 100) * capacityWh;
}

/** What leaves the cells for this much at the terminals; less arrives than is taken in. */
function drawnWh(terminalWh: number, { efficiency }: BatterySettings): number {
  return terminalWh >= 0 ? terminalWh / efficiency : terminalWh * efficiency;
}

function nextPhase(state: Battery, supply: Supply, settings: BatterySettings): Battery['phase'] {
  if (!state.started) return 'off';
  if (!state.permitted) return 'standby';
  if (state.phase === 'running' && mayStayInService(supply, settings.nominalHz)) return 'running';
  if (!mayEnterService(supply, settings.nominalHz)) return 'standby';
  return state.goodForS >= settings.enterServiceDelayS ? 'running' : 'starting';
}

function nextSchedule(
  { schedule, chargePct }: Battery,
  { minChargePct, maxChargePct }: BatterySettings,
): Battery['schedule'] {
  if (chargePct <= minChargePct + 10) return 'charge';
  return chargePct >= maxChargePct - 5 ? 'discharge' : schedule;
}

function nextPower(state: Battery, dtS: number, settings: BatterySettings): number {
  if (state.phase !== 'running') return 0;
  const scheduledW = state.schedule === 'discharge' ? settings.scheduledW : -settings.scheduledW;
  const ceilingW = state.limitEnabled ? (settings.ratedW * state.limitPct) / 100 : settings.ratedW;
  const askedW = state.setEnabled ? state.setW : scheduledW;
  const empty = state.chargePct <= settings.minChargePct;
  const full = state.chargePct >= settings.maxChargePct;
  const targetW = Math.min(empty ? 0 : ceilingW, Math.max(full ? 0 : -settings.ratedW, askedW));
  const stepW = settings.rampPerS * settings.ratedW * dtS;
  return state.activePowerW + Math.min(stepW, Math.max(-stepW, targetW - state.activePowerW));
}

function countDownReverts(state: Battery, dtS: number): Battery {
  const limitS = state.limitRevertsInS === undefined ? undefined : state.limitRevertsInS - dtS;
  const setS = state.setRevertsInS === undefined ? undefined : state.setRevertsInS - dtS;
  const limitDue = limitS !== undefined && limitS <= 0;
  const setDue = setS !== undefined && setS <= 0;
  return {
    ...state,
    limitRevertsInS: limitDue ? undefined : limitS,
    limitEnabled: limitDue ? false : state.limitEnabled,
    setRevertsInS: setDue ? undefined : setS,
    setEnabled: setDue ? false : state.setEnabled,
  };
}
