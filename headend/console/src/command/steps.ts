import type { CommandState } from '@tiepoint/protocol';
import type { CommandTrack } from '../live/frame-reducer.ts';

/** One stop on a command's way. `atMs` is absent where it was not reached or not seen; `sinceMs` is the time from the stop before. */
export type Step = {
  readonly state: CommandState;
  readonly is: 'past' | 'now' | 'ahead' | 'unseen';
  readonly atMs?: number;
  readonly sinceMs?: number;
};

const way = ['requested', 'sent', 'accepted', 'executing'] as const satisfies readonly CommandState[];

/** requested → sent → accepted → executing → the end; with `unknown` between, where the command is there now. */
export function stepsOf({ view, transitions }: CommandTrack): readonly Step[] {
  const seenAtMs = new Map<CommandState, number>();
  for (const { state, atMs } of transitions) if (!seenAtMs.has(state)) seenAtMs.set(state, atMs);
  if (!seenAtMs.has('requested')) seenAtMs.set('requested', view.requestedAtMs);
  if (view.sentAtMs !== undefined && !seenAtMs.has('sent')) seenAtMs.set('sent', view.sentAtMs);
  if (!seenAtMs.has(view.state)) seenAtMs.set(view.state, view.updatedAtMs);

  const end: CommandState = view.final ? view.state : 'confirmed';
  // What was refused or came too late never went the rest of the way: only the stops that were seen belong to it.
  const stopped = end === 'refused' || end === 'expired';
  const passed = stopped ? way.filter((state) => seenAtMs.has(state)) : way;
  const states: CommandState[] = view.state === 'unknown' ? ['requested', 'sent', 'unknown', end] : [...passed, end];
  const current = states.indexOf(view.state);
  let lastMs: number | undefined;
  return states.map((state, place) => {
    const atMs = seenAtMs.get(state);
    const is = place === current ? 'now' : place > current ? 'ahead' : atMs === undefined ? 'unseen' : 'past';
    if (atMs === undefined || is === 'ahead') return { state, is };
    const sinceMs = lastMs === undefined ? undefined : atMs - lastMs;
    lastMs = atMs;
    return sinceMs === undefined ? { state, is, atMs } : { state, is, atMs, sinceMs };
  });
}
