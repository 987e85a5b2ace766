import { homeLoadShare } from './daily-shape.ts';
import { dead, isLive, type Supply } from './supply.ts';
import {
  order,
  stepSwitchgear,
  switchgear,
  type Switchgear,
  type SwitchgearFaults,
  type TravelTimes,
} from './switchgear.ts';

export type PremisesSettings = {
  readonly seed: number;
  readonly peakLoadW: number;
  /** Of the load alone; what generates behind the meter gives active power only. */
  readonly powerFactor: number;
  readonly nominalV: number;
  readonly travel: TravelTimes;
};

/** `backFeed`: something else keeps the load side live, as a generator plugged into a socket does. */
export type PremisesFaults = SwitchgearFaults & { readonly backFeed?: boolean };

/** A home behind its meter's service switch. Import is positive. */
export type Premises = {
  readonly serviceSwitch: Switchgear;
  readonly supply: Supply;
  readonly loadSide: Supply;
  readonly supplyV: number;
  readonly loadSideV: number;
  readonly loadW: number;
  readonly activePowerW: number;
  readonly reactivePowerVar: number;
  readonly currentA: number;
  readonly importedWh: number;
  readonly exportedWh: number;
};

export const homeSettings: PremisesSettings = {
  seed: 1,
  peakLoadW: 4800,
  powerFactor: 0.97,
  nominalV: 240,
  travel: { openingS: 0.4, closingS: 0.6 },
};

export function premises(position: 'open' | 'closed' = 'closed'): Premises {
  return {
    serviceSwitch: switchgear(position),
    supply: dead,
    loadSide: dead,
    supplyV: 0,
    loadSideV: 0,
    loadW: 0,
    activePowerW: 0,
    reactivePowerVar: 0,
    currentA: 0,
    importedWh: 0,
    exportedWh: 0,
  };
}

export function orderServiceSwitch(state: Premises, wanted: 'open' | 'closed'): Premises {
  return { ...state, serviceSwitch: order(state.serviceSwitch, wanted) };
}

/**
 * First half of a step: the switch moves, and with it the voltage behind it. The generation behind the meter is stepped with
 * this `loadSide` before the second half, so that it never outlives its supply.
 */
export function stepServiceSwitch(
  state: Premises,
  {
    dtS,
    supply,
    settings,
    faults = {},
  }: { dtS: number; supply: Supply; settings: PremisesSettings; faults?: PremisesFaults },
): Premises {
  const serviceSwitch = stepSwitchgear(state.serviceSwitch, dtS, settings.travel, faults);
  const fedElsewhere: Supply = faults.backFeed === true ? { voltagePu: 1, frequencyHz: 60 } : dead;
  const loadSide = serviceSwitch.position === 'closed' ? supply : fedElsewhere;
  return {
    ...state,
    serviceSwitch,
    supply,
    loadSide,
    supplyV: supply.voltagePu * settings.nominalV,
    loadSideV: loadSide.voltagePu * settings.nominalV,
  };
}

/** Second half: what the load takes and the generation gives; through the meter flows the difference, if the switch conducts. */
export function stepLoad(
  state: Premises,
  {
    dtS,
    clockS,
    generationW,
    settings,
  }: { dtS: number; clockS: number; generationW: number; settings: PremisesSettings },
): Premises {
  const { loadSide, serviceSwitch, supplyV } = state;
  const loadW = isLive(loadSide)
    ? settings.peakLoadW * homeLoadShare(clockS, settings.seed) * loadSide.voltagePu ** 2
    : 0;
  const conducts = serviceSwitch.position === 'closed' && isLive(state.supply);
  const activePowerW = conducts ? loadW - generationW : 0;
  const reactivePowerVar = conducts ? loadW * Math.tan(Math.acos(settings.powerFactor)) : 0;
  const wattHours = (activePowerW * dtS) / 3600;
  return {
    ...state,
    loadW,
    activePowerW,
    reactivePowerVar,
    currentA: conducts ? Math.hypot(activePowerW, reactivePowerVar) / supplyV : 0,
    importedWh: state.importedWh + Math.max(0, wattHours),
    exportedWh: state.exportedWh + Math.max(0, -wattHours),
  };
}
