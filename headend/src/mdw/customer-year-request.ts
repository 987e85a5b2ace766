import type { WarehouseRequest } from './warehouse-request.ts';

/** `profile`: which it follows; unless told, the one that has the name of its class in the network. */
export type CustomerYear = { readonly meter: string; readonly yearWh: number; readonly profile?: string };
export type CustomerYearsAsked = {
  readonly years: readonly CustomerYear[];
  /** From when on intervals are expected of them; unless told, from when they were first heard of. */
  readonly sinceS?: number;
};

/** What customers take a year of whom no interval is counted: a load profile is scaled by it. A later word replaces. */
export const tellCustomerYears: WarehouseRequest<CustomerYearsAsked, number> = {
  name: 'mdw.customer-years',
  repeatable: true,
};

/** `profile`: the one in force, told or by its class; absent where neither names one, and then nothing is estimated of it. */
export type CustomerYearKnown = CustomerYear & { readonly toldS: number };
/** Ordered by name; `total` counts those beyond the limit, too. */
export const customerYears: WarehouseRequest<
  { readonly search?: string; readonly limit: number },
  { readonly customers: readonly CustomerYearKnown[]; readonly total: number }
> = { name: 'mdw.list-customer-years', repeatable: true };
