import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drive, encodePoint, findProfile, layOut, profiles as all, readImage, recognise } from './index.ts';
import type { Profile, ReadOutcome, ReadRequest, Recognition, WordImage } from './index.ts';

const profiles = all.filter(({ port }) => port !== 'p1');

const readings: Readonly<Record<string, number>> = {
  voltageV: 230,
  voltageAV: 230,
  voltageBV: 231,
  voltageCV: 229,
  frequencyHz: 50,
  currentA: 10,
  currentAA: 10,
  activePowerW: 2_200,
  importedEnergyWh: 1_234_000,
};

/** A device of this profile that is under voltage. */
function liveImage(profile: Profile): WordImage {
  const { image, model } = layOut(profile);
  for (const point of model.points) {
    const value = readings[point.name];
    if (value !== undefined) encodePoint(point, value, image);
  }
  return image;
}

function recognised(image: WordImage, known: readonly Profile[] = all, port?: 'p1'): Recognition {
  const result = drive(recognise(known, port === undefined ? {} : { port }), (request) => readImage(image, request));
  if (!result.ok) throw new Error(result.say);
  return result.value;
}

const marked = profiles.filter(({ identify }) => !('anonymous' in identify));
const anonymous = profiles.filter(({ identify }) => 'anonymous' in identify);

test.each(marked)('$name is never named as another, and is among the candidates', (profile) => {
  const { named, candidates } = recognised(liveImage(profile));
  expect(named === undefined || named.profile === profile).toBe(true);
  expect(candidates.map((candidate) => candidate.profile)).toContain(profile);
});

test.each(anonymous)('$name, which no register names, is not named', (profile) => {
  expect(recognised(liveImage(profile)).named).toBeUndefined();
});

test.each([
  { name: 'sunspec-inverter', sureness: 'certain' },
  { name: 'sunspec-der', sureness: 'certain' },
  { name: 'ami-meter-200a', sureness: 'certain' },
  { name: 'eastron-sdm630', sureness: 'likely' },
])('$name is $sureness', ({ name, sureness }) => {
  const { named, say } = recognised(liveImage(findProfile(name)!));
  expect(named).toMatchObject({ profile: { name }, sureness, against: [] });
  expect(named?.why.length).toBeGreaterThan(1);
  expect(say).toContain(name);
});

test('a telegram is a mark of its own', () => {
  const p1 = all.filter(({ port }) => port === 'p1');
  for (const profile of p1)
    expect(recognised(liveImage(profile), all, 'p1').named).toMatchObject({ profile, sureness: 'certain' });
  expect(p1.length).toBeGreaterThan(0);
});

test('two profiles with the same registers are both told, and none is named', () => {
  const meter = findProfile('ami-meter-200a')!;
  const clone: Profile = { ...meter, name: 'a-clone' };
  const { named, candidates } = recognised(liveImage(meter), [meter, clone]);
  expect(named).toBeUndefined();
  expect(candidates.map(({ profile, sureness }) => [profile.name, sureness])).toEqual([
    ['ami-meter-200a', 'likely'],
    ['a-clone', 'likely'],
  ]);
  expect(candidates[0]?.against).toEqual([expect.stringMatching(/a-clone fits as well/)]);
});

test('a profile gives way to the one that tells the device better', () => {
  const meter = findProfile('ami-meter-200a')!;
  const plain: Profile = { ...meter, name: 'plain', yieldsTo: ['ami-meter-200a'] };
  expect(recognised(liveImage(meter), [plain, meter]).named?.profile).toBe(meter);
});

test('a mark that cannot be read leaves it open, and nothing else takes the name', () => {
  const meter = findProfile('ami-meter-200a')!;
  const image = liveImage(meter);
  image.forget('input', 1);
  const { named, candidates } = recognised(image);
  expect(named).toBeUndefined();
  expect(candidates).toMatchObject([
    { profile: meter, sureness: 'possible', against: [expect.stringMatching(/input 1 cannot be read/)] },
  ]);
});

