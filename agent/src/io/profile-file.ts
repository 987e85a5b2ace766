import { readFileSync, statSync } from 'node:fs';
import { findProfile, profileHash, profiles, validateProfile } from '@tiepoint/hardware-profiles';
import type { Profile } from '@tiepoint/hardware-profiles';
import { didYouMean } from '../core/nearest.ts';
import { parseYaml, pathText, whyUnread } from './located-yaml.ts';

/** A profile, and where it came from. `errors`: a line for each thing that is wrong, with file, line and place. */
export type LoadedProfile =
  | { readonly ok: true; readonly profile: Profile; readonly hash: string; readonly file?: string }
  | { readonly ok: false; readonly errors: readonly string[] };

/**
 * A technician's own profile: YAML or JSON of the shape of `Profile`. Its name must be none of a profile that is built in, so that
 * a report never leaves open which of the two was meant.
 */
export function readProfileFile(file: string): LoadedProfile {
  const text = readText(file);
  return text.ok ? parseProfile(text.text, file) : { ok: false, errors: [text.say] };
}

export function parseProfile(text: string, file: string): LoadedProfile {
  const parsed = parseYaml(text, file);
  if (!parsed.ok) return parsed;
  const verdict = validateProfile(parsed.value);
  if (!verdict.ok) {
    const placed = verdict.mistakes.map(({ path, say, meant }) => {
      const hint = meant === undefined ? '' : didYouMean(String(path.at(-1)), meant);
      return { line: parsed.lineOf(path), at: pathText(path), say: hint === '' ? say : `${say}.${hint}` };
    });
    // As they stand in the file, for who mends them from top to bottom.
    const inOrder = placed.toSorted((a, b) => a.line - b.line);
    return { ok: false, errors: inOrder.map(({ line, at, say }) => `${file}:${line}  ${at}: ${say}`) };
  }
  const profile = verdict.value;
  if (findProfile(profile.name) !== undefined) {
    return {
      ok: false,
      errors: [
        `${file}:${parsed.lineOf(['name'])}  name: ${profile.name} is the name of a profile that is built in; choose another`,
      ],
    };
  }
  return { ok: true, profile, hash: profileHash(profile), file };
}

/** A profile by its name, or by the path of a file: whatever has a slash or ends in .yaml, .yml or .json. */
export function loadProfile(nameOrFile: string, own: readonly Profile[] = []): LoadedProfile {
  if (isFileName(nameOrFile)) return readProfileFile(nameOrFile);
  const profile = findProfile(nameOrFile, own);
  if (profile !== undefined) return { ok: true, profile, hash: profileHash(profile) };
  return {
    ok: false,
    errors: [`${noSuchProfile(nameOrFile, own)} One of your own is named by its file, as ./my-device.yaml.`],
  };
}

/** For a name that is none, built in or of one's own. */
export function noSuchProfile(name: string, own: readonly Profile[]): string {
  const known = [...own, ...profiles].map((each) => each.name);
  return `there is no profile '${name}'.${didYouMean(name, known)} \`tiepoint-agent profile list\` names them all.`;
}

const isFileName = (text: string): boolean => /\/|\.(?:ya?ml|json)$/i.test(text);

function readText(file: string): { ok: true; text: string } | { ok: false; say: string } {
  try {
    const stat = statSync(file);
    // A pipe or a device has no size, and perhaps no end.
    if (!stat.isFile()) return { ok: false, say: `${file}: is no file` };
    if (stat.size > longestBytes) return { ok: false, say: `${file}: is longer than 1 MB, which no profile is` };
    return { ok: true, text: readFileSync(file, 'utf8') };
  } catch (error) {
    return { ok: false, say: `${file}: ${whyUnread(error)}` };
  }
}

const longestBytes = 1_000_000;
