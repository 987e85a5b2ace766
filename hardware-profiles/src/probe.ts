import type { ReadOutcome, ReadRequest } from './device-model.ts';
import { isLasting } from './holes.ts';
import type { Probe } from './profile.ts';
import { decodeText, rawNumber, unsigned, wordsOf } from './raw-words.ts';

/** The read that a probe needs: the block that the device gives as a whole only, where the probe names one. */
export function readOfProbe({ source, type, length, block }: Probe): ReadRequest {
  if (block !== undefined) return { table: source.table, address: block.address, quantity: block.registers };
  return { table: source.table, address: source.address, quantity: wordsOf(type, length) };
}

/** What the answer to `readOfProbe` means. `seen` is what was read there, `undefined` where it says nothing. */
export function judgeProbe(
  probe: Probe,
  outcome: ReadOutcome,
): { readonly met: boolean; readonly seen?: number | string } {
  // Busy, or a gateway without its device, is no refusal: the register may well be there.
  if (!outcome.ok) return { met: 'refused' in probe && isLasting(outcome) };
  const seen = wordsSeen(probe, outcome.words);
  return seen === undefined ? { met: false } : { met: satisfies(probe, seen), seen };
}

/** What a probe wants, for a sentence: "expected …". */
export function wantOfProbe(probe: Probe): string {
  if ('refused' in probe) return 'that the device refuses to read it';
  if ('equals' in probe) return String(probe.equals);
  if ('oneOf' in probe) return `one of ${probe.oneOf.join(', ')}`;
  return 'startsWith' in probe ? `${probe.startsWith}…` : `${probe.within[0]} to ${probe.within[1]}`;
}

function wordsSeen(probe: Probe, answer: readonly number[]): number | string | undefined {
  const from = probe.block === undefined ? 0 : probe.source.address - probe.block.address;
  const words = answer.slice(from, from + wordsOf(probe.type, probe.length));
  if (probe.type === 'text') return decodeText(words);
  return rawNumber(probe.type, unsigned(words, probe.wordOrder ?? 'big'));
}

function satisfies(probe: Probe, seen: number | string): boolean {
  if ('refused' in probe) return false;
  if ('equals' in probe) return seen === probe.equals;
  if ('oneOf' in probe) return probe.oneOf.includes(seen);
  if ('startsWith' in probe) return typeof seen === 'string' && seen.startsWith(probe.startsWith);
  return typeof seen === 'number' && seen >= probe.within[0] && seen <= probe.within[1];
}
