import { describe, expect, test } from 'vitest';
import { decodePoints, drive, encodePoint, findProfile, identify, layOut, readImage, recognise } from '../index.ts';
import type { DeviceModel, LayOut, WordImage } from '../index.ts';
import { sectionsOf } from './instances.ts';

const chain = (...ids: number[]) => ids.map((id, index) => ({ id, address: 1_000 * index, length: 50 }));

test.each<{ what: string; ids: number[]; anyModel: number[]; sections: number[][] }>([
  { what: 'one device', ids: [1, 103, 120, 160], anyModel: [101, 103], sections: [[1, 103, 120, 160]] },
  { what: 'an input model twice', ids: [1, 103, 160, 160], anyModel: [103], sections: [[1, 103, 160, 160]] },
  { what: 'two forms of one inverter', ids: [1, 103, 113, 120], anyModel: [103, 113], sections: [[1, 103, 113, 120]] },
  {
    what: 'an inverter and its meters',
    ids: [1, 103, 1, 203, 1, 201],
    anyModel: [201, 203],
    sections: [
      [1, 203],
      [1, 201],
    ],
  },
  {
    what: 'batteries behind one common model',
    ids: [1, 120, 802, 803, 802, 803],
    anyModel: [802],
    sections: [
      [1, 120, 802, 803],
      [1, 120, 802, 803],
    ],
  },
  { what: 'none of them', ids: [1, 120], anyModel: [802], sections: [] },
])('$what', ({ ids, anyModel, sections }) => {
  expect(sectionsOf(chain(...ids), anyModel).map((section) => section.map(({ id }) => id))).toEqual(sections);
});

/** A device of this profile with this chain, its registers read by each of its profiles. */
function device(models: NonNullable<LayOut['models']>) {
  const { image } = layOut(findProfile('sunspec-meter')!, { models });
  const of = (name: string): DeviceModel => {
    const found = drive(identify(findProfile(name)!), (request) => readImage(image, request));
    if (!found.ok) throw new Error(found.say);
    return found.value;
  };
  return { image, of };
}

function tell(model: DeviceModel, image: WordImage, values: Record<string, number | string>): void {
  for (const point of [...model.points, ...model.nameplate])
    if (values[point.name] !== undefined) encodePoint(point, values[point.name], image);
}

describe('three meters of one inverter, behind one unit', () => {
  const { image, of } = device([1, 103, 1, 203, 1, 203, 1, 201]);
  const names = ['sunspec-meter', 'sunspec-meter@2', 'sunspec-meter@3'];
  names.forEach((name, index) =>
    tell(of(name), image, { activePowerW: 100 * (index + 1), 'identity:serialNumber': `M${index + 1}` }),
  );
  tell(of('sunspec-inverter'), image, { activePowerW: 5_000, 'identity:serialNumber': 'INV' });

  test.each([
    { name: 'sunspec-inverter', watts: 5_000, serialNumber: 'INV' },
    { name: 'sunspec-meter', watts: 100, serialNumber: 'M1' },
    { name: 'sunspec-meter@2', watts: 200, serialNumber: 'M2' },
    { name: 'sunspec-meter@3', watts: 300, serialNumber: 'M3' },
  ])('$name reads its own', ({ name, watts, serialNumber }) => {
    const model = of(name);
    expect(model.identity.serialNumber).toBe(serialNumber);
    expect(decodePoints(model, image).measured.activePowerW).toBe(watts);
  });

  test('each tells of the others, and its hash is its own', () => {
    expect(of('sunspec-meter').sunspecUnread).toEqual({ profiles: ['sunspec-meter@2', 'sunspec-meter@3'], models: [] });
    expect(of('sunspec-meter@2').sunspecUnread?.profiles).toEqual(['sunspec-meter', 'sunspec-meter@3']);
    expect(of('sunspec-inverter').sunspecUnread).toBeUndefined();
    expect(new Set(names.map((name) => of(name).profileHash)).size).toBe(3);
  });

  test('there is no fourth', () => {
    const fourth = drive(identify(findProfile('sunspec-meter@4')!), (request) => readImage(image, request));
    expect(fourth).toMatchObject({ ok: false, reason: 'device-unsupported' });
    expect(fourth.ok ? '' : fourth.say).toContain('3 of these');
  });

  test('recognition says that there are more', () => {
    const seen = drive(recognise([findProfile('sunspec-meter')!]), (request) => readImage(image, request));
    const why = seen.ok ? seen.value.candidates.flatMap((candidate) => candidate.why) : [];
    expect(why.join('; ')).toContain('each with its own profile: sunspec-meter@2, sunspec-meter@3');
  });
});

test('a model that is there twice and is no device of its own is told', () => {
  const { image } = layOut(findProfile('sunspec-inverter')!, { models: [1, 103, 120, 160, 160] });
  const found = drive(identify(findProfile('sunspec-inverter')!), (request) => readImage(image, request));
  expect(found.ok && found.value.sunspecUnread).toEqual({ profiles: [], models: [160] });
});

test.each([
  { name: 'sunspec-meter@1', there: false },
  { name: 'sunspec-meter@51', there: false },
  { name: 'eastron-sdm630@2', there: false },
  { name: 'sunspec-battery@2', there: true },
])('$name is a profile: $there', ({ name, there }) => {
  expect(findProfile(name) !== undefined).toBe(there);
});

test('batteries of one chain are commanded each by itself', () => {
  const { model } = layOut(findProfile('sunspec-battery@2')!);
  const first = layOut(findProfile('sunspec-battery')!).model;
  const order = (one: DeviceModel) => one.points.find(({ name }) => name === 'set:operation')?.sources[0]?.address ?? 0;
  expect(model.commands).toEqual(['connect', 'disconnect']);
  expect(order(model)).toBeGreaterThan(order(first));
});
