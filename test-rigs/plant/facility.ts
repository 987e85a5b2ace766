import { homeLoadShare } from './daily-shape.ts';
import { dead, isLive, type Supply } from './supply.ts';

export type FacilitySettings = {
  readonly seed: number;
  readonly baseLoadW: number;
  /** Loads that a relay can shed, each with its power. */
  readonly blocksW: readonly number[];
  readonly powerFactor: number;
  /** Line to neutral, three phases. */
  readonly nominalV: number;
};

/** A three-phase site with sheddable loads and its own sources, metered at its connection. Import is positive. */
export type Facility = {
  readonly supply: Supply;
  readonly voltageV: number;
  readonly loadW: number;
  readonly activePowerW: number;
  readonly reactivePowerVar: number;
  /** A phase. */
  readonly currentA: number;
  readonly importedWh: number;
  readonly exportedWh: number;
};

export const facilitySettings: FacilitySettings = {
  seed: 4,
  baseLoadW: 60_000,
  blocksW: [12_000, 12_000, 8000, 8000],
  powerFactor: 0.95,
  nominalV: 277,
};

export const facility: Facility = {
  supply: dead,
  voltageV: 0,
  loadW: 0,
  activePowerW: 0,
  reactivePowerVar: 0,
  currentA: 0,
  importedWh: 0,
  exportedWh: 0,
};

/** `shed`: which blocks are off. `sourcesW`: what the site's own sources give. */
export function stepFacility(
  state: Facility,
  step: {
    dtS: number;
    clockS: number;
    supply: Supply;
    shed: readonly boolean[];
    sourcesW: number;
    settings: FacilitySettings;
  },
): Facility {
  const { dtS, clockS, supply, shed, sourcesW, settings } = step;
  const live = isLive(supply);
  const blocksW = settings.blocksW.reduce((sum, blockW, index) => (shed[index] === true ? sum : sum + blockW), 0);
  const baseW = settings.baseLoadW * homeLoadShare(clockS, settings.seed);
  const loadW = live ? (baseW + blocksW) * supply.voltagePu ** 2 : 0;
  const activePowerW = live ? loadW - sourcesW : 0;
  const reactivePowerVar = loadW * Math.tan(Math.acos(settings.powerFactor));
  const voltageV = supply.voltagePu * settings.nominalV;
  const wattHours = (activePowerW * dtS) / 3600;
  return {
    supply,
    voltageV,
    loadW,
    activePowerW,
    reactivePowerVar,
    currentA: live ? Math.hypot(activePowerW, reactivePowerVar) / (3 * voltageV) : 0,
    importedWh: state.importedWh + Math.max(0, wattHours),
    exportedWh: state.exportedWh + Math.max(0, -wattHours),
  };
}
