import { capabilities } from '@tiepoint/protocol';
import { layOut } from './lay-out.ts';
import { isMap, shapeMistakes } from './profile-shape.ts';
import type { Mistake, Path, SoundParts } from './profile-shape.ts';
import { readOfProbe } from './probe.ts';
import type { Probe, Profile, WordType } from './profile.ts';
import { decodeText, encodeText, rawBits, rawNumber, wordsOf } from './raw-words.ts';
import { pointsOfCapability } from './resolve-device.ts';
import { commandMistakes } from './validate-commands.ts';
import { pointMistakes } from './validate-points.ts';

export type ProfileVerdict =
  | { readonly ok: true; readonly value: Profile }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/** More mistakes than these are not told: whoever has mended so many asks again. */
const mostMistakes = 200;

/**
 * Is this a profile, and one that can be trusted to read and to command a device? It may be anything, such as what a technician's
 * file holds. Tells every mistake with its path; where a point or command has not even the right shape, what it means is not judged.
 */
export function validateProfile(candidate: unknown): ProfileVerdict {
  const mistakes = [...shapeMistakes(candidate)];
  const sound = soundParts(candidate, mistakes);
  if (sound !== undefined) mistakes.push(...meaningMistakes(sound));
  if (sound !== undefined && mistakes.length === 0) mistakes.push(...impossibleDevice(sound.profile));
  if (mistakes.length === 0) return { ok: true, value: candidate as Profile };
  const left = mistakes.length - mostMistakes;
  if (left <= 0) return { ok: false, mistakes };
  return { ok: false, mistakes: [...mistakes.slice(0, mostMistakes), { path: [], say: `has ${left} more mistakes` }] };
}

function soundParts(candidate: unknown, mistakes: readonly Mistake[]): SoundParts | undefined {
  const isPart = ({ path: [first, second] }: Mistake): boolean =>
    (first === 'points' || first === 'commands') && second !== undefined;
  if (!isMap(candidate) || !mistakes.every(isPart)) return undefined;
  const without = (part: 'points' | 'commands'): Record<string, unknown> => {
    const bad = new Set(mistakes.filter(({ path }) => path[0] === part).map(({ path }) => path[1]));
    const given = Object.entries(isMap(candidate[part]) ? candidate[part] : {});
    return Object.fromEntries(given.filter(([key, value]) => value !== undefined && !bad.has(key)));
  };
  const points = isMap(candidate['points']) ? candidate['points'] : {};
  return {
    profile: { ...candidate, points: without('points'), commands: without('commands') } as unknown as Profile,
    names: new Set(Object.keys(points).filter((name) => points[name] !== undefined)),
  };
}

function meaningMistakes(sound: SoundParts): readonly Mistake[] {
  return [
    ...frameMistakes(sound),
    ...identifyMistakes(sound.profile),
    ...pointMistakes(sound),
    ...commandMistakes(sound),
  ];
}

/** Probes that contradict one another, which shows when a device is made up that is to satisfy them all. */
function impossibleDevice(profile: Profile): readonly Mistake[] {
  try {
    layOut(profile);
    return [];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [{ path: ['identify'], say: `no device could ever be recognised: ${why}` }];
  }
}

function frameMistakes({ profile, names }: SoundParts): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  const say = (path: Path, what: string): unknown => mistakes.push({ path, say: what });
  if (!/^[a-z0-9-]{1,64}$/.test(profile.name)) say(['name'], 'must be 1 to 64 of a–z, 0–9 and -');
  for (const key of ['make', 'model', 'source'] as const) if (profile[key].trim() === '') say([key], 'is empty');
  for (const key of ['make', 'model'] as const)
    if (profile[key].length > 64) say([key], 'may have 64 characters, the birth carries no more');
  if (profile.control === 'point' && !names.has('control'))
    say(['control'], 'is to be a point, but no point `control` is there');
  if (profile.control === 'none' && names.has('control')) say(['control'], 'is none, but there is a point `control`');
  profile.unconfirmed?.forEach((name, index, all) => {
    if (!names.has(name)) say(['unconfirmed', index], `names ${name}, which is no point of it`);
    if (all.indexOf(name) !== index) say(['unconfirmed', index], `names ${name} twice`);
  });
  for (const [name, limit] of Object.entries(profile.limits ?? {}))
    if (limit !== undefined && limit <= 0) say(['limits', name], `is ${limit}, and must be above 0`);
  profile.capabilities.forEach((capability, index) => {
    for (const choice of capabilities.includes(capability) ? pointsOfCapability[capability] : [])
      if (!choice.some((name) => names.has(name)))
        say(['capabilities', index], `${capability} needs the point ${choice.join(' or ')}`);
  });
  return mistakes;
}

