import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePoints, drive, findProfile, identify, layOut, readImage, WordImage } from '../index.ts';
import { readPoint } from '../decode.ts';
import type { DeviceModel, Profile, ReadOutcome, ReadRequest } from '../index.ts';
import { walkChain } from './chain.ts';
import { findModel } from './models.ts';
import { pointsInPlace } from './placement.ts';

const seed = 20_261;
const dumpFile = join(import.meta.dirname, '../../../../shared/data/devices/sma-sunnyboy-3.6-day.hex');
const names = ['sunspec-inverter', 'sunspec-storage', 'sunspec-der', 'sunspec-battery', 'sunspec-meter'] as const;
const profiles = names.map((name) => findProfile(name)!);
const refusal: ReadOutcome = { ok: false, reason: 'exception', code: 2, say: 'illegal address' };
const word = fc.oneof(
  fc.integer({ min: 0, max: 0xffff }),
  fc.constantFrom(0, 1, 0x7fff, 0x8000, 0xffff, 101, 103, 160, 701, 704, 705, 713, 802, 50, 66, 60_000, 0x7fc0),
);

/** Words of a dump: hexadecimal, `#` begins a comment; from holding register 40000 on. */
function dumped(): number[] {
  const lines = readFileSync(dumpFile, 'utf8').split('\n');
  const digits = lines.flatMap((line) => line.replace(/#.*/, '').match(/[0-9A-Fa-f]{4}/g) ?? []);
  return digits.map((each) => Number.parseInt(each, 16));
}

function imageOf(words: readonly number[], base = 40_000): WordImage {
  const image = new WordImage();
  image.set('holding', base, words, 0);
  return image;
}

function identified(profile: Profile, image: WordImage): DeviceModel | undefined {
  let reads = 0;
  const result = drive(identify(profile, {}, 'all'), (request) => {
    if (++reads > 2_000) throw new Error('does not end');
    return readImage(image, request);
  });
  return result.ok ? result.value : undefined;
}

const numbersIn = (model: DeviceModel, image: WordImage): readonly (readonly [string, number])[] => {
  const { measured, setpoints } = decodePoints(model, image);
  return Object.entries({ ...measured, ...setpoints }).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
};

describe('a chain', () => {
  const walk = (answer: (request: ReadRequest) => ReadOutcome) => {
    let reads = 0;
    return drive(walkChain(), (request) => {
      expect(++reads).toBeLessThanOrEqual(110);
      expect(request.address + request.quantity).toBeLessThanOrEqual(0x1_0000);
      return answer(request);
    });
  };
  const withMarker =
    (words: (address: number) => readonly number[] | undefined, base = 40_000) =>
    ({ address }: ReadRequest): ReadOutcome => {
      const found = address === base ? [0x5375, 0x6e53] : words(address);
      return found === undefined ? refusal : { ok: true, words: found };
    };

  test.each([
    { what: 'ends at its mark', words: () => [0xffff, 0], ok: true },
    { what: 'ends at zeros, which no model has', words: () => [0, 0], ok: true },
    { what: 'breaks off', words: () => undefined, ok: true },
    { what: 'breaks off in the middle of a head', words: () => [1], ok: false },
    { what: 'is empty', words: () => [], ok: true },
    { what: 'goes on for ever without moving on', words: () => [9, 0], ok: false },
    { what: 'has a model of 60,000 registers', words: () => [9, 60_000], ok: false },
    { what: 'has a model of 65,535 registers', words: () => [9, 0xffff], ok: false },
  ])('$what: ok $ok', ({ words, ok }) => {
    expect(walk(withMarker(words)).ok).toBe(ok);
  });

  test('of more than 10,000 registers is refused', () => {
    let models = 0;
    const result = walk(withMarker(() => [9, ++models > 4 ? 0 : 2_600]));
    expect([models, result]).toMatchObject([4, { ok: false, say: expect.stringContaining('50410') as string }]);
  });

  test('at 50000 does not run over the last register and begin anew', () => {
    const steps = walk(({ address }) =>
      address < 50_000
        ? refusal
        : withMarker(
            (at) => [9, at < 60_000 ? 0xffff - 50_004 : 50],
            50_000,
          )({ address, table: 'holding', quantity: 2 }),
    );
    expect(steps).toMatchObject({ ok: false, reason: 'device-unsupported' });
  });

  test('of any words ends, and its models lie one after another', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 400 }), fc.constantFrom(0, 40_000, 50_000), (words, base) => {
        const image = imageOf([0x5375, 0x6e53, ...words], base);
        const result = walk((request) => readImage(image, request));
        let next = base + 2;
        const gaps = (result.ok ? result.value : []).filter(({ address, length }) => {
          const isNext = address === next;
          next = address + 2 + length;
          return !isNext;
        });
        expect(gaps).toEqual([]);
        expect(result.ok || result.say.length > 10).toBe(true);
      }),
      { seed, numRuns: 500 },
    );
  });
});

