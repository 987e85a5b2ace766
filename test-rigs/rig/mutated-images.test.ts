import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodePoints,
  drive,
  encodePoint,
  identify,
  learn,
  noHoles,
  planReads,
  profiles,
  readImage,
  readPoint,
  readsEvery,
  WordImage,
  type Decoded,
  type DeviceModel,
  type Profile,
  type ReadOutcome,
  type ReadRequest,
  type ResolvedPoint,
  type Table,
} from '@tiepoint/hardware-profiles';
import { alarmCodes, numberPoints, wordPoints } from '@tiepoint/protocol';
import { FaultPlan } from '../devices/faults.ts';
import { loadImageFile } from '../devices/image-file.ts';
import { registerTables } from '../devices/register-image.ts';
import { profiledDevice } from './profiled-device.ts';

const seed = Number(process.env['SEED'] ?? 71_543);
const numRuns = 12;
/** More reads than any whole device needs: the chain alone may have 100 models. */
const mostReads = 3_000;

type Answer = (request: ReadRequest) => ReadOutcome;
type Place = readonly [table: Table, address: number];

/** Identifies and reads a device as the agent does, block by block with what is learned of its holes. */
function readWhole(profile: Profile, answer: Answer): { model: DeviceModel; image: WordImage } | { refused: string } {
  let reads = 0;
  const counted: Answer = (request) => {
    if (++reads > mostReads) throw new Error(`more than ${mostReads} reads: this does not end`);
    return answer(request);
  };
  const found = drive(identify(profile, {}, 'all'), counted);
  if (!found.ok) return { refused: found.say };
  const model = found.value;
  const image = new WordImage();
  const spans = readsEvery(model, ['cycle', 'minute', 'start']);
  let holes = noHoles;
  const wireCost = { perTransactionMs: 20, perRegisterMs: 2 };
  const queue = [...planReads(spans, { maxRegisters: model.maxRegisters, wireCost, holes, nowMs: 0 })];
  for (let request = queue.shift(); request !== undefined; request = queue.shift()) {
    const outcome = counted(request);
    if (outcome.ok) image.set(request.table, request.address, outcome.words, 0);
    const lesson = learn(holes, request, outcome, { spans, nowMs: 0 });
    holes = lesson.holes;
    queue.unshift(...lesson.retry);
  }
  return { model, image };
}

/** Every value is a finite number, a word of its point, or a list of known alarms; nothing else ever comes out. */
function senseless({ measured, setpoints }: Decoded): readonly string[] {
  const odd = Object.entries(measured).filter(([name, value]) => {
    if (name === 'alarms') return !(measured.alarms ?? []).every((alarm) => alarmCodes.includes(alarm));
    if (name in numberPoints) return !Number.isFinite(value);
    return (wordPoints as Record<string, readonly unknown[]>)[name]?.includes(value) !== true;
  });
  const oddSet = Object.entries(setpoints).filter(([, value]) => typeof value !== 'string' && !Number.isFinite(value));
  return [...odd, ...oddSet].map(([name, value]) => `${name} reads ${String(value)}`);
}

const valuesIn = ({ measured, setpoints }: Decoded): Record<string, unknown> => ({ ...measured, ...setpoints });

/** The registers of a device of this profile that tells everything. */
function speaking(profile: Profile): { words: Map<Table, Map<number, number>>; model: DeviceModel; places: Place[] } {
  const { device } = profiledDevice({ id: 'm-1', unit: 1, profile, wire: new FaultPlan({ seed: 1 }) });
  const words = new Map<Table, Map<number, number>>();
  for (const table of registerTables)
    words.set(
      table,
      new Map(device.image.addresses(table).map((address) => [address, device.image.get(table, address) ?? 0])),
    );
  const places = [...words].flatMap(([table, all]) => [...all.keys()].map((address): Place => [table, address]));
  return { words, model: device.model, places };
}

