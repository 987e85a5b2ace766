import type { DeviceLimits } from '@tiepoint/protocol';
import { makeUnknown } from './encode.ts';
import type { DeviceModel, FoundModel, ReadOutcome, ReadRequest } from './device-model.ts';
import { identify } from './identify.ts';
import { readOfProbe } from './probe.ts';
import type { Probe, Profile } from './profile.ts';
import { encodeText, rawBits, toWords, wordsOf } from './raw-words.ts';
import { asList, isSunSpec, resolveSources, wordsOfPoint } from './resolve-point.ts';
import { endOfChain } from './sunspec/chain.ts';
import { modelsFor } from './sunspec/instances.ts';
import { findModel } from './sunspec/models.ts';
import type { SunSpecPoint } from './sunspec/notation.ts';
import { fullSize, pointsInPlace } from './sunspec/placement.ts';
import { readImage, WordImage } from './word-image.ts';

export type LayOut = {
  /** SunSpec: where the chain begins; 40000 where absent. */
  readonly sunspecBase?: number;
  /** SunSpec: the models in their order, with another length where given; else every model that the profile names. */
  readonly models?: readonly (number | { readonly id: number; readonly length: number })[];
  /** SunSpec: the value of scale factors by name (`W_SF`); else by the unit of the points that they scale. */
  readonly scaleFactors?: Readonly<Record<string, number>>;
  /** SunSpec: how often groups repeat, by model and the name of the group or of its count point; else twice. */
  readonly repetitions?: Readonly<Record<number, Readonly<Record<string, number>>>>;
  readonly limits?: DeviceLimits;
};

/**
 * The image of a device of this profile that tells nothing yet, for emulated devices: it identifies, every point reads as not
 * implemented where it can, and `encodePoint` fills it in. Throws where the profile cannot be laid out: a mistake in the profile.
 */
export function layOut(
  profile: Profile,
  options: LayOut = {},
): { readonly image: WordImage; readonly model: DeviceModel } {
  const image = new WordImage();
  const chain =
    'sunspec' in profile.identify ? layOutChain(image, options.models ?? modelsOf(profile), options) : undefined;
  if (chain !== undefined) satisfyDemands(profile, chain, image);
  let identified = identify(profile, options.limits, 'all');
  // Fixed registers first hold zero, so that a read over a gap is answered; then the probes are satisfied.
  if (!('sunspec' in profile.identify)) layOutFixed(profile, image);
  const model = run(identified, image);
  for (const { sources } of [...model.points, ...model.nameplate])
    for (const source of sources) makeUnknown(source, image, 0);
  if (!('sunspec' in profile.identify)) satisfyProbes(profile.identify.probes, image);
  if (chain !== undefined) satisfyDemands(profile, chain, image);
  identified = identify(profile, options.limits, 'all');
  return { image, model: run(identified, image) };
}

function run(steps: ReturnType<typeof identify>, image: WordImage): DeviceModel {
  const result = drive(steps, (request) => readImage(image, request));
  if (!result.ok) throw new Error(result.say);
  return result.value;
}

/** Runs a generator of reads to its end against something that answers at once. */
export function drive<T>(
  steps: Generator<ReadRequest, T, ReadOutcome>,
  answer: (request: ReadRequest) => ReadOutcome,
): T {
  let step = steps.next();
  while (step.done !== true) step = steps.next(answer(step.value));
  return step.value;
}

/** Every model that the profile names, one of each choice that excludes the others: a chain has one inverter model, not six. */
function modelsOf(profile: Profile): readonly number[] {
  const anyModel = 'sunspec' in profile.identify ? profile.identify.anyModel : [];
  const named = new Set<number>([1, anyModel.find((id) => withThreePhases.includes(id)) ?? anyModel[0] ?? 1]);
  for (const point of Object.values(profile.points).flatMap((given) => asList(given))) {
    if (!isSunSpec(point.source)) continue;
    const { models } = point.source;
    if (!models.some((id) => named.has(id) || anyModel.includes(id))) named.add(models[0] ?? 1);
  }
  const one = [...named].sort((a, b) => a - b);
  const count = ('sunspec' in profile.identify ? profile.identify.instance : undefined) ?? 1;
  return Array.from({ length: count }, () => one).flat();
}

/** Of models that differ in their phases the one that has something to tell in every point. */
const withThreePhases: readonly number[] = [103, 203];

function layOutChain(
  image: WordImage,
  models: NonNullable<LayOut['models']>,
  { sunspecBase = 40_000, scaleFactors = {}, repetitions = {} }: LayOut,
): readonly FoundModel[] {
  const chain: FoundModel[] = [];
  image.set('holding', sunspecBase, [0x5375, 0x6e53], 0);
  let address = sunspecBase + 2;
  for (const given of models) {
    const id = typeof given === 'number' ? given : given.id;
    const full = fullSize(findModel(id), repetitions[id] ?? {});
    const length = typeof given === 'number' ? full.length : given.length;
    const found: FoundModel = { id, address, length, counts: full.counts };
    layOutModel(image, found, scaleFactors);
    chain.push(found);
    address += 2 + length;
  }
  image.set('holding', address, [endOfChain, 0], 0);
  return chain;
}

