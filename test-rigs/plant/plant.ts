import { battery, siteBatterySettings, stepBattery, type Battery, type BatterySettings } from './battery.ts';
import { facility, facilitySettings, stepFacility, type Facility, type FacilitySettings } from './facility.ts';
import { genset, stepGenset, type Genset, type GensetFaults } from './genset.ts';
import { dieselSettings, type GensetSettings } from './genset-settings.ts';
import { homeInverterSettings, inverter, stepInverter, type Inverter, type InverterSettings } from './inverter.ts';
import {
  homeSettings,
  premises,
  stepLoad,
  stepServiceSwitch,
  type Premises,
  type PremisesFaults,
  type PremisesSettings,
} from './premises.ts';
import { gridSupply, type GridDisturbance } from './supply.ts';

/** A home with PV behind its meter, and a site with battery, generator and sheddable loads, on one grid. Data alone. */
export type Plant = {
  readonly clockS: number;
  readonly home: Premises;
  readonly pv: Inverter;
  readonly battery: Battery;
  readonly genset: Genset;
  readonly facility: Facility;
  readonly shed: readonly boolean[];
};

export type PlantSettings = {
  readonly gridSeed: number;
  readonly nominalHz: number;
  readonly home: PremisesSettings;
  readonly pv: InverterSettings;
  readonly battery: BatterySettings;
  readonly genset: GensetSettings;
  readonly facility: FacilitySettings;
};

export type PlantFaults = {
  readonly grid?: GridDisturbance;
  readonly home?: PremisesFaults;
  readonly genset?: GensetFaults;
};

export const plantSettings: PlantSettings = {
  gridSeed: 5,
  nominalHz: 60,
  home: homeSettings,
  pv: homeInverterSettings,
  battery: siteBatterySettings,
  genset: dieselSettings,
  facility: facilitySettings,
};

/** `clockS`: seconds since midnight at which its day begins. */
export function plant(settings: PlantSettings, clockS: number): Plant {
  return {
    clockS,
    home: { ...premises(), importedWh: 4_200_000, exportedWh: 1_150_000 },
    pv: inverter(2_700_000),
    battery: battery(),
    genset: genset(settings.genset),
    facility: { ...facility, importedWh: 96_000_000 },
    shed: settings.facility.blocksW.map(() => false),
  };
}

/** The longest step that the models take well; a longer one is taken in pieces of this. */
const pieceS = 0.1;

export function stepPlant(state: Plant, dtS: number, settings: PlantSettings, faults: PlantFaults = {}): Plant {
  const pieces = Math.max(1, Math.ceil(dtS / pieceS - 1e-9));
  let next = state;
  for (let piece = 0; piece < pieces; piece++) next = stepPiece(next, dtS / pieces, settings, faults);
  return next;
}

function stepPiece(state: Plant, dtS: number, settings: PlantSettings, faults: PlantFaults): Plant {
  const clockS = state.clockS + dtS;
  const supply = gridSupply({ seed: settings.gridSeed, nominalHz: settings.nominalHz }, clockS, faults.grid);
  const switched = stepServiceSwitch(state.home, {
    dtS,
    supply,
    settings: settings.home,
    ...(faults.home && { faults: faults.home }),
  });
  const pv = stepInverter(state.pv, { dtS, clockS, supply: switched.loadSide, settings: settings.pv });
  const home = stepLoad(switched, { dtS, clockS, generationW: pv.activePowerW, settings: settings.home });
  const nextBattery = stepBattery(state.battery, { dtS, supply, settings: settings.battery });
  const nextGenset = stepGenset(state.genset, {
    dtS,
    clockS,
    grid: supply,
    settings: settings.genset,
    ...(faults.genset && { faults: faults.genset }),
  });
  const sourcesW = nextBattery.activePowerW + nextGenset.activePowerW;
  const nextFacility = stepFacility(state.facility, {
    dtS,
    clockS,
    supply,
    shed: state.shed,
    sourcesW,
    settings: settings.facility,
  });
  return { ...state, clockS, home, pv, battery: nextBattery, genset: nextGenset, facility: nextFacility };
}
