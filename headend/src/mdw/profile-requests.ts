import type { DayType } from './local-days.ts';
import type { WarehouseRequest } from './warehouse-request.ts';

/** How customers take power: by kind of day and local hour (24 each), relative to each other; what a year takes scales all of it. */
export type ProfileShape = Readonly<Record<DayType, readonly number[]>>;
/** `told`: by somebody here; the others come with the program, `measured` at homes elsewhere or `assumed`. */
export type ProfileOrigin = 'told' | 'measured' | 'assumed';
export type CustomerProfile = {
  readonly name: string;
  readonly origin: ProfileOrigin;
  /** How many customers follow it of whom nobody counts intervals. */
  readonly customers: number;
  readonly shape: ProfileShape;
};

export const listProfiles: WarehouseRequest<Record<never, never>, readonly CustomerProfile[]> = {
  name: 'mdw.profiles',
  repeatable: true,
};

/** Each whole; one that has the name of another takes its place. */
export const tellProfiles: WarehouseRequest<
  { readonly profiles: readonly { readonly name: string; readonly shape: ProfileShape }[] },
  number
> = { name: 'mdw.tell-profiles', repeatable: true };

/** One that was told. Where the program has one of that name, that counts again; else nobody may follow it. */
export const forgetProfile: WarehouseRequest<{ readonly name: string }, CustomerProfile> = {
  name: 'mdw.forget-profile',
  repeatable: false,
};