test('readings that make no sense speak against it', () => {
  const der = findProfile('sunspec-der')!;
  const { image, model } = layOut(der, { scaleFactors: { V_SF: 2, Hz_SF: 0 } });
  for (const [name, value] of [
    ['voltageV', 4_000_000],
    ['frequencyHz', 900],
  ] as const)
    encodePoint(
      model.points.find((point) => point.name === name)!,
      value,
      image,
    );
  const [first] = recognised(image).candidates;
  expect(first).toMatchObject({ profile: der, sureness: 'likely' });
  expect(first?.against.join()).toMatch(/voltageV would be 4000000 V.*the frequency would be 900 Hz/);
});

test('a chain that is cut leaves open what lies behind', () => {
  const inverter = findProfile('sunspec-inverter')!;
  const whole = layOut(inverter, { models: [1, 103, 120] }).image;
  const cut = layOut(inverter, { models: [1, 103, 120] }).image;
  // The end mark and its length.
  for (const [address] of cut.entries('holding').slice(-2)) cut.forget('holding', address);
  expect(recognised(whole).named?.profile).toBe(inverter);
  expect(recognised(cut).named).toBeUndefined();
});

test('an energy that runs backwards while it is read speaks against it', () => {
  const meter = findProfile('ami-meter-200a')!;
  const image = liveImage(meter);
  const energy = layOut(meter).model.points.find(({ name }) => name === 'importedEnergyWh')!;
  let reads = 0;
  const result = drive(recognise(profiles), (request) => {
    const { table, address, quantity } = request;
    const source = energy.sources[0]!;
    const touches = table === source.table && address <= source.address && source.address < address + quantity;
    if (touches && quantity < 60 && reads++ > 0) encodePoint(energy, 1_000, image);
    return readImage(image, request);
  });
  expect(result.ok && result.value.candidates[0]?.against).toEqual([
    expect.stringMatching(/importedEnergyWh ran backwards/),
  ]);
});

test('a device that says nothing is asked a few times, not for every profile', () => {
  const silent: ReadOutcome = { ok: false, reason: 'timeout', say: 'no reply' };
  let asked = 0;
  const result = drive(recognise(profiles), () => (asked++, silent));
  expect(result).toMatchObject({ ok: false, reason: 'bus-timeout' });
  expect(asked).toBeLessThanOrEqual(8);
});

test('a table without its function is asked once', () => {
  const asked: ReadRequest[] = [];
  drive(recognise(profiles), (request) => {
    asked.push(request);
    return request.table === 'input'
      ? { ok: false, reason: 'exception', code: 1, say: 'illegal function' }
      : { ok: false, reason: 'exception', code: 2, say: 'illegal address' };
  });
  expect(asked.filter(({ table }) => table === 'input')).toHaveLength(1);
});

test('no words make it fail, ask without end, or name a device by chance', () => {
  fc.assert(
    fc.property(
      fc.infiniteStream(fc.integer({ min: 0, max: 0xffff })),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (words, share) => {
        let asked = 0;
        const result = drive(recognise(profiles), ({ quantity }) => {
          asked++;
          const next = words.next().value ?? 0;
          if (next / 0x1_0000 > share) return { ok: false, reason: 'exception', code: 2, say: 'illegal address' };
          return { ok: true, words: Array.from({ length: quantity }, () => words.next().value ?? 0) };
        });
        expect(asked).toBeLessThan(2_000);
        expect(result.ok ? result.value.named?.sureness : undefined).not.toBe('certain');
      },
    ),
    { numRuns: 60 },
  );
});

test('a measurement that was met is told with the digits of a float32', () => {
  const image = liveImage(findProfile('eastron-sdm630')!);
  image.set('input', 0, [0x4365, 0x6a6b], 0);
  expect(recognised(image).candidates[0]?.why).toContain('input 0 holds 229.4157');
});
