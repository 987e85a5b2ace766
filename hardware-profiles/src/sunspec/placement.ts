import type { FoundModel } from '../device-model.ts';
import type { SunSpecGroup, SunSpecModel, SunSpecPoint } from './notation.ts';

type Placed = Pick<FoundModel, 'length' | 'counts'>;

/**
 * The points of a model as they lie in a device that gives this length and, for groups within groups, these counts. Names in groups
 * count from 1: `Crv[1].MustTrip.Pt[2].V`; offsets count from the model's id. A point past the end is absent. Nothing is there in a
 * layout that drafts had otherwise, and no group where length and counts do not agree.
 */
export function pointsInPlace(model: SunSpecModel, found: Placed): readonly SunSpecPoint[] {
  if (!isKnownLayout(model, found)) return [];
  const fixed = [...model.points.values()].filter(({ offset, size }) => offset + size <= found.length + 2);
  return [...fixed, ...repeatedPoints(model, found)];
}

/** The points of one path in place; in a path, `[*]` stands for every repetition. None where the device lacks it. */
export function pointsAt(model: SunSpecModel, found: Placed, path: string): readonly SunSpecPoint[] {
  if (!isKnownLayout(model, found)) return [];
  const fixed = model.points.get(path);
  if (fixed !== undefined) return fixed.offset + fixed.size <= found.length + 2 ? [fixed] : [];
  if (!path.includes('[')) return [];
  return repeatedPoints(model, found).filter(({ name }) => matches(path, name));
}

/** The definition of a path, wherever it may lie; repetitions have one definition. */
export function definitionAt(model: SunSpecModel, path: string): SunSpecPoint | undefined {
  const fixed = model.points.get(path);
  if (fixed !== undefined || !path.includes('[')) return fixed;
  const wanted = path.replace(/\[(\*|[1-9]\d*)\]/g, '[1]');
  return model.groups.flatMap((group) => placeGroup(group, 1, 0, () => 1)).find(({ name }) => name === wanted);
}

/** Is this exactly a layout that we know? Nothing is written into another. */
export function isExact(model: SunSpecModel, found: Placed): boolean {
  const { length } = found;
  return model.groups.length === 0 ? length === model.length : repeats(model, found) !== undefined;
}

/** Length and counts of a model whose groups repeat as often as said, by the name of the group or of its count point; else twice. */
export function fullSize(
  model: SunSpecModel | undefined,
  repetitions: Readonly<Record<string, number>>,
): { readonly length: number; readonly counts: Readonly<Record<string, number>> } {
  if (model === undefined) return { length: 0, counts: {} };
  const counts = Object.fromEntries(model.groups.flatMap(countsIn).map((name) => [name, repetitions[name] ?? 2]));
  const repeated = model.groups.map((group) => {
    const times = repetitions[group.name] ?? timesOf(group, (point) => counts[point]) ?? 2;
    return times * (sizeOf(group, (point) => counts[point]) ?? 0);
  });
  return { length: model.length + repeated.reduce((sum, size) => sum + size, 0), counts };
}

/** Count points that must be read before the groups of a model can be placed; none where its length tells. */
export function countsNeeded(model: SunSpecModel): readonly string[] {
  const nested = model.groups.flatMap(({ groups }) => groups.flatMap(countsIn));
  return nested.length === 0 ? [] : [...new Set([...model.groups.flatMap(ownCount), ...nested])];
}

/**
 * May points be read from a model of this length? Of what has no drafts, a shorter layout is the beginning of a later one and a longer
 * one has something appended.
 */
export function isKnownLayout(model: SunSpecModel, found: Placed): boolean {
  const { olderLengths } = model;
  return olderLengths === undefined || olderLengths.includes(found.length) || isExact(model, found);
}

const ownCount = ({ count }: SunSpecGroup): readonly string[] => (typeof count === 'object' ? [count.point] : []);
const countsIn = (group: SunSpecGroup): readonly string[] => [...ownCount(group), ...group.groups.flatMap(countsIn)];

type CountOf = (point: string) => number | undefined;

function repeatedPoints(model: SunSpecModel, found: Placed): readonly SunSpecPoint[] {
  const times = repeats(model, found);
  const [group] = model.groups;
  if (times === undefined || group === undefined) return [];
  return placeGroup(group, times, model.length + 2, (point) => found.counts?.[point]);
}

/** How often the group of a model repeats; `undefined` unless it fills the length to the last register, and agrees with the counts. */
function repeats(model: SunSpecModel, { length, counts }: Placed): number | undefined {
  const [group, ...others] = model.groups;
  if (group === undefined || others.length > 0) return undefined;
  const size = sizeOf(group, (point) => counts?.[point]);
  const times = size === undefined ? undefined : (length - model.length) / size;
  if (times === undefined || !Number.isInteger(times) || times < 0) return undefined;
  if (typeof group.count === 'object' && countsNeeded(model).length > 0 && counts?.[group.count.point] !== times)
    return undefined;
  return times;
}

function sizeOf({ size, groups }: SunSpecGroup, countOf: CountOf): number | undefined {
  let total = size;
  for (const group of groups) {
    const once = sizeOf(group, countOf);
    const times = timesOf(group, countOf);
    if (once === undefined || times === undefined) return undefined;
    total += once * times;
  }
  return total;
}

const timesOf = ({ count }: SunSpecGroup, countOf: CountOf): number | undefined =>
  count === 'once' ? 1 : count === 'fill' ? undefined : countOf(count.point);

function placeGroup(group: SunSpecGroup, times: number, start: number, countOf: CountOf): readonly SunSpecPoint[] {
  const placed: SunSpecPoint[] = [];
  let offset = start;
  for (let index = 1; index <= times; index++) {
    const path = group.count === 'once' ? group.name : `${group.name}[${index}]`;
    const within = (point: SunSpecPoint, from: number): SunSpecPoint => ({
      ...point,
      name: `${path}.${point.name}`,
      offset: from + point.offset,
    });
    placed.push(...group.points.map((point) => within(point, offset)));
    offset += group.size;
    for (const inner of group.groups) {
      const innerTimes = timesOf(inner, countOf) ?? 0;
      placed.push(...placeGroup(inner, innerTimes, offset, countOf).map((point) => within(point, 0)));
      offset += innerTimes * (sizeOf(inner, countOf) ?? 0);
    }
  }
  return placed;
}

function matches(path: string, name: string): boolean {
  if (!path.includes('[*]')) return path === name;
  const pattern = path
    .split('[*]')
    .map((part) => part.replace(/[.[\]]/g, '\\$&'))
    .join('\\[\\d+\\]');
  return new RegExp(`^${pattern}$`).test(name);
}
