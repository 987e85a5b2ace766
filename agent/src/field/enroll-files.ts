import { accessSync, chmodSync, constants, existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Enrolment } from '@tiepoint/protocol/field';
import { ConfigurationError, parseConfiguration } from '../io/configuration.ts';
import { parseYaml } from '../io/located-yaml.ts';
import { parseProfile } from '../io/profile-file.ts';
import { makeFolder } from '../io/disk/folder.ts';
import { writeWhole } from '../io/disk/whole-file.ts';
import { takeIdentity } from '../io/keys/identity-folder.ts';

export const configurationName = 'gateway.yaml';
export const identityName = 'identity';
const readable = 0o640;

/** Makes the folder where it is missing, and says whether an identity is there. Nothing is asked of a head-end before this is well. */
export function folderState(
  folder: string,
): { readonly ok: true; readonly isEnrolled: boolean } | { readonly ok: false; readonly say: string } {
  try {
    makeFolder(folder, 0o750);
    accessSync(folder, constants.W_OK | constants.X_OK);
    return { ok: true, isEnrolled: [configurationName, identityName].some((name) => existsSync(join(folder, name))) };
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    return {
      ok: false,
      say: `${folder}: cannot be written (${why}). Run this as the user of the agent, or give --dir.`,
    };
  }
}

export type Finished =
  | {
      readonly ok: true;
      readonly files: readonly string[];
      /** Why the configuration cannot be run as it stands. */
      readonly trouble: string | undefined;
    }
  | { readonly ok: false; readonly say: string };

/** Makes the files of an answer; each whole or not at all, the identity last. May be repeated. */
export function finishEnrolment(folder: string, url: string, enrolment: Enrolment, nowMs: number): Finished {
  const { profiles, configuration, gatewayId } = enrolment;
  const bad = profiles.flatMap(({ name, text }) => {
    const parsed = parseProfile(text, name);
    return parsed.ok ? [] : parsed.errors;
  });
  const misnamed = profiles.find(({ name }) => !/\.(?:ya?ml|json)$/i.test(name) || ownNames.has(name.toLowerCase()));
  if (misnamed !== undefined)
    return {
      ok: false,
      say: `The head-end sent a profile named ${misnamed.name}: a profile is a .yaml or .json file, and none of ${[...ownNames].join(', ')}. No file was changed.`,
    };
  const told = gatewayIdIn(configuration);
  if (told !== undefined && told !== gatewayId)
    return {
      ok: false,
      say: `The head-end made this ${gatewayId}, and sent a configuration for ${told}. No file was changed: ask its operator for a new token.`,
    };
  if (bad.length > 0)
    return {
      ok: false,
      say: `The head-end sent profiles that this agent cannot use:\n${bad.join('\n')}\nNo file was changed. Update the agent, or have the profile mended, and run the same command again.`,
    };
  const path = join(folder, configurationName);
  const files: string[] = [];
  const put = (name: string, text: string): void => {
    writeWhole(join(folder, name), text, readable);
    // An umask must not open it, nor an older file's mode.
    chmodSync(join(folder, name), readable);
    files.push(join(folder, name));
  };
  try {
    for (const { name, text } of profiles) put(name, text);
    if (existsSync(path) && readFileSync(path, 'utf8') !== configuration)
      renameSync(path, join(folder, `gateway-before-${nowMs}.yaml`));
    put(configurationName, configuration);
    files.push(...takeIdentity(join(folder, identityName), url, enrolment, nowMs));
  } catch (error) {
    return {
      ok: false,
      say: `${folder}: cannot be written (${String(error)}). Nothing is lost: make room, and run the same command again.`,
    };
  }
  return { ok: true, files, trouble: troubleOf(path, configuration) };
}

const ownNames: ReadonlySet<string> = new Set([configurationName]);

/** `undefined` where the text tells none. */
function gatewayIdIn(configuration: string): string | undefined {
  const read = parseYaml(configuration, configurationName);
  const id = read.ok ? (read.value as { gateway?: { id?: unknown } } | null)?.gateway?.id : undefined;
  return typeof id === 'string' ? id : undefined;
}

function troubleOf(path: string, configuration: string): string | undefined {
  try {
    parseConfiguration(configuration, path);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
}
