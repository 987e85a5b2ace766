import type { Capability, DeviceKind, Measured } from '../points.ts';
import type { DeviceLimits } from '../messages/birth.ts';
import type { CommandKind } from './kinds.ts';

/**
 * `live`: reports on time; `late`: two periods without; `lost`: three periods without, or a death; `held-back`: its gateway keeps its reports,
 * as it was told to by a fleet mode.
 */
export const livenesses = ['live', 'late', 'lost', 'never', 'held-back'] as const;
export type Liveness = (typeof livenesses)[number];

/** What must be known of a device to judge a command: the head-end's twin gives it, and the agent's own measurement does. */
export type DeviceView = {
  readonly deviceId: string;
  readonly kind: DeviceKind;
  readonly capabilities: readonly Capability[];
  readonly commands: readonly CommandKind[];
  readonly limits: DeviceLimits;
  readonly readOnly: boolean;
  readonly liveness: Liveness;
  /** Absent what is unknown. */
  readonly measured: Measured;
  readonly tag?: { readonly owner: string; readonly cause: string } | undefined;
  /** A command under way at this device. */
  readonly active?: { readonly id: string; readonly kind: CommandKind } | undefined;
};
