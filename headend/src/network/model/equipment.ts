import type { Phase } from './phase.ts';
import type { Place } from './place.ts';
import type { RegulatingControl, ShuntControl } from './regulating-control.ts';

/** Where equipment meets a connectivity node: which of its conductors, in the order of the equipment's own matrices. */
export type Terminal = { readonly node: string; readonly phases: readonly Phase[] };

type Conducting = {
  readonly id: string;
  readonly name: string;
  readonly terminals: readonly Terminal[];
  /** Absent: it is in service. What is out of service connects and feeds nothing. */
  readonly inService?: false;
  readonly from?: Place;
};

/** What carries current between two nodes: its impedance, its limits. */
type Rated = { readonly ratedCurrentA?: number; readonly emergencyCurrentA?: number };

export type EnergySource = Conducting & {
  readonly kind: 'EnergySource';
  /** Between phases (for one phase: to ground). */
  readonly nominalVoltageV: number;
  readonly voltagePu: number;
  readonly angleDeg: number;
  readonly r1Ohm: number;
  readonly x1Ohm: number;
  readonly r0Ohm: number;
  readonly x0Ohm: number;
};

export type ACLineSegment = Conducting &
  Rated & {
    readonly kind: 'ACLineSegment';
    readonly lengthM: number;
    /** Id of a PhaseImpedance of as many conductors as each terminal has phases. */
    readonly impedance: string;
  };

export const switchTypes = [
  'Breaker',
  'Recloser',
  'Sectionaliser',
  'LoadBreakSwitch',
  'Disconnector',
  'Fuse',
  'Jumper',
  'Cut',
  'Switch',
] as const;

/** CIM classes of switches. */
export type SwitchType = (typeof switchTypes)[number];

export type Switch = Conducting &
  Rated & {
    readonly kind: 'Switch';
    readonly type: SwitchType;
    readonly normalOpen: boolean;
    /** The state when this was written; later operations are in the history. Empty: closed. */
    readonly openPhases: readonly Phase[];
    /** Of the closed switch, where it is worth saying: a line that is also a switch. */
    readonly impedance?: string;
    readonly lengthM?: number;
  };

export type SeriesCompensator = Conducting &
  Rated & {
    readonly kind: 'SeriesCompensator';
    /** Total of the element, per phase matrices in ohm. */
    readonly rOhm: readonly (readonly number[])[];
    readonly xOhm: readonly (readonly number[])[];
  };

export type WindingConnection = 'wye' | 'delta';

export type TransformerEnd = {
  readonly connection: WindingConnection;
  /** Whether the neutral of a wye is grounded. */
  readonly grounded: boolean;
  /** Between phases for two and three phases; across the winding for one. */
  readonly ratedVoltageV: number;
  readonly ratedPowerVa: number;
  /** Of the winding, on its own rating. */
  readonly resistancePu: number;
  readonly groundResistanceOhm?: number;
  readonly groundReactanceOhm?: number;
  readonly tapChanger?: TapChanger;
};

export type TapChanger = {
  readonly lowStep: number;
  readonly highStep: number;
  readonly neutralStep: number;
  readonly stepPu: number;
  readonly step: number;
  readonly control?: RegulatingControl;
};

/**
 * One core: a three-phase unit, or one single-phase unit of a bank. `ends` stand in the order of `terminals`. A centre-tapped unit
 * has three ends with phases [A], [s1] and [N, s2]: the third winding begins at the grounded tap.
 */
export type PowerTransformer = Conducting & {
  readonly kind: 'PowerTransformer';
  readonly phaseCount: number;
  /** What single-phase units of one bank have in common. */
  readonly bank?: string;
  readonly ends: readonly TransformerEnd[];
  /** Short-circuit reactance between ends, 1-2, 1-3 … 2-3 …, on the rating of end 1. */
  readonly reactancePu: readonly number[];
  readonly noLoadLossPu: number;
  readonly magnetisingPu: number;
  /** Normal and emergency loading of the whole core; absent: nobody said. */
  readonly normalPowerVa?: number;
  readonly emergencyPowerVa?: number;
  /** How many twelfths of a turn the voltage of each further end lags the first, where the windings alone do not say. */
  readonly clock?: readonly number[];
};

export type LinearShuntCompensator = Conducting & {
  readonly kind: 'LinearShuntCompensator';
  readonly connection: WindingConnection;
  readonly grounded: boolean;
  /** Between phases for two and three phases; across its terminals for one. */
  readonly ratedVoltageV: number;
  /** All sections, all phases, at rated voltage. Positive for capacitors, negative for reactors. */
  readonly reactivePowerVar: number;
  /** Loss at rated voltage, all sections. */
  readonly lossW?: number;
  readonly sections: number;
  readonly sectionsIn: number;
  readonly control?: ShuntControl;
};

