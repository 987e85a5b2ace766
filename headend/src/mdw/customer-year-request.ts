import type { WarehouseRequest } from './warehouse-request.ts';

/** `customerClass`: whose profile it follows; unless told, the one that is known of the meter. */
export type CustomerYear = { readonly meter: string; readonly yearWh: number; readonly customerClass?: string };
export type CustomerYearsAsked = {
  readonly years: readonly CustomerYear[];
  /** From when on intervals are expected of them; unless told, from when they were first heard of. */
  readonly sinceS?: number;
};

/** What customers take a year of whom no interval is counted: their class's load profile is scaled by it. A later word replaces. */
export const tellCustomerYears: WarehouseRequest<CustomerYearsAsked, number> = {
  name: 'mdw.customer-years',
  repeatable: true,
};
