import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { StartOptions } from './options.ts';

/** By gateway. */
export type Passwords = Readonly<Record<string, string>>;

/**
 * A password for each gateway, kept in `file` and drawn where it has none yet: without, whoever reaches the port of the broker on this
 * machine could speak for any gateway. Gateways that a person added to the file are among them.
 */
export function gatewayPasswords(
  file: string,
  ids: readonly string[],
): { ok: true; value: Passwords } | { ok: false; say: string } {
  const kept = existsSync(file) ? textsOf(readFileSync(file, 'utf8')) : {};
  if (kept === undefined)
    return { ok: false, say: `${file}: expected JSON such as {"gw-home": "password"}; mend it, or remove it` };
  const drawn = Object.fromEntries(ids.filter((id) => kept[id] === undefined).map((id) => [id, drawPassword()]));
  const value = { ...kept, ...drawn };
  writeSecret(file, `${JSON.stringify(value, undefined, 2)}\n`);
  return { ok: true, value };
}

/** Which gateways a start with these options runs. */
export function gatewayIds({ site, image, real }: Pick<StartOptions, 'site' | 'image' | 'real'>): readonly string[] {
  return [
    ...(site ? ['gw-home', 'gw-site'] : []),
    ...(image === undefined ? [] : ['gw-image']),
    ...(real.length === 0 ? [] : ['gw-real']),
  ];
}

/**
 * The head-end's configuration: who may speak, and by which password. `demonstration`: it takes commissioning reports of emulated
 * devices, and who commands them needs no second factor.
 */
export const headendFile = (passwords: Passwords, demonstration: boolean): string =>
  stringify({
    demonstration,
    operators: { secondFactor: demonstration ? 'optional' : 'required' },
    gateways: Object.entries(passwords).map(([id, password]) => ({ id, password })),
  });

/** Readable by this user alone, also where it was not before. */
export function writeSecret(file: string, text: string): void {
  if (existsSync(file)) chmodSync(file, 0o600);
  writeFileSync(file, text, { mode: 0o600 });
}

const drawPassword = (): string => randomBytes(18).toString('base64url');

function textsOf(json: string): Record<string, string> | undefined {
  try {
    const parsed: unknown = JSON.parse(json);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    return Object.values(parsed).every((each) => typeof each === 'string') ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}
