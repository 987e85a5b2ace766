import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { alarmCodes } from '@tiepoint/protocol';
import { decodePoints, readAlarms, readPoint } from './decode.ts';
import type { NameplatePoint, ResolvedPoint, ResolvedSource } from './device-model.ts';
import { encodePoint, findProfile, layOut, profileHash, profiles, validateProfile } from './index.ts';
import type { Profile } from './index.ts';
import { wordsOf } from './raw-words.ts';
import { readSource } from './source-value.ts';

const seed = 20_260;

describe.each(profiles.map((profile) => ({ name: profile.name, profile })))('$name', ({ profile }) => {
  test('is valid', () => {
    const verdict = validateProfile(profile);
    expect(verdict.ok ? [] : verdict.mistakes).toEqual([]);
  });

  test('is found by its name, and its hash does not depend on the order of keys', () => {
    expect(findProfile(profile.name)).toBe(profile);
    const shuffled = Object.fromEntries(Object.entries(profile).toReversed()) as unknown as Profile;
    expect(profileHash(shuffled)).toBe(profileHash(profile));
    expect(profileHash(profile)).toMatch(/^[0-9a-f]{16}$/);
  });

  test('identifies a device that is laid out by it, with every point and command', () => {
    const { model } = layOut(profile);
    // Points of models that exclude one another (802 and 124 beside an inverter) are not all in one device.
    expect(model.commands).toEqual(Object.keys(profile.commands).sort(byOrderOf(model.commands)));
    expect(model.capabilities.toSorted()).toEqual(profile.capabilities.toSorted());
    const found = [...model.points, ...model.nameplate].map(({ name }) => name);
    expect(found).toEqual(expect.arrayContaining(Object.keys(profile.points)));
  });

  test('a device that tells nothing yields no number', () => {
    const { image, model } = layOut(profile);
    const { measured } = decodePoints(model, image);
    // Probes hold what they want; and some devices have no word for "unknown".
    const speaks = new Set(
      model.points.filter((point) => isProbed(profile, point) || !canBeUnknown(profile, point)).map(({ name }) => name),
    );
    const told = Object.entries(measured).filter(
      ([name, value]) => typeof value === 'number' && !speaks.has(name as ResolvedPoint['name']),
    );
    expect(told.filter(([name]) => !name.startsWith('rated'))).toEqual([]);
  });

  test('decode after encode is the identity at every point', () => {
    const { image, model } = layOut(profile);
    for (const point of [...model.points, ...model.nameplate]) {
      let encoded = 0;
      fc.assert(
        fc.property(valueOf(point), (value) => {
          if (!encodePoint(point, value, image)) return;
          encoded++;
          const read = point.name === 'alarms' ? readAlarms(point.sources, image) : readPoint(point, image);
          expect([read, isSame(value, read, point.sources[0]!)]).toEqual([read, true]);
        }),
        { seed, numRuns: 60 },
      );
      expect([point.name, encoded > 5]).toEqual([point.name, true]);
    }
  });

  test('what is encoded as unknown reads unknown, where the device can say so', () => {
    const { image, model } = layOut(profile);
    const silent = model.points.filter((point) => encodePoint(point, undefined, image));
    expect(silent.map((point) => readPoint(point, image))).toEqual(silent.map(() => undefined));
  });

  test('random words never crash, and what is read is a finite number or a known word', () => {
    const { image, model } = layOut(profile);
    const addresses = model.points.flatMap(({ reads }) => reads);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 64 }), (words) => {
        addresses.forEach((span, index) => {
          const random = Array.from({ length: span.words }, (_, at) => words[(index * 7 + at) % words.length] ?? 0);
          image.set(span.table, span.address, random, 0);
        });
        const { measured, setpoints } = decodePoints(model, image);
        const values: unknown[] = [...Object.values(measured), ...Object.values(setpoints)];
        expect(values.filter((value) => typeof value === 'number').every(Number.isFinite)).toBe(true);
        expect(values.every((value) => ['number', 'string', 'object'].includes(typeof value))).toBe(true);
        for (const alarm of measured.alarms ?? []) expect(alarmCodes).toContain(alarm);
      }),
      { seed, numRuns: 100 },
    );
  });
});

const byOrderOf = (order: readonly string[]) => (a: string, b: string) => order.indexOf(a) - order.indexOf(b);

/** Does a probe look at one of its registers? Then they hold what the probe wants. */
function isProbed({ identify }: Profile, { sources }: ResolvedPoint): boolean {
  if (!('probes' in identify)) return false;
  const spans = identify.probes.map(({ source, type, length }) => ({ ...source, words: wordsOf(type, length) }));
  return sources.some((one) =>
    spans.some(
      ({ table, address, words }) =>
        table === one.table && address < one.address + one.words && one.address < address + words,
    ),
  );
}

function canBeUnknown(profile: Profile, point: ResolvedPoint): boolean {
  return encodePoint(point, undefined, layOut(profile).image);
}

function valueOf({ name, sources }: ResolvedPoint | NameplatePoint): fc.Arbitrary<number | string | readonly string[]> {
  const [source] = sources;
  if (source === undefined) throw new Error(`${name} has no source`);
  if (name === 'alarms')
    return fc.subarray(alarmsOf(sources)).map((alarms) => alarmCodes.filter((alarm) => alarms.includes(alarm)));
  if (source.type === 'text') return fc.stringMatching(/^[A-Z0-9.-]{1,8}$/);
  const words = sources.flatMap(({ codes, orders }) => [...Object.values(codes ?? {}), ...Object.keys(orders ?? {})]);
  if (words.length > 0) return fc.constantFrom(...words);
  const upTo = (max: number) => fc.double({ min: -max, max, noNaN: true });
  const anywhere = fc.oneof(upTo(1), upTo(100), upTo(5_000), upTo(2e6), fc.integer({ min: 1, max: 100 }));
  if (source.plausible === undefined) return anywhere;
  const [min, max] = source.plausible;
  return fc.oneof(anywhere, fc.double({ min, max, noNaN: true }));
}

const alarmsOf = (sources: readonly ResolvedSource[]): string[] => [
  ...new Set(
    sources.flatMap(({ alarmBits, alarmCodes: coded }) => [
      ...Object.values(alarmBits ?? {}),
      ...Object.values(coded ?? {}),
    ]),
  ),
];

function isSame(value: unknown, read: unknown, source: ResolvedSource): boolean {
  if (typeof value === 'number') return Math.abs(Number(read) - value) <= stepOf(source, value);
  return JSON.stringify(read) === JSON.stringify(value);
}

/** The coarseness of a source: half a step of an integer, or what a float32 loses. */
function stepOf(source: ResolvedSource, value: number): number {
  if (source.type.startsWith('float')) return Math.abs(value) * 1e-6 + 1e-9;
  // The largest scale factor that a layout uses is 10^2.
  return source.scale * (source.scaleFactorAddress === undefined ? 0.5 : 50) + 1e-6;
}

test('reading one source does not take another word for its own', () => {
  const { image, model } = layOut(findProfile('ami-meter-200a')!);
  const volts = model.points.find(({ name }) => name === 'voltageBV')!;
  expect(encodePoint(volts, 119.4, image)).toBe(true);
  expect(readSource(volts.sources[0]!, image)).toMatchObject({ value: 119.4 });
  expect(decodePoints(model, image).measured.voltageAV).toBeUndefined();
});
