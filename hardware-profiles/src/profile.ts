import type {
  AlarmCode,
  Capability,
  CommandKind,
  DeviceKind,
  DeviceLimits,
  ParameterName,
  PointName,
  Reason,
} from '@tiepoint/protocol';

export type Table = 'coil' | 'discrete' | 'input' | 'holding';

/** How a value lies in registers. `bits` types are unsigned words whose bits or codes mean something. */
export type WordType =
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float32'
  | 'float64'
  | 'bit'
  | 'text';

/** `little`: the least significant word first, big-endian bytes within each word. */
export type WordOrder = 'big' | 'little';

/**
 * `cycle`: every reporting cycle, as points are by default; `minute`: slow-moving; `start`: once, when the device is identified, as
 * set-points are by default: a command reads them itself.
 */
export type Every = 'cycle' | 'minute' | 'start';

/** Points that only commands need: what was set, not what is. Never shown as state. */
export type SetpointName = `set:${string}`;

/** Read once at identification; a limit that is read wins over the fixed one of the same name in `limits`. */
export type NameplateName =
  | 'identity:manufacturer'
  | 'identity:model'
  | 'identity:serialNumber'
  | 'identity:firmware'
  | `limit:${keyof DeviceLimits}`;

/** A register at a fixed address. */
export type FixedSource = { readonly table: Table; readonly address: number };
/**
 * A point of a SunSpec model, found by reading the device's own chain; the first of `models` that the device has. In a group that repeats,
 * by its path, counted from 1: `Crv[1].MustTrip.Pt[2].V`; `string[*].StrEvt1` is that of every repetition, for alarms.
 */
export type SunSpecSource = { readonly models: readonly number[]; readonly point: string };

export type Point = {
  readonly source: FixedSource | SunSpecSource;
  /** For a SunSpec source, type, scale, length and not-implemented value come from the model. */
  readonly type?: WordType;
  readonly wordOrder?: WordOrder;
  /** Registers of a text. */
  readonly length?: number;
  /** value = raw × scale. */
  readonly scale?: number;
  /** Which sign the device gives to import or export; turned to our convention for the device's kind. */
  readonly positive?: 'import' | 'export';
  /** Raw value that means "not implemented". SunSpec's own are known. */
  readonly notImplemented?: number | 'nan' | readonly number[];
  readonly every?: Every;
  /** Raw code → word, for points whose value is a word. A code that is not here is unknown. */
  readonly codes?: Readonly<Record<number, string>>;
  /** One bit of the raw value → word; with `codes` {0: …, 1: …}. */
  readonly bit?: number;
  /** With `bit`: how many bits from there hold the code; 1 where absent. */
  readonly bitCount?: number;
  /** Bit number → alarm, for `alarms`; may be given for several registers. */
  readonly alarmBits?: Readonly<Record<number, AlarmCode>>;
  /** Raw code → alarm, for `alarms` of devices that give a code for each alarm. A code that is not here is no alarm. */
  readonly alarmCodes?: Readonly<Record<number, AlarmCode>>;
  /** true: written by function 5 or 6, for devices that have no 15 or 16; false: a single coil by function 15, for those that have no 5. */
  readonly singleWrite?: boolean;
  /**
   * Words that order something, by the name of the order: `{ close: [1], open: [2] }`, or a command code with its argument in
   * several registers. Written whole, in one transaction. The device clears such a register itself or lets nobody read it, so it is
   * never read, and tells no state. Lies in coils or holding registers; type, scale and codes have no meaning beside it.
   */
  readonly orders?: Readonly<Record<string, readonly number[]>>;
  /** Raw values outside of these limits (after scaling) are not believed: unknown. */
  readonly plausible?: readonly [number, number];
};

/** A step or condition that holds for one value of a parameter only, as for one relay of four. */
export type When = { readonly parameter: ParameterName; readonly is: number | string };

