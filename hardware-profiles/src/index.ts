import type { CommandKind, CommandParameters, DeviceLimits, Measured, Measurement, PointName, Result } from '@tiepoint/protocol';
import type { DeviceModel, ReadOutcome, ReadRequest, ResolvedPoint, Span } from './device-model.ts';
import type { CommandPlan, Condition, Every, Profile, SetpointName, Step, Table } from './profile.ts';

export type * from './profile.ts';
export type * from './device-model.ts';

const later = (): never => {
  throw new Error('not written yet');
};

export const profiles: readonly Profile[] = [];
export const findProfile = (name: string): Profile | undefined => profiles.find((profile) => profile.name === name);
/** Each error names file and point. */
export const validateProfile = (_profile: Profile, _file?: string): readonly string[] => later();
export const profileHash = (_profile: Profile): string => later();

/** Yields the reads it needs; returns the device as it really is. Bounded: at most 100 models and 10,000 registers of chain. */
export function* identify(_profile: Profile): Generator<ReadRequest, Result<DeviceModel>, ReadOutcome> {
  return later();
}

/** Words of a device with the time each was read. Mutable; one a device. */
export class WordImage {
  set(_table: Table, _address: number, _words: readonly number[], _atMs: number): void {
    later();
  }
  get(_table: Table, _address: number): number | undefined {
    return later();
  }
  readAtMs(_table: Table, _address: number): number | undefined {
    return later();
  }
  forget(_table?: Table, _address?: number, _words?: number): void {
    later();
  }
}

/** A point is known only if all its words were read at or after this time; given by period, or one for all. */
export type Freshness = { readonly newerThanMs?: number | { readonly [E in Every]?: number } };
export type Decoded = { readonly measured: Measured; readonly setpoints: Readonly<Record<string, number | string | undefined>> };
export const decodePoints = (_model: DeviceModel, _image: WordImage, _freshness?: Freshness): Decoded => later();
/** Writes the words of a value into an image: what a device holding that value would answer. False where it cannot be represented. */
export const encodePoint = (
  _point: { readonly name: string; readonly sources: ResolvedPoint['sources'] },
  _value: number | string | readonly string[] | undefined,
  _image: WordImage,
  _atMs?: number,
): boolean => later();

/** Unreadable registers of one device, learned by exceptions. Immutable. */
export type Holes = { readonly entries: readonly (Span & { readonly untilMs: number; readonly failures: number })[] };
export const noHoles: Holes = { entries: [] };
export type WireCost = { readonly perTransactionMs: number; readonly perRegisterMs: number };
export type PlanOptions = { readonly maxRegisters: number; readonly wireCost: WireCost; readonly holes: Holes; readonly nowMs: number };
export const planReads = (_spans: readonly Span[], _options: PlanOptions): readonly ReadRequest[] => later();
/** What an outcome teaches. `spans`: those that the request was to cover. `retry`: smaller reads to try now, at most 2 each time. */
export const learn = (
  _holes: Holes,
  _request: ReadRequest,
  _outcome: ReadOutcome,
  _context: { readonly spans: readonly Span[]; readonly nowMs: number },
): { readonly holes: Holes; readonly retry: readonly ReadRequest[] } => later();

/** Spans of the named points; unknown names are left out. */
export const readsFor = (_model: DeviceModel, _names: readonly (PointName | SetpointName)[]): readonly Span[] => later();
export const readsForConditions = (_model: DeviceModel, _conditions: readonly Condition[]): readonly Span[] => later();
/** What must be read freshly before `buildWrite`: scale factor, the word of a bit, whether an optional point is implemented. */
export const readsForStep = (_model: DeviceModel, _step: Step): readonly Span[] => later();
/** Spans of all points of these periods. */
export const readsEvery = (_model: DeviceModel, _periods: readonly Every[]): readonly Span[] => later();

/** The plan with all `when` resolved for these parameters; refused where nothing is left to write or to prove. */
export const planFor = (_model: DeviceModel, _kind: CommandKind, _parameters: CommandParameters): Result<CommandPlan> => later();
/** `single`: function 5 or 6 instead of 15 or 16. */
export type RegisterWrite = { readonly table: 'coil' | 'holding'; readonly address: number; readonly words: readonly number[]; readonly single?: boolean };
/** `undefined`: an optional point that this device lacks; go on. Only for `write` and `write-words` steps. */
export const buildWrite = (
  _model: DeviceModel,
  _step: Extract<Step, { do: 'write' | 'write-words' }>,
  _parameters: CommandParameters,
  _image: WordImage,
  _freshness?: Freshness,
): Result<RegisterWrite | undefined> => later();
/** `yes` only if every condition is measured as met; `no` if one is measured otherwise; no conditions at all: `unknown`. */
export const evaluate = (
  _conditions: readonly Condition[],
  _decoded: Decoded,
  _parameters: CommandParameters,
  _limits: DeviceLimits,
): { readonly met: 'yes' | 'no' | 'unknown'; readonly measurements: readonly Measurement[] } => later();

/** For emulated devices: an image with the device's identification in it and every point not implemented, and the model it identifies as. */
export type LayOut = { readonly sunspecBase?: number; readonly models?: readonly (number | { readonly id: number; readonly length: number })[] };
export const layOut = (_profile: Profile, _options?: LayOut): { readonly image: WordImage; readonly model: DeviceModel } => later();
/** Answers a read from an image as a device would: exception 2 where a word is missing. */
export const readImage = (_image: WordImage, _request: ReadRequest): ReadOutcome => later();
