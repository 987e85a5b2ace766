import { layOut, findProfile, encodePoint } from '@tiepoint/hardware-profiles';
import type { DeviceModel, WordImage } from '@tiepoint/hardware-profiles';
import { expect, test } from 'vitest';
import { pointViews, valuesOf } from './point-view.ts';
import type { PointValue } from './point-view.ts';

function meter(volts: number | undefined, readAtMs: number): { model: DeviceModel; image: WordImage } {
  const { image, model } = layOut(findProfile('eastron-sdm630')!);
  const point = model.points.find(({ name }) => name === 'voltageAV')!;
  encodePoint(point, volts, image, readAtMs);
  return { image, model };
}

const look = { nowMs: 5_000, beganMs: 4_900, slowMs: 10_000 };
const none = new Map<string, PointValue | undefined>();

test.each([
  {
    what: 'read at this look',
    volts: 230.5,
    readAtMs: 4_950,
    is: { value: 230.5, unit: 'V', quality: 'good', ageMs: 50 },
  },
  { what: 'read before it', volts: 230.5, readAtMs: 4_000, is: { value: 230.5, quality: 'old', ageMs: 1_000 } },
  { what: 'not implemented', volts: undefined, readAtMs: 4_950, is: { quality: 'no-value', ageMs: 50 } },
])('$what', ({ volts, readAtMs, is }) => {
  const { model, image } = meter(volts, readAtMs);
  const view = pointViews(model, image, { ...look, before: none }).find(({ name }) => name === 'voltageAV');
  expect(view).toMatchObject(is);
  expect('value' in view!).toBe(volts !== undefined);
});

test('registers that were never read: neither value nor age', () => {
  const { model, image } = meter(230, 4_950);
  const source = model.points.find(({ name }) => name === 'voltageAV')!.sources[0]!;
  image.forget(source.table, source.address, source.words);
  const view = pointViews(model, image, { ...look, before: none }).find(({ name }) => name === 'voltageAV');
  expect(view).toEqual({
    name: 'voltageAV',
    unit: 'V',
    quality: 'unread',
    changed: false,
    raw: [{ table: source.table, address: source.address }],
  });
});

test.each([
  { before: 230.5, changed: false },
  { before: 230, changed: true },
  { before: undefined, changed: true },
])('changed from $before: $changed', ({ before, changed }) => {
  const { model, image } = meter(230.5, 4_950);
  const views = pointViews(model, image, { ...look, before: new Map([['voltageAV', before]]) });
  expect(views.find(({ name }) => name === 'voltageAV')?.changed).toBe(changed);
  expect(valuesOf(views).get('voltageAV')).toBe(230.5);
});

test('at the first look nothing has changed', () => {
  const { model, image } = meter(230.5, 4_950);
  expect(pointViews(model, image, { ...look, before: none }).some(({ changed }) => changed)).toBe(false);
});
