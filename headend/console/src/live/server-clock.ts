/**
 * The head-end's clock as seen from here. Ages are told by the head-end's time; the viewer's wall clock may be wrong by hours.
 * `steadyMs` is a clock that never jumps (performance.now()). Of the last stamps the one that travelled fastest is believed.
 */
export type ServerClock = { readonly offsets: readonly number[] };

const keptOffsets = 32;

export const unsetClock: ServerClock = { offsets: [] };

export function stampClock(clock: ServerClock, serverMs: number, steadyMs: number): ServerClock {
  const offset = serverMs - steadyMs;
  const best = bestOffset(clock);
  // The head-end's own clock was set: everything known before is worth nothing.
  if (best !== undefined && Math.abs(offset - best) > 60_000) return { offsets: [offset] };
  return { offsets: [...clock.offsets.slice(-(keptOffsets - 1)), offset] };
}

/** Head-end time in ms since 1970, or `undefined` before the first stamp. */
export function serverNow(clock: ServerClock, steadyMs: number): number | undefined {
  const best = bestOffset(clock);
  return best === undefined ? undefined : steadyMs + best;
}

function bestOffset({ offsets }: ServerClock): number | undefined {
  return offsets.length === 0 ? undefined : Math.max(...offsets);
}
