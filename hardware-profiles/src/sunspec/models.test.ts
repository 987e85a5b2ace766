import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findModel } from './models.ts';
import type { SunSpecGroup, SunSpecPoint } from './notation.ts';
import { sunspecModel } from './notation.ts';
import { countsNeeded, definitionAt, fullSize, isExact, pointsAt, pointsInPlace } from './placement.ts';

type PublishedPoint = { name: string; type: string; size: number; sf?: string; units?: string; access?: string };
type PublishedGroup = { name: string; count?: number | string; points: PublishedPoint[]; groups?: PublishedGroup[] };

const folder = join(import.meta.dirname, '../../../../shared/data/sunspec');
const ids = [
  1, 101, 102, 103, 111, 112, 113, 120, 121, 122, 123, 124, 160, 201, 202, 203, 204, 211, 212, 213, 214, 701, 702, 703,
  704, 705, 706, 707, 708, 709, 710, 711, 712, 713, 714, 715, 801, 802, 803,
];

const publishedOf = (id: number): PublishedGroup =>
  (JSON.parse(readFileSync(join(folder, `model_${id}.json`), 'utf8')) as { group: PublishedGroup }).group;
const isThere = (id: number): boolean => existsSync(join(folder, `model_${id}.json`));

const field = ({ name, type, size, sf, units, access }: PublishedPoint, prefix: string): object => ({
  name: prefix + name,
  type,
  size,
  ...(sf === undefined ? {} : { scaleFactor: sf }),
  ...(units === undefined ? {} : { units: units.trim() }),
  writable: access === 'RW',
});
const bare = ({ offset: _offset, ...rest }: SunSpecPoint): object => rest;

/** A published group as ours has it: id and length left out, groups that are there once and hold no repetition spelt out. */
function published({ name, count, points, groups = [] }: PublishedGroup): object {
  const once = groups.filter((group) => group.count === undefined && (group.groups ?? []).length === 0);
  return {
    name,
    count: count === undefined ? 'once' : count === 0 ? 'fill' : { point: count },
    points: [
      ...points.map((point) => field(point, '')),
      ...once.flatMap((group) => group.points.map((point) => field(point, `${group.name}.`))),
    ],
    groups: groups.filter((group) => !once.includes(group)).map(published),
  };
}

const ours = ({ name, count, points, groups }: SunSpecGroup): object => ({
  name,
  count,
  points: points.map(bare),
  groups: groups.map(ours),
});

/** Every point of a published model where groups repeat as often as `countOf` says, in the order of the registers. */
function* spelt(
  { points, groups = [] }: PublishedGroup,
  countOf: (count: number | string) => number,
  path = '',
): Generator<{ name: string; size: number }> {
  for (const { name, size } of points) yield { name: path + name, size };
  for (const group of groups) {
    const { count } = group;
    for (let index = 1; index <= (count === undefined ? 1 : countOf(count)); index++)
      yield* spelt(group, countOf, `${path}${group.name}${count === undefined ? '' : `[${index}]`}.`);
  }
}

describe.each(ids)('model %i', (id) => {
  const model = findModel(id)!;

  test('lies without gaps, whatever its groups repeat', () => {
    for (const times of [0, 1, 3]) {
      const names = model.groups.flatMap(({ name, count }) => [name, typeof count === 'object' ? count.point : name]);
      const size = fullSize(model, { ...Object.fromEntries(names.map((name) => [name, times])), NPt: 4 });
      let offset = 2;
      for (const point of pointsInPlace(model, size)) {
        expect([point.name, point.offset]).toEqual([point.name, offset]);
        offset += point.size;
      }
      expect(size.length).toBe(offset - 2);
      expect(isExact(model, size)).toBe(true);
      const factors = pointsInPlace(model, size).flatMap(({ scaleFactor }) => scaleFactor ?? []);
      expect(factors.filter((name) => model.points.get(name)?.type !== 'sunssf')).toEqual([]);
    }
  });

  test.skipIf(!isThere(id))('is as published, field by field, groups within groups', () => {
    const { points, groups } = published(publishedOf(id)) as { points: { name: string }[]; groups: object[] };
    expect([...model.points.values()].map(bare)).toEqual(points.filter(({ name }) => name !== 'ID' && name !== 'L'));
    expect(model.groups.map(ours)).toEqual(groups);
  });

  test.skipIf(!isThere(id))('lies as published where its groups repeat thrice, and their points four times', () => {
    const wanted = [...spelt(publishedOf(id), (count) => (count === 'NPt' ? 4 : 3))];
    const counts = { NPt: 4, NCrv: 3, NCrvSet: 3 };
    const length = wanted.reduce((sum, { size }) => sum + size, 0) - 2;
    const placed = pointsInPlace(model, { length, counts });
    expect(placed.map(({ name, size }) => ({ name, size }))).toEqual(wanted.slice(2));
  });
});