function identifyMistakes({ identify, maxRegisters = 125 }: Profile): readonly Mistake[] {
  if ('anyModel' in identify)
    return identify.anyModel.length > 0
      ? []
      : [
          {
            path: ['identify', 'anyModel'],
            say: 'names no SunSpec model: every SunSpec device would be taken for this one',
          },
        ];
  const { probes, anonymous } = identify;
  const mistakes: Mistake[] = probes.flatMap((probe, index) =>
    probeMistakes(probe, maxRegisters).map((say) => ({ path: ['identify', 'probes', index], say })),
  );
  const path = ['identify', 'probes'];
  if (probes.length === 0) mistakes.push({ path, say: 'has no probe: every device would be taken for this one' });
  else if (probes.every((probe) => 'refused' in probe))
    mistakes.push({
      path,
      say: 'are all to be refused: any device without those registers would be taken for this one',
    });
  else if (anonymous !== true && probes.every((probe) => 'refused' in probe || cannotFail(probe)))
    mistakes.push({
      path,
      say: 'cannot fail, whatever the registers hold: look at one that tells what the device is, or say `anonymous: true`',
    });
  return mistakes;
}

function probeMistakes(probe: Probe, maxRegisters: number): readonly string[] {
  const mistakes: string[] = [];
  const { source, type, length } = probe;
  const isBit = source.table === 'coil' || source.table === 'discrete';
  if ((type === 'bit') !== isBit) mistakes.push(`type ${type} does not lie in the ${source.table} table`);
  if (type === 'text' && length === undefined) mistakes.push('is a text without length');
  const { address, quantity } = readOfProbe(probe);
  const end = source.address + wordsOf(type, length);
  if (end > 0x1_0000) mistakes.push(`ends beyond address 65535`);
  if (quantity > maxRegisters || address > source.address || end > address + quantity)
    mistakes.push(`lies not in its block, or the block is longer than ${maxRegisters} registers`);
  if ('oneOf' in probe && probe.oneOf.length === 0) mistakes.push('is to be one of nothing');
  if ('within' in probe) mistakes.push(...rangeMistakes(probe.within, type));
  const wanted = 'equals' in probe ? [probe.equals] : 'oneOf' in probe ? probe.oneOf : [];
  for (const value of 'startsWith' in probe ? [probe.startsWith] : wanted)
    if (!isReadAs(value, type, length)) mistakes.push(`${value} is never read as ${type}`);
  return mistakes;
}

function rangeMistakes([from, to]: readonly [number, number], type: WordType): readonly string[] {
  if (type === 'text') return ['is a text, which lies within no numbers'];
  const isWhole = !type.startsWith('float');
  if (isWhole ? Math.ceil(from) > Math.floor(to) : from > to)
    return [`is to be within ${from} to ${to}, which nothing is`];
  const [least, greatest] = rangeOf(type);
  return from < least || to > greatest ? [`within ${from} to ${to} goes beyond what ${type} can hold`] : [];
}

/** Could a register of this type ever hold this? */
function isReadAs(value: number | string, type: WordType, length: number | undefined): boolean {
  if (type === 'text') {
    if (typeof value !== 'string') return false;
    const words = encodeText(value, length ?? 0);
    return words !== undefined && (value === '' || decodeText(words) === value);
  }
  const bits = typeof value === 'number' ? rawBits(type, value) : undefined;
  return bits !== undefined && rawNumber(type, bits) === value;
}

/** The least and the greatest number of a type. */
function rangeOf(type: WordType): readonly [number, number] {
  if (type === 'bit') return [0, 1];
  const bits = 16 * wordsOf(type, 0);
  if (type.startsWith('uint')) return [0, 2 ** bits - 1];
  return type.startsWith('int') ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [-Infinity, Infinity];
}

/** A probe that every register satisfies, as long as it can be read. */
function cannotFail(probe: Probe): boolean {
  if ('startsWith' in probe) return probe.startsWith === '';
  if (!('within' in probe) || probe.type === 'text') return false;
  const [least, greatest] = rangeOf(probe.type);
  return probe.within[0] <= least && probe.within[1] >= greatest;
}
