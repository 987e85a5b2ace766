import { no } from '@tiepoint/protocol';
import type { Verdict } from '@tiepoint/protocol';
import { instantText } from '../words/time.ts';

/** As of which instant the network is looked at. Of what is not past yet, and of what cannot be read, `say` tells why nothing is shown. */
export type AsOf =
  | { readonly is: 'now' }
  | { readonly is: 'past'; readonly atMs: number }
  | { readonly is: 'future' | 'unreadable'; readonly say: string };

// Without a zone, whoever gets the link would see another instant than who sent it.
const written = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;

/** `at` as the address has it; absent: now. `zone` is for tests; absent: the viewer's. */
export function asOf(at: string | undefined, nowMs: number, zone?: string): AsOf {
  if (at === undefined) return { is: 'now' };
  const atMs = written.test(at) ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(atMs))
    return {
      is: 'unreadable',
      say: `The address asks for the network as of “${at.slice(0, 40)}”, which is no instant: it is written like 2026-03-10T04:00:00Z.`,
    };
  if (atMs > nowMs)
    return {
      is: 'future',
      say: `${instantText(atMs, zone)} is still to come: how the network will be then, nobody knows.`,
    };
  return { is: 'past', atMs: Math.max(0, atMs) };
}

/** As an address has it: in UTC, so that a link means the same to everybody. */
export const addressOf = (atMs: number): string => new Date(atMs).toISOString().replace('.000Z', 'Z');

/** What is shown of a past instant is read and recorded by nobody. */
export function mayNow(asOfThen: AsOf, deed: string, otherwise: Verdict): Verdict {
  if (asOfThen.is === 'now') return otherwise;
  return no('precondition', `This is the network as it was: go back to now to ${deed}.`);
}

/** Of an instant before the first version. */
export function beforeFirst(
  { atMs, firstMs }: { atMs: number; firstMs?: number | undefined },
  zone?: string,
): string | undefined {
  if (firstMs === undefined || atMs >= firstMs) return undefined;
  return `No network is known as of ${instantText(atMs, zone)}: the first holds from ${instantText(firstMs, zone)} on.`;
}

/** For a field of date and time, which is local and has no zone. */
export function fieldText(atMs: number): string {
  const local = new Date(atMs - new Date(atMs).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}

/** What such a field means; undefined: it is empty, or not complete. */
export function fieldInstant(text: string): number | undefined {
  const atMs = new Date(text).getTime();
  return text === '' || Number.isNaN(atMs) ? undefined : atMs;
}
