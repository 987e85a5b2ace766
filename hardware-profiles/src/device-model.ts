import type { AlarmCode, Capability, CommandKind, DeviceLimits, PointName } from '@tiepoint/protocol';
import type {
  CommandPlan,
  Every,
  NameplateName,
  Profile,
  SetpointName,
  Table,
  WordOrder,
  WordType,
} from './profile.ts';
import type { UnreadModels } from './sunspec/instances.ts';

/** One read of the bus, without the unit: the caller adds it. `quantity` counts registers, or bits for coils and discretes. */
export type ReadRequest = { readonly table: Table; readonly address: number; readonly quantity: number };

/** What became of a read. Coils and discretes come as words of 0 or 1, one a bit. `exception` carries the Modbus code. */
export type ReadOutcome =
  | { readonly ok: true; readonly words: readonly number[] }
  | {
      readonly ok: false;
      readonly reason: 'exception' | 'timeout' | 'failure';
      readonly code?: number;
      readonly say: string;
    };

/** Registers that belong to one value and are never split over two reads. */
export type Span = { readonly table: Table; readonly address: number; readonly words: number };

/** Where and how one source of a point lies in this very device. */
export type ResolvedSource = Span & {
  readonly type: WordType;
  readonly wordOrder: WordOrder;
  /** value = raw × scale × 10^(scale factor register) × sign. */
  readonly scale: number;
  readonly sign: 1 | -1;
  /** SunSpec: the address of the scale factor, in the same table. */
  readonly scaleFactorAddress?: number;
  /** Raw values that mean "not implemented", as unsigned integers; floats are unknown when not finite. */
  readonly notImplemented: readonly bigint[];
  readonly codes?: Readonly<Record<number, string>>;
  readonly bit?: number;
  /** How many bits, from `bit` up, hold the raw code. */
  readonly bitCount?: number;
  readonly alarmBits?: Readonly<Record<number, AlarmCode>>;
  readonly alarmCodes?: Readonly<Record<number, AlarmCode>>;
  readonly plausible?: readonly [number, number];
  readonly singleWrite?: boolean;
  /** Words that order something, by name; written only, never read from a device. */
  readonly orders?: Readonly<Record<string, readonly number[]>>;
};

type Resolved = {
  readonly every: Every;
  /** Tried in turn; the alarms of all are joined. */
  readonly sources: readonly ResolvedSource[];
  /** All spans that the point needs, scale factors among them. */
  readonly reads: readonly Span[];
};
export type ResolvedPoint = Resolved & { readonly name: PointName | SetpointName };
/** Read once at identification: identity and limits. */
export type NameplatePoint = Resolved & { readonly name: NameplateName };

export type Identity = {
  readonly manufacturer?: string;
  readonly model?: string;
  readonly serialNumber?: string;
  readonly firmware?: string;
};

/** A model block found in the device's own chain; `address` is that of its id, `length` counts the registers after id and length. */
export type FoundModel = {
  readonly id: number;
  readonly address: number;
  readonly length: number;
  /** By its name, what a count point of the model read; only where groups within groups need it. */
  readonly counts?: Readonly<Record<string, number>>;
};

/** A device as it really is: its profile, resolved against what it answered. */
export type DeviceModel = {
  readonly profile: Profile;
  readonly profileHash: string;
  readonly identity: Identity;
  /** Those of `toldLimits`, and over them what was configured. */
  readonly limits: DeviceLimits;
  /** Read from the device where it tells, else the profile's: what it is, whatever somebody wrote into a file. */
  readonly toldLimits: DeviceLimits;
  readonly maxRegisters: number;
  readonly points: readonly ResolvedPoint[];
  readonly nameplate: readonly NameplatePoint[];
  /** Of the profile's, those whose points this device has. */
  readonly capabilities: readonly Capability[];
  /** Of the profile's, those whose points this device has. */
  readonly commands: readonly CommandKind[];
  /** Commands left out only because a point that they need is unconfirmed, and which. */
  readonly withheld: readonly { readonly kind: CommandKind; readonly unconfirmed: readonly string[] }[];
  readonly plans: { readonly [K in CommandKind]?: CommandPlan };
  /** The whole chain, whatever of it the points lie in. */
  readonly sunspecModels?: readonly FoundModel[];
  readonly sunspecUnread?: UnreadModels;
};
