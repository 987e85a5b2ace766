import type { WarehouseRequest } from '../../mdw/warehouse-request.ts';
import type { ElementKind } from '../topology/load-topology.ts';

/** The highest hour of a time. `measured`: the share of customers who were measured then. */
export type LoadPeak = {
  readonly value: number;
  /** When its hour began. */
  readonly atS: number;
  readonly measured: number;
};

/**
 * Of the last day that is over, of the five days and of the year that end with it: power in W, import positive; apparent power in VA, whichever way it
 * flows; current in A of the most loaded phase.
 */
export type LoadPeaks = {
  readonly day: string;
  readonly yesterdayW?: LoadPeak;
  readonly yesterdayVa?: LoadPeak;
  readonly yesterdayA?: LoadPeak;
  readonly fiveDayW?: LoadPeak;
  readonly fiveDayVa?: LoadPeak;
  readonly fiveDayA?: LoadPeak;
  readonly yearW?: LoadPeak;
  readonly yearVa?: LoadPeak;
  readonly yearA?: LoadPeak;
};

export type LoadElement = {
  readonly kind: ElementKind;
  readonly id: string;
  readonly title: string;
  readonly circuit?: string;
  readonly substation?: string;
  readonly ratedA?: number;
  readonly ratedVa?: number;
  readonly peaks?: LoadPeaks;
  /** Yesterday's peak against the rating, 1 is all of it: of transformers apparent power, for that is what heats them; of others current. */
  readonly utilisation?: number;
};

export type LoadElementsAsked = {
  readonly kind: ElementKind;
  /** Of one circuit, by id. */
  readonly circuit?: string;
  /** In an id or a title. */
  readonly search?: string;
  readonly sort: 'utilisation' | 'title';
  readonly limit: number;
};
/** The most loaded first, or by title; `total` is how many there are. */
export type LoadElementsFound = { readonly elements: readonly LoadElement[]; readonly total: number };

export const loadElements: WarehouseRequest<LoadElementsAsked, LoadElementsFound> = {
  name: 'tlm.elements',
  repeatable: true,
  isLong: true,
};

export type ElementNamed = { readonly kind: ElementKind; readonly id: string };
export type LoadHoursAsked = ElementNamed & { readonly fromS: number; readonly toS: number };

/** Columns, ordered by time; null is unknown. Power import positive. Customers by how their hour is known. */
export type LoadHours = {
  readonly element: LoadElement;
  readonly hourS: readonly number[];
  /** With those who are missing filled in. */
  readonly activeW: readonly (number | null)[];
  readonly reactiveVar: readonly (number | null)[];
  readonly ampsA: readonly (number | null)[];
  readonly ampsB: readonly (number | null)[];
  readonly ampsC: readonly (number | null)[];
  readonly measured: readonly number[];
  readonly estimated: readonly number[];
  readonly missing: readonly number[];
  /** What it was made for in that hour: of transformers apparent power in VA, of others amperes. */
  readonly rated: readonly (number | null)[];
};
/** Undefined: there is no such element. */
export const elementHours: WarehouseRequest<LoadHoursAsked, LoadHours | undefined> = {
  name: 'tlm.element-hours',
  repeatable: true,
};

export type LoadStatus = {
  /** IANA name: operating days and their hours are local to it. */
  readonly timeZone: string;
  /** When the engine last ran. */
  readonly runS?: number;
  /** When the newest hour that is known ends. */
  readonly knownUntilS?: number;
  readonly elements: number;
  /** Which network it computes with. */
  readonly networkRevision?: number;
  /** By kind of customer, where their meters count no reactive energy: apparent power and amperes come by it. */
  readonly assumedPowerFactor: Readonly<Record<string, number>>;
};
export const loadStatus: WarehouseRequest<Record<never, never>, LoadStatus> = { name: 'tlm.status', repeatable: true };

/** The topology that was told is that of this network. */
export const noteNetworkRevision: WarehouseRequest<{ readonly revision: number }, void> = {
  name: 'tlm.network-revision',
  repeatable: true,
};
