import type { Equipment } from './equipment.ts';
import type { Phase } from './phase.ts';
import type { Place } from './place.ts';

/** Degrees WGS 84 (x longitude, y latitude) on geographic networks; on schematic ones whatever the file draws in. */
export type Position = { readonly x: number; readonly y: number };

export type ConnectivityNode = {
  readonly kind: 'ConnectivityNode';
  readonly id: string;
  readonly name: string;
  /** Between phases; on a split-phase secondary between s1 and s2. */
  readonly nominalVoltageV?: number;
  readonly position?: Position;
  readonly substation?: string;
  readonly from?: Place;
};

/** Series impedance and shunt susceptance of a metre of line, by conductor. Symmetric. */
export type PhaseImpedance = {
  readonly kind: 'PhaseImpedance';
  readonly id: string;
  readonly name: string;
  readonly rOhmPerM: readonly (readonly number[])[];
  readonly xOhmPerM: readonly (readonly number[])[];
  readonly bSiemensPerM: readonly (readonly number[])[];
  readonly from?: Place;
};

export type Substation = {
  readonly kind: 'Substation';
  readonly id: string;
  readonly name: string;
  readonly position?: Position;
  readonly from?: Place;
};

/** A feeder of CIM: what its head feeds in the normal state, and what it feeds now, follow from the connectivity. */
export type Circuit = {
  readonly kind: 'Circuit';
  readonly id: string;
  readonly name: string;
  readonly substation?: string;
  /** The equipment through which it is fed, entered at this terminal (from 1). */
  readonly head: { readonly equipment: string; readonly terminal: number };
  readonly ratedCurrentA?: number;
  readonly from?: Place;
};

/** A service point: where a customer's meter stands. */
export type UsagePoint = {
  readonly kind: 'UsagePoint';
  readonly id: string;
  readonly name: string;
  readonly node: string;
  readonly phases: readonly Phase[];
  readonly customer?: string;
  /** The meter's number as the AMI lists it. */
  readonly meter?: string;
  readonly ratedCurrentA?: number;
  readonly position?: Position;
  readonly from?: Place;
};

export type CustomerKind = 'residential' | 'commercial' | 'industrial' | 'agricultural' | 'public';

export type Customer = {
  readonly kind: 'Customer';
  readonly id: string;
  readonly name: string;
  readonly customerKind?: CustomerKind;
  /** Never shed: hospitals, pumps, people on life support. */
  readonly critical?: boolean;
  readonly from?: Place;
};

export type NetworkElement =
  | ConnectivityNode
  | PhaseImpedance
  | Equipment
  | Substation
  | Circuit
  | UsagePoint
  | Customer
  | NetworkHeader;

/** What holds for the whole. Its id is always `network`. */
export type NetworkHeader = {
  readonly kind: 'Network';
  readonly id: 'network';
  readonly name: string;
  readonly frequencyHz: number;
  readonly coordinates: 'geographic' | 'schematic' | 'none';
};

/** A network at one instant. Ids are unique within each map. */
export type Network = {
  readonly header: NetworkHeader;
  readonly nodes: ReadonlyMap<string, ConnectivityNode>;
  readonly impedances: ReadonlyMap<string, PhaseImpedance>;
  readonly equipment: ReadonlyMap<string, Equipment>;
  readonly substations: ReadonlyMap<string, Substation>;
  readonly circuits: ReadonlyMap<string, Circuit>;
  readonly usagePoints: ReadonlyMap<string, UsagePoint>;
  readonly customers: ReadonlyMap<string, Customer>;
};

export type ElementGroup = Exclude<keyof Network, 'header'>;

export const elementGroups = [
  'nodes',
  'impedances',
  'equipment',
  'substations',
  'circuits',
  'usagePoints',
  'customers',
] as const satisfies readonly ElementGroup[];

export function groupOf(kind: Exclude<NetworkElement['kind'], 'Network'>): ElementGroup {
  switch (kind) {
    case 'ConnectivityNode':
      return 'nodes';
    case 'PhaseImpedance':
      return 'impedances';
    case 'Substation':
      return 'substations';
    case 'Circuit':
      return 'circuits';
    case 'UsagePoint':
      return 'usagePoints';
    case 'Customer':
      return 'customers';
    case 'EnergySource':
    case 'ACLineSegment':
    case 'Switch':
    case 'SeriesCompensator':
    case 'PowerTransformer':
    case 'LinearShuntCompensator':
    case 'EnergyConsumer':
    case 'SynchronousMachine':
    case 'PowerElectronicsConnection':
      return 'equipment';
  }
}