/** What must be measured. Exactly one of is / above / below / near / belowPct. Magnitudes are absolute. */
export type Condition = { readonly point: PointName | SetpointName; readonly when?: When } & (
  | { readonly is: string | readonly string[] | { readonly parameter: ParameterName } }
  | { readonly above: number }
  /** Also satisfied by `orBelowRated`, a share of the rated value of the same unit (W or A). */
  | { readonly below: number; readonly orBelowRated?: number }
  | { readonly near: number | { readonly parameter: ParameterName }; readonly tolerance: number }
  /** Not above so many percent (plus tolerance, in percent too) of another point. */
  | {
      readonly belowPct: number | { readonly parameter: ParameterName };
      readonly of: PointName | SetpointName;
      readonly tolerance: number;
    }
);

export type WriteValue =
  | number
  | { readonly parameter: ParameterName; readonly codes?: Readonly<Record<string, number>> }
  /** One of the point's `orders`. */
  | { readonly order: string };

export type Step =
  /** Writes one point by name; a `bit` point is read, changed and written back whole. `optional`: left out where the device lacks it. */
  | {
      readonly do: 'write';
      readonly point: SetpointName;
      readonly value: WriteValue;
      readonly optional?: boolean;
      readonly when?: When;
    }
  /** Waits until all conditions are measured. What happens else is `otherwise`, and nothing further is written. */
  | {
      readonly do: 'await';
      readonly until: readonly Condition[];
      readonly withinMs: number;
      readonly say: string;
      readonly otherwise: Reason;
    }
  /** Measured freshly before going on; refuses the command if it comes before the first write, else fails it. */
  | { readonly do: 'require'; readonly that: readonly Condition[]; readonly reason: Reason; readonly say: string };

export type CommandPlan = {
  readonly steps: readonly Step[];
  /** All of it must be measured for `confirmed`. Never a set-point alone. */
  readonly proof: readonly Condition[];
  /** Time the device has to move after the last step. */
  readonly withinMs: number;
};

export type Probe = {
  readonly source: FixedSource;
  readonly type: WordType;
  readonly wordOrder?: WordOrder;
  readonly length?: number;
  /** The device gives the registers around the source as a whole only; this is what is read. */
  readonly block?: { readonly address: number; readonly registers: number };
} & (
  | { readonly within: readonly [number, number] }
  | { readonly equals: number | string }
  /** A code of a model, where several models share the registers. */
  | { readonly oneOf: readonly (number | string)[] }
  | { readonly startsWith: string }
  /** The device refuses to read it: what tells it from a relative that has this register. */
  | { readonly refused: true }
);

export type Profile = {
  readonly name: string;
  readonly make: string;
  readonly model: string;
  /** The manual or model definition that the registers come from. */
  readonly source: string;
  readonly kind: DeviceKind;
  readonly capabilities: readonly Capability[];
  /** Largest number of registers in one read; 125 where the device names none. */
  readonly maxRegisters?: number;
  readonly identify:
    | {
        readonly sunspec: true;
        readonly anyModel: readonly number[];
        /** Must be implemented at this device: what tells one that has the models from one that has something behind them. */
        readonly implements?: readonly SunSpecSource[];
        /** Which of several such devices in one chain, from 1; the first where absent. */
        readonly instance?: number;
      }
    | {
        readonly probes: readonly Probe[];
        /** No register tells what the device is: the probes show only that its registers answer, and configuration must name it. */
        readonly anonymous?: true;
      };
  /** It pushes telegrams on a P1 port; absent: it answers Modbus. */
  readonly port?: 'p1';
  /** Profiles that tell a device better where they fit it as surely: recognition names them and not this one. */
  readonly yieldsTo?: readonly string[];
  /** Several sources for one point are tried in turn: the first that is known counts; alarms are joined. */
  readonly points: { readonly [P in PointName | SetpointName | NameplateName]?: Point | readonly Point[] };
  /**
   * Points whose register no source confirms. A command that needs one is withheld until the site's configuration says that it was
   * checked with a witness: nothing unconfirmed may move a breaker.
   */
  readonly unconfirmed?: readonly (PointName | SetpointName)[];
  /** Fixed limits, where the profile knows them; read ones (ratedPowerW …) win. */
  readonly limits?: DeviceLimits;
  /** `none`: the device has no LOCAL/REMOTE switch. Otherwise the point `control` must exist. */
  readonly control: 'none' | 'point';
  readonly commands: { readonly [K in CommandKind]?: CommandPlan };
};