test('any words at all are no number that is not finite, and crash nothing', () => {
  const heads = fc.record({
    id: fc.constantFrom(
      1,
      101,
      103,
      113,
      120,
      122,
      124,
      160,
      203,
      213,
      701,
      702,
      703,
      704,
      705,
      707,
      713,
      714,
      715,
      802,
      803,
    ),
    length: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.constant('known' as const)),
    body: fc.array(word, { minLength: 1, maxLength: 60 }),
  });
  let told = 0;
  fc.assert(
    fc.property(fc.array(heads, { minLength: 1, maxLength: 8 }), fc.constantFrom(...profiles), (models, profile) => {
      const words = models.flatMap(({ id, length, body }) => {
        const size = length === 'known' ? findModel(id)!.length : length;
        return [id, size, ...Array.from({ length: size }, (_, at) => body[at % body.length] ?? 0)];
      });
      const image = imageOf([0x5375, 0x6e53, ...words, 0xffff, 0]);
      const model = identified(profile, image);
      if (model === undefined) return;
      told++;
      expect(numbersIn(model, image).filter(([, value]) => !Number.isFinite(value))).toEqual([]);
      expect(Object.values(model.limits).every((value) => value === undefined || Number.isFinite(value))).toBe(true);
    }),
    { seed, numRuns: 600 },
  );
  expect(told).toBeGreaterThan(100);
});

describe.each(profiles.map((profile) => ({ name: profile.name, profile })))('$name', ({ profile }) => {
  test('where every value is not implemented there is no number and no word, whatever the scale factors', () => {
    fc.assert(
      fc.property(fc.integer({ min: -10, max: 10 }), (exponent) => {
        const { image, model } = layOut(profile);
        for (const { id, address, length, counts } of model.sunspecModels!) {
          const points = pointsInPlace(findModel(id)!, counts === undefined ? { length } : { length, counts });
          for (const { type, offset } of points)
            if (type === 'sunssf') image.set('holding', address + offset, [exponent & 0xffff], 0);
        }
        const { measured, setpoints } = decodePoints(model, image);
        const known = Object.entries({ ...measured, ...setpoints }).filter(([, value]) => value !== undefined);
        // What tells the profile that there is storage at all, and what the profile says itself.
        const given = ['control', 'set:maxChargeW', 'ratedPowerW', 'ratedCurrentA'];
        expect(known.filter(([point]) => !given.includes(point))).toEqual([]);
      }),
      { seed, numRuns: 10 },
    );
  });

  test('an absurd scale factor makes unknown what it scales, and nothing else', () => {
    const { image, model } = layOut(profile);
    for (const { table, address, words, type } of model.points.flatMap(({ sources }) => sources))
      image.set(
        table,
        address,
        type === 'float32' ? [0x4120, 0] : [...Array.from({ length: words - 1 }, () => 0), 2],
        0,
      );
    const before = Object.fromEntries(numbersIn(model, image));
    const scaled = model.points.filter(({ sources }) => sources[0]?.scaleFactorAddress !== undefined);
    fc.assert(
      fc.property(fc.constantFrom(...scaled), fc.integer({ min: 11, max: 0xffff - 10 }), (point, factor) => {
        const at = point.sources[0]!.scaleFactorAddress!;
        const kept = image.get('holding', at)!;
        image.set('holding', at, [factor], 0);
        const after = Object.fromEntries(numbersIn(model, image));
        image.set('holding', at, [kept], 0);
        const by = (scales: (sf: number | undefined) => boolean) =>
          model.points.filter(({ sources }) => sources.every((one) => scales(one.scaleFactorAddress)));
        expect(by((sf) => sf === at).filter(({ name }) => after[name] !== undefined)).toEqual([]);
        expect(by((sf) => sf !== at).filter(({ name }) => after[name] !== before[name])).toEqual([]);
      }),
      { seed, numRuns: 60 },
    );
  });
});

describe.skipIf(!existsSync(dumpFile))('the dump of a real inverter, damaged', () => {
  const words = existsSync(dumpFile) ? dumped() : [];
  const inverter = findProfile('sunspec-inverter')!;
  const whole = imageOf(words);
  const model = identified(inverter, whole)!;
  /** What each source of a point tells in the whole dump: nothing else may be told of a damaged one. */
  const tells = new Map<string, unknown[]>(
    model?.points.map((point) => [point.name, point.sources.map((source) => readPoint({ sources: [source] }, whole))]),
  );

  test.each(['sunspec-storage', 'sunspec-der', 'sunspec-battery', 'sunspec-meter'])('is no %s', (name) => {
    expect(identified(findProfile(name)!, imageOf(words))).toBeUndefined();
  });

  test('cut off anywhere, or full of holes, it tells the same or less', () => {
    let known = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: words.length }),
        fc.array(fc.integer({ min: 0, max: words.length }), { maxLength: 40 }),
        (end, holes) => {
          const image = imageOf(words.slice(0, end));
          for (const hole of holes) image.forget('holding', 40_000 + hole, 1);
          const damaged = identified(inverter, image);
          if (damaged === undefined) return;
          const { measured, setpoints } = decodePoints(damaged, image);
          for (const [name, value] of Object.entries({ ...measured, ...setpoints })) {
            if (value === undefined || name === 'control' || name.startsWith('rated') || name === 'alarms') continue;
            known++;
            expect([name, tells.get(name)]).toEqual([name, expect.arrayContaining([value]) as unknown[]]);
          }
        },
      ),
      { seed, numRuns: 400 },
    );
    expect(known).toBeGreaterThan(1_000);
  });

  test('with words changed anywhere it crashes nothing and tells no number that is not finite', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 2, max: Math.max(2, words.length - 1) }), word), { maxLength: 30 }),
        fc.constantFrom(...profiles),
        (changes, profile) => {
          const image = imageOf(words);
          for (const [at, value] of changes) image.set('holding', 40_000 + at, [value], 0);
          const changed = identified(profile, image);
          if (changed === undefined) return;
          expect(numbersIn(changed, image).filter(([, value]) => !Number.isFinite(value))).toEqual([]);
        },
      ),
      { seed, numRuns: 400 },
    );
  });
});
