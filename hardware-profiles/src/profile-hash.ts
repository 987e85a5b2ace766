import type { Profile } from './profile.ts';

/** 16 hexadecimal digits, the same for the same content whatever the order of its keys. Tells versions apart; no security. */
export function profileHash(profile: Profile): string {
  let hash = 0xcbf2_9ce4_8422_2325n;
  for (const character of canonical(profile)) {
    // FNV-1a, 64 bit
    hash = BigInt.asUintN(64, (hash ^ BigInt(character.codePointAt(0) ?? 0)) * 0x100_0000_01b3n);
  }
  return hash.toString(16).padStart(16, '0');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
}