function imageOf(words: Map<Table, Map<number, number>>, without: ReadonlySet<string> = new Set()): WordImage {
  const image = new WordImage();
  for (const [table, all] of words)
    for (const [address, word] of all) if (!without.has(`${table} ${address}`)) image.set(table, address, [word], 0);
  return image;
}

/** What is wrong with the first, smallest case found; empty where nothing is. */
function wrongs<T>(cases: fc.Arbitrary<T>, whatIsWrong: (one: T) => readonly string[]): string {
  const found = fc.check(
    fc.property(cases, (one) => {
      const wrong = whatIsWrong(one);
      if (wrong.length > 0) throw new Error(wrong.join('; '));
    }),
    { seed, numRuns },
  );
  return found.failed ? (fc.defaultReportMessage(found) ?? 'failed') : '';
}

describe.each(profiles.map((profile) => ({ name: profile.name, profile })))(`$name (seed ${seed})`, ({ profile }) => {
  const { words, model, places } = speaking(profile);
  const whole = readWhole(profile, (request) => readImage(imageOf(words), request));
  if ('refused' in whole) throw new Error(whole.refused);
  /** All that a point may say: what each of its sources says in the device as it is. */
  const sayings = new Map(
    model.points.map(({ name, sources }) => [
      name,
      sources.map((source) => readPoint({ sources: [source] }, imageOf(words))),
    ]),
  );

  test('holes: each point reads as it did, or not at all', () => {
    const cases = fc.tuple(fc.subarray(places, { minLength: 1 }), fc.integer({ min: 1, max: 40 }));
    const found = wrongs(cases, ([holes, one]) => {
      // From a few holes to almost nothing else.
      const without = new Set(holes.filter((_, index) => index % one === 0).map(([table, at]) => `${table} ${at}`));
      const image = imageOf(words, without);
      const read = readWhole(profile, (request) => readImage(image, request));
      if ('refused' in read) return [];
      const decoded = decodePoints(read.model, read.image);
      const values = valuesIn(decoded);
      const strange = read.model.points.filter(
        ({ name }) =>
          name !== 'alarms' && values[name] !== undefined && !sayings.get(name)?.includes(values[name] as never),
      );
      return [...senseless(decoded), ...strange.map(({ name }) => `${name} reads ${String(values[name])}`)];
    });
    expect(found).toBe('');
  });

  test('not implemented, here and there or everywhere: no number comes of it', () => {
    const found = wrongs(fc.subarray([...model.points], { minLength: 1 }), (silenced) => {
      const image = imageOf(words);
      const mute = silenced.filter((point) => encodePoint(point, undefined, image));
      const decoded = decodePoints(model, image);
      return [...senseless(decoded), ...stillSaid(mute, decoded)];
    });
    expect(found).toBe('');
  });

  test('random words in random registers: nothing crashes, and what is read makes sense', () => {
    const word = fc.integer({ min: 0, max: 0xffff });
    const cases = fc.array(fc.tuple(fc.constantFrom(...places), word), { minLength: 1, maxLength: 80 });
    const found = wrongs(cases, (changes) => {
      const image = imageOf(words);
      for (const [[table, address], random] of changes) {
        const isBit = table === 'coil' || table === 'discrete';
        image.set(table, address, [isBit ? random & 1 : random], 0);
      }
      const read = readWhole(profile, (request) => readImage(image, request));
      return 'refused' in read ? [] : senseless(decodePoints(read.model, read.image));
    });
    expect(found).toBe('');
  });
});

/** Presence still follows from a voltage, ratings from the nameplate; alarms are no number. */
function stillSaid(points: readonly { name: string }[], decoded: Decoded): readonly string[] {
  const values = valuesIn(decoded);
  return points
    .filter(({ name }) => name !== 'loadSideVoltage' && name !== 'alarms' && !name.startsWith('rated'))
    .filter(({ name }) => values[name] !== undefined)
    .map(({ name }) => `${name} reads ${String(values[name])}, and is not there`);
}

