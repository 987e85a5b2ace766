import { alarmCodes } from '@tiepoint/protocol';
import type { AlarmCode, Measured } from '@tiepoint/protocol';
import type { DeviceModel, NameplatePoint, ResolvedPoint, ResolvedSource } from './device-model.ts';
import type { Every } from './profile.ts';
import { readSource } from './source-value.ts';
import type { WordImage } from './word-image.ts';

/** A point is known only if all its words were read at or after this time; one for all, or by the point's period. */
export type Freshness = { readonly newerThanMs?: number | { readonly [E in Every]?: number } };

/** `setpoints` holds what was set, by its name with `set:`. What is absent is unknown. */
export type Decoded = {
  readonly measured: Measured;
  readonly setpoints: Readonly<Record<string, number | string | undefined>>;
};

/**
 * Everything that the image tells of the device, in our units and sign. A value that was never read, is stale, not implemented,
 * not finite or not plausible is absent. `control` is `none` where the profile says so; ratings come from the model's limits.
 */
export function decodePoints(model: DeviceModel, image: WordImage, freshness: Freshness = {}): Decoded {
  const measured: Record<string, unknown> = {};
  const setpoints: Record<string, number | string | undefined> = {};
  for (const point of model.points) {
    const newerThanMs = thresholdOf(point.every, freshness);
    if (point.name === 'alarms') measured['alarms'] = readAlarms(point.sources, image, newerThanMs);
    else (point.name.startsWith('set:') ? setpoints : measured)[point.name] = readPoint(point, image, newerThanMs);
  }
  if (model.profile.control === 'none') measured['control'] = 'none';
  measured['ratedPowerW'] ??= model.limits.ratedPowerW;
  measured['ratedCurrentA'] ??= model.limits.ratedCurrentA;
  measured['loadSideVoltage'] ??= presenceOf(measured['loadSideVoltageV']);
  return { measured: definedOnly(measured), setpoints: definedOnly(setpoints) };
}

export function thresholdOf(every: Every, { newerThanMs }: Freshness): number | undefined {
  return typeof newerThanMs === 'object' ? newerThanMs[every] : newerThanMs;
}

/** The first of the point's sources that is known: a number, or a word where the point has codes. */
export function readPoint(
  point: Pick<ResolvedPoint | NameplatePoint, 'sources'>,
  image: WordImage,
  newerThanMs?: number,
): number | string | undefined {
  for (const source of point.sources) {
    const held = readSource(source, image, newerThanMs);
    if (held === undefined) continue;
    if (held.kind === 'text') return held.text;
    if (source.codes === undefined) return held.value;
    const word = source.codes[Number(held.code)];
    if (word !== undefined) return word;
  }
  return undefined;
}

/**
 * The alarms of all sources that are known, in the order of the list of alarms; `undefined` if none is known, or if a source that
 * was read before was not read now: its alarms may stand. One that could never be read is not there.
 */
export function readAlarms(
  sources: readonly ResolvedSource[],
  image: WordImage,
  newerThanMs?: number,
): readonly AlarmCode[] | undefined {
  const active = new Set<AlarmCode>();
  let known = false;
  for (const source of sources) {
    if (image.words(source, newerThanMs) === undefined && image.words(source) !== undefined) return undefined;
    const held = readSource(source, image, newerThanMs);
    if (held?.kind !== 'number') continue;
    known = true;
    for (const alarm of alarmsIn(source, held.code)) active.add(alarm);
  }
  return known ? alarmCodes.filter((alarm) => active.has(alarm)) : undefined;
}

function alarmsIn(source: ResolvedSource, code: bigint): readonly AlarmCode[] {
  const byCode = source.alarmCodes?.[Number(code)];
  const byBit = Object.entries(source.alarmBits ?? {}).filter(([bit]) => ((code >> BigInt(bit)) & 1n) === 1n);
  return [...(byCode === undefined ? [] : [byCode]), ...byBit.map(([, alarm]) => alarm)];
}

// Between the two, neither dead nor live is proven: induced voltage on an open line reads some volts.
const deadBelowV = 15;
const liveFromV = 40;

function presenceOf(volts: unknown): 'absent' | 'present' | undefined {
  if (typeof volts !== 'number') return undefined;
  const magnitude = Math.abs(volts);
  if (magnitude < deadBelowV) return 'absent';
  return magnitude >= liveFromV ? 'present' : undefined;
}

function definedOnly<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
