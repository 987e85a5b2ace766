import type { TimeQuality } from '@tiepoint/protocol';
import { clockToleranceMs } from './host-clock.ts';

/** When this machine's clock was last found to be the head-end's: its distance from the monotonic clock then, and the instant of that. */
export type ClockProof = { readonly offsetMs: number; readonly atMs: number };

type ClockNow = { readonly wallMs: number; readonly monotonicMs: number; readonly quality: TimeQuality };

/** So long a clock that nobody set is believed without the head-end's word: a quartz is off by some seconds a day. */
const provenForMs = 86_400_000;

/** After each word about the clock. One that is told to be wrong proves nothing any more. */
export function proveClock(
  proof: ClockProof | undefined,
  { wallMs, monotonicMs, quality }: ClockNow,
): ClockProof | undefined {
  if (quality === 'synchronised') return { offsetMs: wallMs - monotonicMs, atMs: monotonicMs };
  return quality === 'unsynchronised' ? undefined : proof;
}

/**
 * Is the clock known to be right? Without a line it stays so for a day, as long as it goes with the monotonic clock: intervals of an
 * outage are as good as others.
 */
export function clockIsRight(proof: ClockProof | undefined, { wallMs, monotonicMs, quality }: ClockNow): boolean {
  if (quality !== 'unknown') return quality === 'synchronised';
  return (
    proof !== undefined &&
    monotonicMs - proof.atMs <= provenForMs &&
    Math.abs(wallMs - monotonicMs - proof.offsetMs) <= clockToleranceMs
  );
}
