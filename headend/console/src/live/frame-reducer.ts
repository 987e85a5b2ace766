import type { CommandView, EventRow, FleetRow, FleetRowDelta, TransitionView } from '../../../src/api/contract.ts';

/**
 * The row with what changed; the very same object where nothing did, so that nothing is drawn again. `null` makes a value
 * unknown. The first delta of a device carries all of its fields.
 */
export function applyRowDelta(before: FleetRow | undefined, delta: FleetRowDelta): FleetRow {
  const after: Record<string, unknown> = { ...before };
  let changed = before === undefined;
  for (const [name, value] of Object.entries(delta)) {
    if (value === null) {
      changed ||= name in after;
      delete after[name];
    } else if (!same(after[name], value)) {
      after[name] = value;
      changed = true;
    }
  }
  return changed || before === undefined ? (after as FleetRow) : before;
}

function same(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, i) => item === other[i]);
  return one === other;
}

/** A command and the steps of it that were seen. */
export type CommandTrack = { readonly view: CommandView; readonly transitions: readonly TransitionView[] };

/** Steps may come twice (stream and query) and out of order; an older view never replaces a newer one. */
export function mergeCommand(
  before: CommandTrack | undefined,
  view: CommandView,
  transitions: readonly TransitionView[],
): CommandTrack {
  const known = before?.transitions ?? [];
  const fresh = transitions.filter(({ ordinal }) => !known.some((step) => step.ordinal === ordinal));
  const newer = before === undefined || isNewer(view, before.view);
  if (!newer && fresh.length === 0 && before !== undefined) return before;
  return {
    view: newer ? view : before.view,
    transitions: fresh.length === 0 ? known : [...known, ...fresh].toSorted((a, b) => a.ordinal - b.ordinal),
  };
}

function isNewer(view: CommandView, than: CommandView): boolean {
  if (view.updatedAtMs !== than.updatedAtMs) return view.updatedAtMs > than.updatedAtMs;
  return view.state !== than.state && !than.final;
}

/** Newest first, each once, `limit` at most: older ones are on the events page. */
export function mergeEvents(
  before: readonly EventRow[],
  fresh: readonly EventRow[],
  limit: number,
): readonly EventRow[] {
  if (fresh.length === 0) return before;
  const seen = new Set(before.map(({ seq }) => seq));
  const added = fresh.filter(({ seq }) => !seen.has(seq));
  if (added.length === 0) return before;
  return [...added, ...before].toSorted((a, b) => b.seq - a.seq).slice(0, limit);
}