/** Shares of constant impedance, current and power, or exponents of voltage. */
export type LoadResponse =
  | {
      readonly kind: 'shares';
      readonly active: readonly [number, number, number];
      readonly reactive: readonly [number, number, number];
      readonly cutOffPu?: number;
    }
  | { readonly kind: 'exponents'; readonly active: number; readonly reactive: number };

export const constantPower: LoadResponse = { kind: 'shares', active: [0, 0, 1], reactive: [0, 0, 1] };
export const constantCurrent: LoadResponse = { kind: 'shares', active: [0, 1, 0], reactive: [0, 1, 0] };
export const constantImpedance: LoadResponse = { kind: 'shares', active: [1, 0, 0], reactive: [1, 0, 0] };

/** A load. Power is consumed: import positive, as everywhere at a load. */
export type EnergyConsumer = Conducting & {
  readonly kind: 'EnergyConsumer';
  readonly connection: WindingConnection;
  readonly grounded: boolean;
  readonly ratedVoltageV: number;
  readonly activePowerW: number;
  readonly reactivePowerVar: number;
  /** Where the phases differ. Of a delta, `phase` is the first of the pair. */
  readonly perPhase?: readonly {
    readonly phase: Phase;
    readonly activePowerW: number;
    readonly reactivePowerVar: number;
  }[];
  readonly response: LoadResponse;
  /** Outside it behaves as a constant impedance. */
  readonly minVoltagePu?: number;
  readonly maxVoltagePu?: number;
  readonly customerCount?: number;
};

export type SynchronousMachine = Conducting & {
  readonly kind: 'SynchronousMachine';
  readonly connection: WindingConnection;
  readonly ratedVoltageV: number;
  readonly ratedPowerVa?: number;
  /** Generated: export positive. */
  readonly activePowerW: number;
  readonly reactivePowerVar: number;
  readonly operation: 'constantPower' | 'constantImpedance' | 'voltage' | 'inverter';
  readonly targetVoltagePu?: number;
  readonly minReactivePowerVar?: number;
  readonly maxReactivePowerVar?: number;
  readonly minVoltagePu?: number;
  readonly maxVoltagePu?: number;
  readonly machine?: {
    readonly xdPu?: number;
    readonly transientXdPu?: number;
    readonly subtransientXdPu?: number;
    readonly inertiaS?: number;
  };
};

export type PhotovoltaicUnit = {
  readonly kind: 'PhotovoltaicUnit';
  /** At 1 kW/m² and the panel temperature of its data sheet. */
  readonly peakPowerW: number;
  readonly irradiancePu?: number;
};

export type BatteryUnit = {
  readonly kind: 'BatteryUnit';
  readonly ratedPowerW: number;
  readonly ratedEnergyWh: number;
  readonly storedEnergyWh: number;
  readonly reserveWh?: number;
  readonly state: 'idle' | 'charging' | 'discharging';
  readonly chargeEfficiency?: number;
  readonly dischargeEfficiency?: number;
};

/** An inverter with what stands behind it. Power is exported: generation and discharge positive. */
export type PowerElectronicsConnection = Conducting & {
  readonly kind: 'PowerElectronicsConnection';
  readonly connection: WindingConnection;
  readonly ratedVoltageV: number;
  readonly ratedPowerVa: number;
  readonly activePowerW: number;
  readonly reactivePowerVar: number;
  readonly minReactivePowerVar?: number;
  readonly maxReactivePowerVar?: number;
  readonly minVoltagePu?: number;
  readonly maxVoltagePu?: number;
  readonly units: readonly (PhotovoltaicUnit | BatteryUnit)[];
};

export type Equipment =
  | EnergySource
  | ACLineSegment
  | Switch
  | SeriesCompensator
  | PowerTransformer
  | LinearShuntCompensator
  | EnergyConsumer
  | SynchronousMachine
  | PowerElectronicsConnection;

/** What joins nodes, as against what hangs at one. */
export type Branch = ACLineSegment | Switch | SeriesCompensator | PowerTransformer;

export function isBranch(equipment: Equipment): equipment is Branch {
  switch (equipment.kind) {
    case 'ACLineSegment':
    case 'Switch':
    case 'SeriesCompensator':
    case 'PowerTransformer':
      return true;
    case 'EnergySource':
    case 'LinearShuntCompensator':
    case 'EnergyConsumer':
    case 'SynchronousMachine':
    case 'PowerElectronicsConnection':
      return false;
  }
}