const ofSunSpec = profiles.filter((profile) => 'sunspec' in profile.identify);

describe.each(ofSunSpec.map((profile) => ({ name: profile.name, profile })))(
  `$name, by its chain (seed ${seed})`,
  ({ profile }) => {
    const { words, model, places } = speaking(profile);
    const factorsOf = ({ sources }: ResolvedPoint): readonly (number | undefined)[] =>
      sources.map(({ scaleFactorAddress }) => scaleFactorAddress);
    const factors = [...new Set(model.points.flatMap(factorsOf))].filter((address) => address !== undefined);

    test('absurd scale factors: what they scale is unknown', () => {
      const absurd = fc.oneof(fc.constant(0x8000), fc.integer({ min: 11, max: 0xffff - 10 }));
      const found = wrongs(fc.tuple(fc.subarray(factors, { minLength: 1 }), absurd), ([spoiled, word]) => {
        const image = imageOf(words);
        for (const address of spoiled) image.set('holding', address, [word], 0);
        const decoded = decodePoints(model, image);
        const lost = model.points.filter((point) =>
          factorsOf(point).every((address) => address !== undefined && spoiled.includes(address)),
        );
        return [...senseless(decoded), ...stillSaid(lost, decoded)];
      });
      expect(factors.length).toBeGreaterThan(0);
      expect(found).toBe('');
    });

    test('a chain that is cut off or garbled is read to its end, or refused', () => {
      const addresses = places.map(([, address]) => address).toSorted((a, b) => a - b);
      const word = fc.integer({ min: 0, max: 0xffff });
      const garble = fc.array(fc.tuple(fc.constantFrom(...addresses), word), { maxLength: 6 });
      // The heads of models hurt most: ids and lengths that lead astray.
      const heads = (model.sunspecModels ?? []).flatMap(({ address }) => [address, address + 1]);
      const astray = fc.array(fc.tuple(fc.constantFrom(...heads), word), { maxLength: 3 });
      const found = wrongs(fc.tuple(fc.constantFrom(...addresses), garble, astray), ([cut, noise, turns]) => {
        const image = imageOf(words, new Set(addresses.filter((at) => at >= cut).map((at) => `holding ${at}`)));
        for (const [address, random] of [...noise, ...turns])
          if (address < cut) image.set('holding', address, [random], 0);
        const read = readWhole(profile, (request) => readImage(image, request));
        if ('refused' in read) return [];
        const decoded = decodePoints(read.model, read.image);
        const absent = read.model.points.filter(({ sources }) =>
          sources.every((source) => image.words(source) === undefined),
        );
        return [...senseless(decoded), ...stillSaid(absent, decoded)];
      });
      expect(found).toBe('');
    });
  },
);

const folder = join(import.meta.dirname, '../../../shared/data/devices');
const noDumps = !existsSync(folder);

test.skipIf(noDumps)(`a dump of a real inverter with more and more holes (seed ${seed})`, async () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.hex') || name.endsWith('.txt'));
  for (const file of files) {
    const loaded = await loadImageFile(join(folder, file));
    if (!loaded.ok) continue;
    const words = new Map<Table, Map<number, number>>(
      registerTables.map((table) => [
        table,
        new Map(
          loaded.image
            .addresses(table)
            .filter((address) => !loaded.image.isHole(table, address))
            .map((address) => [address, loaded.image.get(table, address) ?? 0]),
        ),
      ]),
    );
    const places = [...words].flatMap(([table, all]) => [...all.keys()].map((address): Place => [table, address]));
    for (const profile of ofSunSpec) {
      const found = wrongs(fc.subarray(places), (holes) => {
        const image = imageOf(words, new Set(holes.map(([table, at]) => `${table} ${at}`)));
        const read = readWhole(profile, (request) => readImage(image, request));
        return 'refused' in read ? [] : senseless(decodePoints(read.model, read.image));
      });
      expect([file, profile.name, found]).toEqual([file, profile.name, '']);
    }
  }
});