test('a model that we do not define is not found', () => expect(findModel(64_001)).toBeUndefined());

describe('what a length tells', () => {
  const has = (id: number, length: number, path: string, counts?: Record<string, number>) =>
    pointsAt(findModel(id)!, counts === undefined ? { length } : { length, counts }, path).length;

  test.each([
    { id: 1, length: 65, path: 'SN', there: 1 },
    { id: 1, length: 65, path: 'Pad', there: 0 },
    { id: 103, length: 52, path: 'W', there: 1 }, // something appended
    { id: 103, length: 30, path: 'W', there: 1 }, // cut off
    { id: 103, length: 30, path: 'St', there: 0 },
    { id: 701, length: 153, path: 'MnAlrmInfo', there: 1 },
    { id: 701, length: 121, path: 'Tmp_SF', there: 1 },
    { id: 701, length: 121, path: 'MnAlrmInfo', there: 0 },
    { id: 701, length: 119, path: 'W', there: 0 }, // a draft that lies otherwise
    { id: 704, length: 65, path: 'WMaxLimPct', there: 1 },
    { id: 704, length: 69, path: 'WMaxLimPct', there: 0 },
    { id: 713, length: 7, path: 'SoC', there: 1 },
    { id: 713, length: 6, path: 'WHAvail', there: 1 },
    { id: 713, length: 18, path: 'SoC', there: 0 }, // a draft: these are the ports that became 714
    { id: 715, length: 5, path: 'OpCtl', there: 0 },
    { id: 160, length: 8, path: 'module[*].DCW', there: 0 },
    { id: 160, length: 128, path: 'module[*].DCW', there: 6 },
    { id: 160, length: 128, path: 'module[6].DCW', there: 1 },
    { id: 160, length: 128, path: 'module[7].DCW', there: 0 },
    { id: 160, length: 127, path: 'module[*].DCW', there: 0 }, // no whole number of modules
    { id: 160, length: 127, path: 'Evt', there: 1 },
    { id: 714, length: 68, path: 'Prt[*].DCAlrm', there: 2 },
    { id: 714, length: 67, path: 'DCW', there: 0 },
    { id: 803, length: 58, path: 'string[1].StrSoC', there: 1 },
  ])('$id of $length: $path is there $there times', ({ id, length, path, there }) => {
    expect(has(id, length, path)).toBe(there);
  });

  test.each([
    { counts: { NPt: 4, NCrv: 3 }, there: 12 },
    { counts: { NPt: 4, NCrv: 2 }, there: 0 }, // the length says three
    { counts: { NPt: 3, NCrv: 3 }, there: 0 },
    { counts: { NPt: 4 }, there: 0 },
    { counts: undefined, there: 0 },
    { counts: { NPt: 0, NCrv: 0 }, there: 0 },
    { counts: { NPt: 65_534, NCrv: 65_534 }, there: 0 },
  ])('705 of 67 registers with $counts: $there points on its curves', ({ counts, there }) => {
    expect(has(705, 67, 'Crv[*].Pt[*].V', counts)).toBe(there);
    expect(has(705, 67, 'Ena', counts)).toBe(there === 0 ? 0 : 1);
  });

  test('counts are asked for only where the length cannot tell', () => {
    const needed = ids.filter((id) => countsNeeded(findModel(id)!).length > 0);
    expect(needed).toEqual([705, 706, 707, 708, 709, 710, 712]);
    expect(countsNeeded(findModel(707)!).toSorted()).toEqual(['NCrvSet', 'NPt']);
  });
});

test.each([
  { id: 707, path: 'Crv[1].MustTrip.Pt[2].V', units: 'VNomPct' },
  { id: 707, path: 'Crv[*].MustTrip.Pt[*].Tms', units: 'Secs' },
  { id: 707, path: 'Crv[0].MustTrip.Pt[1].V', units: undefined },
  { id: 707, path: 'Crv.MustTrip.Pt.V', units: undefined },
  { id: 160, path: 'module[1].DCW', units: 'W' },
  { id: 704, path: 'PFWInj.PF', units: undefined },
])('a profile may name $path of $id: $units', ({ id, path, units }) => {
  expect(definitionAt(findModel(id)!, path)?.units).toBe(units);
});

test.each(['A:int17;', 'A[N]{ B:int16; } C:int16;'])('notation %s is a mistake', (notation) => {
  expect(() => sunspecModel(1, notation)).toThrow('SunSpec notation');
});
