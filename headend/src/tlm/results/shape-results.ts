import type { WarehouseRequest } from '../../mdw/warehouse-request.ts';
import type { LoadCalendar } from './load-calendar.ts';
import type { DurationCurve } from './load-duration.ts';
import type { ProfileGroup } from './load-profile.ts';
import type { ElementNamed, LoadElement, LoadHoursAsked } from './load-results.ts';

export type LoadDuration = { readonly element: LoadElement } & DurationCurve;
/** Undefined, here and below: there is no such element. */
export const elementDuration: WarehouseRequest<LoadHoursAsked, LoadDuration | undefined> = {
  name: 'tlm.element-duration',
  repeatable: true,
};

export type LoadProfile = {
  readonly element: LoadElement;
  readonly timeZone: string;
  /** Days in the time asked for that are set as holidays. */
  readonly holidays: readonly string[];
  readonly groups: readonly ProfileGroup[];
};
export const elementProfile: WarehouseRequest<
  LoadHoursAsked & { readonly calendar: LoadCalendar },
  LoadProfile | undefined
> = { name: 'tlm.element-profile', repeatable: true };

/**
 * What a counter at the element would have counted since the first day that is known, as a meter's register: what its customers' meters counted,
 * measured or estimated. Losses and who is missing are not in it.
 */
export type LoadEnergy = {
  readonly element: LoadElement;
  /** The first and the last local day of which anything is known. */
  readonly sinceDay?: string;
  readonly untilDay?: string;
  readonly importWh: number;
  readonly exportWh: number;
  /** The share of the customers' hours that is in it, measured or estimated by the warehouse: the others are not. Undefined: nobody was there. */
  readonly countedShare?: number;
  /** By local months, ordered; the register at the end of a month is the sum until then. */
  readonly months: readonly EnergyMonth[];
};
export type EnergyMonth = {
  /** As 2026-03. */
  readonly month: string;
  readonly days: number;
  readonly importWh: number;
  readonly exportWh: number;
};
export const elementEnergy: WarehouseRequest<ElementNamed, LoadEnergy | undefined> = {
  name: 'tlm.element-energy',
  repeatable: true,
};
