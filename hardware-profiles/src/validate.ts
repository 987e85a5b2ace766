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
 * file holds. Tells every mistake with its path; where a part has not even the right shape, neither what it means nor what hangs on it
 * is judged.
 */
export function validateProfile(candidate: unknown): ProfileVerdict {
  const mistakes = [...shapeMistakes(candidate)];
  if (isMap(candidate)) mistakes.push(...meaningMistakes(candidate, mistakes));
  if (mistakes.length === 0) mistakes.push(...impossibleDevice(candidate as Profile));
  if (mistakes.length === 0) return { ok: true, value: candidate as Profile };
  const left = mistakes.length - mostMistakes;
  if (left <= 0) return { ok: false, mistakes };
  return { ok: false, mistakes: [...mistakes.slice(0, mostMistakes), { path: [], say: `has ${left} more mistakes` }] };
}

type Part = keyof Profile;

/** What is judged, and the parts that must be sound for it: of what hangs on a broken one, nobody can say whether it is right. */
const judgements: readonly {
  readonly of: readonly Part[];
  readonly mistakes: (sound: SoundParts) => readonly Mistake[];
}[] = [
  { of: ['name'], mistakes: ({ profile }) => nameMistakes(profile) },
  { of: ['make'], mistakes: ({ profile }) => [...emptyText(profile, 'make'), ...longText(profile, 'make')] },
  { of: ['model'], mistakes: ({ profile }) => [...emptyText(profile, 'model'), ...longText(profile, 'model')] },
  { of: ['source'], mistakes: ({ profile }) => emptyText(profile, 'source') },
  { of: ['control', 'points'], mistakes: controlMistakes },
  { of: ['unconfirmed', 'points'], mistakes: unconfirmedMistakes },
  { of: ['limits'], mistakes: ({ profile }) => limitMistakes(profile) },
  { of: ['capabilities', 'points'], mistakes: capabilityMistakes },
  { of: ['identify', 'maxRegisters'], mistakes: ({ profile }) => identifyMistakes(profile) },
  { of: ['points', 'identify', 'maxRegisters'], mistakes: pointMistakes },
  { of: ['commands', 'points', 'kind', 'capabilities', 'control'], mistakes: commandMistakes },
];

function meaningMistakes(candidate: Readonly<Record<string, unknown>>, shape: readonly Mistake[]): readonly Mistake[] {
  const isOfOne = ({ path: [first, second] }: Mistake): boolean =>
    (first === 'points' || first === 'commands') && second !== undefined;
  const broken = new Set(shape.filter((mistake) => !isOfOne(mistake)).map(({ path: [first] }) => first));
  const sound = soundParts(candidate, shape.filter(isOfOne));
  return judgements.flatMap(({ of, mistakes }) => (of.some((part) => broken.has(part)) ? [] : mistakes(sound)));
}

/** Without the points and commands that have not the right shape. */
function soundParts(candidate: Readonly<Record<string, unknown>>, ofOne: readonly Mistake[]): SoundParts {
  const without = (part: 'points' | 'commands'): Record<string, unknown> => {
    const bad = new Set(ofOne.filter(({ path }) => path[0] === part).map(({ path }) => path[1]));
    const given = Object.entries(isMap(candidate[part]) ? candidate[part] : {});
    return Object.fromEntries(given.filter(([key, value]) => value !== undefined && !bad.has(key)));
  };
  const points = isMap(candidate['points']) ? candidate['points'] : {};
  return {
    profile: { ...candidate, points: without('points'), commands: without('commands') } as unknown as Profile,
    names: new Set(Object.keys(points).filter((name) => points[name] !== undefined)),
  };
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

const nameMistakes = ({ name }: Profile): readonly Mistake[] =>
  /^[a-z0-9-]{1,64}$/.test(name) ? [] : [{ path: ['name'], say: 'must be 1 to 64 of a–z, 0–9 and -' }];

const emptyText = (profile: Profile, key: 'make' | 'model' | 'source'): readonly Mistake[] =>
  profile[key].trim() === '' ? [{ path: [key], say: 'is empty' }] : [];

const longText = (profile: Profile, key: 'make' | 'model'): readonly Mistake[] =>
  profile[key].length > 64 ? [{ path: [key], say: 'may have 64 characters, the birth carries no more' }] : [];

function controlMistakes({ profile: { control }, names }: SoundParts): readonly Mistake[] {
  if (control === 'point' && !names.has('control'))
    return [{ path: ['control'], say: 'is to be a point, but no point `control` is there' }];
  return control === 'none' && names.has('control')
    ? [{ path: ['control'], say: 'is none, but there is a point `control`' }]
    : [];
}

function unconfirmedMistakes({ profile, names }: SoundParts): readonly Mistake[] {
  return (profile.unconfirmed ?? []).flatMap((name, index, all) => {
    const path: Path = ['unconfirmed', index];
    return [
      ...(names.has(name) ? [] : [{ path, say: `names ${name}, which is no point of it` }]),
      ...(all.indexOf(name) === index ? [] : [{ path, say: `names ${name} twice` }]),
    ];
  });
}

function limitMistakes({ limits = {} }: Profile): readonly Mistake[] {
  return Object.entries(limits).flatMap(([name, limit]) =>
    limit === undefined || limit > 0 ? [] : [{ path: ['limits', name], say: `is ${limit}, and must be above 0` }],
  );
}

function capabilityMistakes({ profile, names }: SoundParts): readonly Mistake[] {
  return profile.capabilities.flatMap((capability, index) =>
    pointsOfCapability[capability]
      .filter((choice) => !choice.some((name) => names.has(name)))
      .map((choice) => ({
        path: ['capabilities', index],
        say: `${capability} needs the point ${choice.join(' or ')}`,
      })),
  );
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
