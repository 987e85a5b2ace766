import type { FleetModeOrder } from '../store/store.ts';
import type { ModeWish } from '../nms/fleet-modes.ts';

export type ModeOrderRequest = ModeWish;
/** `state`: it counts now, or it is over, by its time or before. `gateways`: how many it covers, and how many of them have heard of it. */
export type ModeOrderView = FleetModeOrder & {
  readonly state: 'in-force' | 'over' | 'ended';
  readonly gateways?: { readonly covered: number; readonly told: number };
};
/** Newest first. */
export type ModesResponse = { readonly modes: readonly ModeOrderView[] };
