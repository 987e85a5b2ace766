import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findModel } from './models.ts';

type PublishedPoint = { name: string; type: string; size: number; sf?: string; units?: string; access?: string };
type PublishedGroup = { name: string; count?: number | string; points: PublishedPoint[]; groups?: PublishedGroup[] };

const folder = join(import.meta.dirname, '../../../../shared/data/sunspec');
const ids = [
  1, 101, 102, 103, 111, 112, 113, 120, 121, 122, 123, 124, 160, 201, 202, 203, 204, 211, 212, 213, 214, 701, 702, 703,
  704, 713, 715, 802,
];

/** The fixed part of a published model as our notation has it: id and length left out, groups that do not repeat spelt out. */
function fieldsOf({ points, groups = [] }: PublishedGroup): object[] {
  const own = points.filter(({ name }) => name !== 'ID' && name !== 'L').map((point) => field(point, ''));
  return [
    ...own,
    ...groups
      .filter(({ count }) => count === undefined)
      .flatMap((group) => group.points.map((point) => field(point, `${group.name}.`))),
  ];
}

const field = ({ name, type, size, sf, units, access }: PublishedPoint, prefix: string): object => ({
  name: prefix + name,
  type,
  size,
  ...(sf === undefined ? {} : { scaleFactor: sf }),
  ...(units === undefined ? {} : { units: units.trim() }),
  writable: access === 'RW',
});

describe.each(ids)('model %i', (id) => {
  test('lies without gaps', () => {
    const model = findModel(id)!;
    let offset = 2;
    for (const point of model.points.values()) {
      expect([point.name, point.offset]).toEqual([point.name, offset]);
      offset += point.size;
    }
    const scaled = [...model.points.values()].flatMap(({ scaleFactor }) => scaleFactor ?? []);
    for (const scaleFactor of scaled) expect(model.points.get(scaleFactor)?.type).toBe('sunssf');
    expect(model.length).toBe(offset - 2);
  });

  const file = join(folder, `model_${id}.json`);
  test.skipIf(!existsSync(file))('is as published, field by field', () => {
    const published = (JSON.parse(readFileSync(file, 'utf8')) as { group: PublishedGroup }).group;
    const ours = [...findModel(id)!.points.values()].map(({ offset: _offset, ...rest }) => rest);
    expect(ours).toEqual(fieldsOf(published));
  });
});

test('a model that we do not define is not found', () => expect(findModel(64_001)).toBeUndefined());
