import { decodePoints, readPoint } from '@tiepoint/hardware-profiles';
import type { DeviceModel, ResolvedPoint, WordImage } from '@tiepoint/hardware-profiles';
import { unitOf } from '../unit-of.ts';

export type PointValue = number | string | readonly string[];

/**
 * `good`: read at the last look. `old`: read before, and not since. `no-value`: its registers were read and tell nothing: not
 * implemented, not plausible, or a code that the profile does not know. `unread`: the registers could not be read.
 */
export type Quality = 'good' | 'old' | 'no-value' | 'unread';

export type PointView = {
  readonly name: string;
  readonly value?: PointValue;
  readonly unit?: string;
  readonly quality: Quality;
  /** Of the oldest of its words. */
  readonly ageMs?: number;
  /** Where it comes from, with the words as they were read; without words where they were not. */
  readonly raw: readonly RawSource[];
  /** Another value than at the look before. */
  readonly changed: boolean;
};

export type RawSource = { readonly table: string; readonly address: number; readonly words?: readonly number[] };

/**
 * All points of a device as they are to be shown. `beganMs`: when the last look began; what was read before it is old, unless it is
 * slow and not older than `slowMs`. `before`: the values of the look before, by name.
 */
export function pointViews(
  model: DeviceModel,
  image: WordImage,
  {
    nowMs,
    beganMs,
    slowMs,
    before,
  }: {
    nowMs: number;
    beganMs: number;
    slowMs: number;
    before: ReadonlyMap<string, PointValue | undefined>;
  },
): readonly PointView[] {
  const alarms = decodePoints(model, image).measured.alarms;
  return model.points
    .filter(({ sources }) => sources.some(({ orders }) => orders === undefined))
    .map((point) => {
      const value = point.name === 'alarms' ? alarms : readPoint(point, image);
      const times = timesOf(point, image);
      const ageMs = times === undefined ? undefined : Math.max(0, nowMs - Math.min(...times));
      const oldAfterMs = point.every === 'cycle' ? nowMs - beganMs : Math.max(slowMs * 2, nowMs - beganMs);
      const unit = unitOf(point.name);
      return {
        name: point.name,
        quality: qualityOf(value, ageMs, oldAfterMs),
        raw: rawOf(point, image),
        changed: before.has(point.name) && !same(before.get(point.name), value),
        ...(value === undefined ? {} : { value }),
        ...(unit === undefined ? {} : { unit }),
        ...(ageMs === undefined ? {} : { ageMs }),
      };
    });
}

export const valuesOf = (views: readonly PointView[]): ReadonlyMap<string, PointValue | undefined> =>
  new Map(views.map(({ name, value }) => [name, value]));

function qualityOf(value: PointValue | undefined, ageMs: number | undefined, oldAfterMs: number): Quality {
  if (ageMs === undefined) return 'unread';
  if (value === undefined) return 'no-value';
  return ageMs <= oldAfterMs ? 'good' : 'old';
}

/** When the words were read of the first source that was read whole; `undefined` where none was. */
function timesOf({ sources }: ResolvedPoint, image: WordImage): readonly number[] | undefined {
  for (const { table, address, words } of sources) {
    const times = Array.from({ length: words }, (_, n) => image.readAtMs(table, address + n));
    if (times.every((time) => time !== undefined)) return times;
  }
  return undefined;
}

function rawOf({ sources }: ResolvedPoint, image: WordImage): readonly RawSource[] {
  return sources.map((source) => {
    const words = image.words(source);
    return { table: source.table, address: source.address, ...(words === undefined ? {} : { words }) };
  });
}

function same(a: PointValue | undefined, b: PointValue | undefined): boolean {
  return typeof a === 'object' && typeof b === 'object' ? a.join() === b.join() : a === b;
}
