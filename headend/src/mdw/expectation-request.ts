import type { WarehouseRequest } from './warehouse-request.ts';

export type ExpectationAsked = { readonly meters: readonly string[]; readonly atS: number };
/** W, import positive. Meters without enough days are left out. */
export type ExpectedPowers = readonly { readonly meter: string; readonly powerW: number }[];

/** What meters usually take at this local time, by what was measured of them on their last days of the same kind. */
export const expectedPowers: WarehouseRequest<ExpectationAsked, ExpectedPowers> = {
  name: 'mdw.expected-powers',
  repeatable: true,
};
