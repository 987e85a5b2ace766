import type { WordImage } from '@tiepoint/hardware-profiles';
import type { WireWrite } from './command-watch.ts';
import type { DeviceFaults, FaultName } from './device-faults.ts';
import type { RegisterTable, WriteVerdict } from '../register-image.ts';

/** What a device tells, by the names of its profile's points; `undefined`: not implemented. Where two share registers the first wins. */
export type Told = Readonly<Record<string, number | string | readonly string[] | undefined>>;

/** How one kind of device behaves: between the plant, which is real, and the registers, which are what it says. */
export type Behaviour = {
  /** The faults it can have, besides those of every device. */
  readonly faults: readonly FaultName[];
  /** What it says of itself now. A set-point that the wire writes is put into its register only when it changes here, as when it reverts. */
  told(faults: DeviceFaults): Told;
  /** Set-points that were written, decoded by the profile. `ok` keeps the words. */
  set?(setpoints: Told, faults: DeviceFaults): WriteVerdict;
  /** Every write as it came, in place of `set`: the registers without it, and with it. */
  takes?(write: WireWrite, before: WordImage, after: WordImage, faults: DeviceFaults): WriteVerdict;
  /** Words beside the profile's points, such as heartbeats: where and what. */
  beside?(): readonly Beside[];
};

export type Beside = { readonly table: RegisterTable; readonly address: number; readonly words: readonly number[] };

/** What a device in LOCAL answers to a write: slave device failure, for the order cannot be carried out. */
export const refusedInLocal = 4;
