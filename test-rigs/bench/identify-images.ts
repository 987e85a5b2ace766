import { encodePoint, layOut, WordImage } from '@tiepoint/hardware-profiles';
import type { Profile, Span } from '@tiepoint/hardware-profiles';
import { BehavingDevice } from '../devices/behaviours/behaving-device.ts';
import { ProfiledBehaviour } from '../devices/behaviours/profiled-behaviour.ts';
import { overlap } from '../devices/behaviours/teller.ts';
import { FaultPlan } from '../devices/faults.ts';
import { loadImageFile } from '../devices/image-file.ts';
import { type RegisterImage, registerTables } from '../devices/register-image.ts';
import { seededRandom } from '../devices/seeded-random.ts';
import type { SeededRandom } from '../devices/seeded-random.ts';

/** The registers of an emulated device of this profile that has run for a while. */
export function imageOf(profile: Profile, seed: number): WordImage {
  const behaviour = new ProfiledBehaviour({ profile, seed });
  const device = new BehavingDevice({
    id: 'device-1',
    unit: 1,
    profile,
    behaviour,
    wire: new FaultPlan({ seed, say: () => undefined }),
    nameplate: behaviour.nameplate('device-1'),
    advance: (nowMs) => behaviour.advance(nowMs),
  });
  device.prepare();
  for (let nowMs = 0; nowMs <= 30_000; nowMs += 5_000) device.step(nowMs);
  return wordsOf(device.image);
}

export async function wordsOfFile(path: string): Promise<WordImage> {
  const loaded = await loadImageFile(path);
  if (!loaded.ok) throw new Error(loaded.say);
  return wordsOf(loaded.image);
}

function wordsOf(image: RegisterImage): WordImage {
  const words = new WordImage();
  for (const table of registerTables) {
    for (const address of image.addresses(table)) {
      const read = image.isHole(table, address) ? undefined : image.get(table, address);
      if (read !== undefined) words.set(table, address, [read], 0);
    }
  }
  return words;
}

/**
 * `holes`: runs of registers, about one register in twenty, cannot be read. `cut`: nothing can behind some register. `absent`: half of the points are not
 * implemented. `noise`: random words wherever the device has none. `values`: other readings. `night`: nearly all is zero. `garbage`: a
 * third of the points hold what makes no sense. The first two and the last may strike the marks by which the device is recognised.
 */
export const mutations = ['holes', 'cut', 'absent', 'noise', 'values', 'night', 'garbage'] as const;
export type Mutation = (typeof mutations)[number];

export function mutate(mutation: Mutation, profile: Profile, image: WordImage, seed: number): WordImage {
  const random = seededRandom(seed);
  const places = registerTables.flatMap((table) => image.entries(table).map(([address]) => ({ table, address })));
  const anywhere = (): (typeof places)[number] =>
    places[random.below(places.length)] ?? { table: 'holding', address: 0 };
  const change = (share: number, spans: readonly Span[], how: (word: number) => number): WordImage => {
    for (const span of spans) if (random.next() < share) fill(image, span, how);
    return image;
  };
  switch (mutation) {
    case 'holes':
      for (let run = 0; run < Math.ceil(places.length / 90); run++) {
        const { table, address } = anywhere();
        image.forget(table, address, 1 + random.below(8));
      }
      return image;
    case 'cut': {
      const from = anywhere();
      for (const [address] of image.entries(from.table)) if (address >= from.address) image.forget(from.table, address);
      return image;
    }
    case 'absent':
      for (const point of unmarked(profile)) if (random.next() < 0.5) encodePoint(point, undefined, image);
      return image;
    case 'noise':
      return withNoise(image, profile, random);
    case 'values':
      for (const point of unmarked(profile))
        if (random.next() < 0.5) encodePoint(point, otherValue(point, random), image);
      return image;
    case 'night':
      return change(
        0.8,
        unmarked(profile).flatMap(({ sources }) => sources),
        () => 0,
      );
    case 'garbage':
      return change(0.3, pointsOf(profile), (word) => Math.round(word * (0.5 + random.next())) & 0xffff);
  }
}

type Point = ReturnType<typeof layOut>['model']['points'][number];

/** Points that lie beside all by which the profile is recognised, and beside what they need of others. */
function unmarked(profile: Profile): readonly Point[] {
  const marks = probesOf(profile);
  const demanded = 'sunspec' in profile.identify ? (profile.identify.implements ?? []).map(({ point }) => point) : [];
  return layOut(profile).model.points.filter(
    ({ name, sources }) =>
      !demanded.some((point) => JSON.stringify(profile.points[name]).includes(`"${point}"`)) &&
      !sources.some((source) => source.orders !== undefined || marks.some((mark) => overlap(source, mark))),
  );
}

/** What such a point may read at another moment; `undefined` leaves it unknown. */
function otherValue({ name, sources }: Point, random: SeededRandom): number | string | undefined {
  const words = Object.values(sources[0]?.codes ?? {});
  if (words.length > 0) return words[random.below(words.length)];
  if (/voltage/i.test(name)) return 207 + 46 * random.next();
  if (/frequency/i.test(name)) return 49.5 + random.next();
  if (name.endsWith('Pct')) return 100 * random.next();
  if (name.endsWith('Wh')) return Math.round(1e6 * random.next());
  if (name.endsWith('A')) return 40 * random.next();
  if (/(W|Var|Va)$/.test(name)) return 20_000 * (random.next() - 0.5);
  return undefined;
}

/** Random words wherever this device has none, above all where other devices keep theirs. */
function withNoise(image: WordImage, profile: Profile, random: SeededRandom): WordImage {
  const own = [...pointsOf(profile), ...probesOf(profile)];
  const isOwn = (table: string, address: number): boolean =>
    own.some((span) => span.table === table && address >= span.address && address < span.address + span.words);
  for (const table of registerTables) {
    const isBits = table === 'coil' || table === 'discrete';
    for (const [from, count] of [
      [0, 200],
      [Math.floor(random.next() * 60_000), 500],
      [Math.floor(random.next() * 60_000), 500],
      [39_990, 100],
    ] as const) {
      for (let address = from; address < from + count; address++) {
        if (isOwn(table, address) || image.get(table, address) !== undefined) continue;
        image.set(table, address, [Math.floor(random.next() * (isBits ? 2 : 0x1_0000))], 0);
      }
    }
  }
  return image;
}

function pointsOf(profile: Profile): readonly Span[] {
  return layOut(profile).model.points.flatMap(({ sources }) => sources);
}

function probesOf(profile: Profile): readonly Span[] {
  if (!('probes' in profile.identify)) return [];
  return profile.identify.probes.map(({ source, length, block }) => ({
    table: source.table,
    address: block?.address ?? source.address,
    words: Math.max(block?.registers ?? 0, length ?? 0, 4),
  }));
}

function fill(image: WordImage, { table, address, words }: Span, change: (word: number) => number): void {
  const isBits = table === 'coil' || table === 'discrete';
  for (let at = address; at < address + words; at++) {
    const word = image.get(table, at);
    if (word !== undefined) image.set(table, at, [isBits ? change(word) & 1 : change(word)], 0);
  }
}