/** What the profile wants to be implemented holds 1. */
function satisfyDemands(profile: Profile, whole: readonly FoundModel[], image: WordImage): void {
  const { identify: demanded, kind } = profile;
  if (!('sunspec' in demanded)) return;
  const chain = modelsFor(profile, whole) ?? [];
  for (const source of demanded.implements ?? []) {
    for (const { type, table, address, words } of resolveSources(kind, { source }, chain, false)) {
      const bits = type === 'text' ? undefined : rawBits(type, 1);
      if (bits !== undefined) image.set(table, address, toWords(bits, words, 'big'), 0);
    }
  }
}

function layOutModel(
  image: WordImage,
  { id, address, length, counts = {} }: FoundModel,
  scaleFactors: Readonly<Record<string, number>>,
): void {
  const blank = Array.from({ length: length + 2 }, () => 0xffff);
  image.set('holding', address, [id, length, ...blank.slice(2)], 0);
  const definition = findModel(id);
  const points = definition === undefined ? [] : pointsInPlace(definition, { length, counts });
  for (const point of points) {
    const words =
      point.type === 'sunssf'
        ? [(scaleFactors[point.name] ?? exponentFor(point.name, points)) & 0xffff]
        : [...unknownWords(point)];
    const count = counts[point.name];
    image.set('holding', address + point.offset, count === undefined ? words : [count], 0);
  }
}

function unknownWords({ type, size }: SunSpecPoint): number[] {
  if (type.startsWith('int') || type === 'pad') return [0x8000, ...Array.from({ length: size - 1 }, () => 0)];
  if (type === 'float32') return [0x7fc0, 0];
  const blank = type === 'string' || type.startsWith('acc') ? 0 : 0xffff;
  return Array.from({ length: size }, () => blank);
}

// Fine enough to show, wide enough for a generator of 300 kW in 16 bits.
const exponentsOfUnits: Readonly<Record<string, number>> = {
  W: 1,
  VA: 1,
  VAR: 1,
  WH: 0,
  A: -1,
  V: -1,
  HZ: -2,
  C: -1,
  PCT: -1,
  // Times of curves: those of a trip are tenths of a second.
  SECS: -2,
};

function exponentFor(scaleFactor: string, points: readonly SunSpecPoint[]): number {
  const scaled = points.find((point) => point.scaleFactor === scaleFactor && point.units !== undefined);
  const unit = scaled?.units?.toUpperCase() ?? '';
  if (unit.startsWith('%')) return -1;
  // Energy in 16 bits, as storage models have it.
  if (unit === 'WH' && scaled?.size === 1) return 2;
  return exponentsOfUnits[unit] ?? (scaleFactor.startsWith('PF') ? -3 : 0);
}

/** Registers between two points that a device answers too; no read is longer. */
const maxGap = 125;

function layOutFixed(profile: Profile, image: WordImage): void {
  if (!('probes' in profile.identify)) return;
  const places = [
    ...Object.values(profile.points)
      .flatMap((given) => asList(given))
      .map((point) => ({ source: point.source, words: wordsOfPoint(point) })),
    ...profile.identify.probes
      .filter((probe) => !('refused' in probe))
      .map(readOfProbe)
      .map(({ table, address, quantity }) => ({ source: { table, address }, words: quantity })),
  ];
  const fixed = places.flatMap(({ source, words }) => (isSunSpec(source) ? [] : [{ ...source, words }]));
  for (const table of new Set(fixed.map((place) => place.table))) {
    let end: number | undefined;
    for (const { address, words } of fixed
      .filter((place) => place.table === table)
      .sort((a, b) => a.address - b.address)) {
      const from = end !== undefined && address - end <= maxGap ? Math.min(end, address) : address;
      image.set(
        table,
        from,
        Array.from({ length: address + words - from }, () => 0),
        0,
      );
      end = Math.max(end ?? 0, address + words);
    }
  }
  satisfyProbes(profile.identify.probes, image);
}

function satisfyProbes(probes: readonly Probe[], image: WordImage): void {
  for (const probe of probes) {
    const { source, type, length, wordOrder = 'big' } = probe;
    const count = wordsOf(type, length);
    const value = wantedBy(probe);
    if (value === undefined) {
      image.forget(source.table, source.address, count);
      continue;
    }
    if (type === 'text') {
      image.set(source.table, source.address, encodeText(String(value), count) ?? [], 0);
      continue;
    }
    const bits = rawBits(type, Number(value));
    if (bits !== undefined) image.set(source.table, source.address, toWords(bits, count, wordOrder), 0);
  }
}

/** A value that satisfies the probe; `undefined`: nothing may be there. */
function wantedBy(probe: Probe): number | string | undefined {
  if ('refused' in probe) return undefined;
  if ('equals' in probe) return probe.equals;
  if ('oneOf' in probe) return probe.oneOf[0];
  return 'startsWith' in probe ? probe.startsWith : (probe.within[0] + probe.within[1]) / 2;
}
