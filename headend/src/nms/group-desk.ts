import { no } from '@tiepoint/protocol';
import type { Failure, Reason, Result } from '@tiepoint/protocol';
import type { Acting } from '../store/store.ts';
import type { Operated } from './command-router-parts.ts';
import type { CommandRouter } from './command-router.ts';
import type { Selection } from './selections.ts';

export const maxGroup = 100;
const holdMs = 120_000;
const keptMs = 600_000;
const maxGroups = 200;

export type GroupLeft = {
  readonly deviceKey: string;
  readonly reason: Reason | 'critical-customer';
  readonly say: string;
};
export type GroupSelection = {
  readonly id: string;
  readonly operator: string;
  readonly selectedAtMs: number;
  readonly expiresAtMs: number;
  readonly selections: readonly Selection[];
  readonly left: readonly GroupLeft[];
  /** Why it takes two operators. */
  readonly need: string | undefined;
};
export type GroupMemberOutcome = { readonly deviceKey: string; readonly operated: Operated };

export type GroupParts = {
  router: CommandRouter;
  /** Why the supply of this device's site is not taken with that of others. */
  criticalOf: (deviceKey: string) => string | undefined;
  now: () => number;
  newId: () => string;
};

/** Many devices in one selection, and then one command each, with an outcome of its own: what one is refused holds up no other. */
export class GroupDesk {
  readonly #parts: GroupParts;
  readonly #groups = new Map<string, GroupSelection>();
  readonly #operated = new Map<string, { idempotencyKey: string; outcomes: readonly GroupMemberOutcome[] }>();

  constructor(parts: GroupParts) {
    this.#parts = parts;
  }

  /** Those that cannot be, and critical customers, are left out, and told before. `seen`: the operator knows of this device. */
  select(
    acting: Acting,
    deviceKeys: readonly string[],
    may: (deviceKey: string) => { ok: true } | Failure,
  ): Result<GroupSelection> {
    const { router, criticalOf, now, newId } = this.#parts;
    const nowMs = now();
    this.#forget(nowMs);
    const [selections, left]: [Selection[], GroupLeft[]] = [[], []];
    for (const deviceKey of new Set(deviceKeys)) {
      const right = may(deviceKey);
      const critical = criticalOf(deviceKey);
      if (!right.ok) left.push({ deviceKey, ...refusalOf(right) });
      else if (critical !== undefined)
        left.push({
          deviceKey,
          reason: 'critical-customer',
          say: `A critical customer (${critical}): disconnect it by itself, if at all.`,
        });
      else {
        const selected = router.select({ ...acting, deviceKey, kind: 'disconnect', parameters: {}, holdMs });
        if (!selected.ok && selected.reason === 'not-recorded') return selected;
        const refusal = selected.ok ? refusalAmong(selected.value, selections) : selected;
        if (refusal !== undefined) left.push({ deviceKey, ...refusalOf(refusal) });
        if (selected.ok && refusal !== undefined) router.release(selected.value.id);
        if (selected.ok && refusal === undefined) selections.push(selected.value);
      }
    }
    const group: GroupSelection = {
      id: newId(),
      operator: acting.operator,
      selectedAtMs: nowMs,
      expiresAtMs: nowMs + holdMs,
      selections,
      left,
      need: router.needOf(selections),
    };
    this.#groups.set(group.id, group);
    return { ok: true, value: group };
  }

  /** The operator's own. */
  find(id: string, operator: string): Result<GroupSelection> {
    const group = this.#groups.get(id);
    if (group === undefined)
      return no('not-selected', 'The selection is over or was never made: select the devices again.');
    return group.operator === operator
      ? { ok: true, value: group }
      : no('wrong-operator', `${group.operator} selected these devices; only they can operate them.`);
  }

  giveUp(id: string, acting: Acting): Result<void> {
    const found = this.find(id, acting.operator);
    if (!found.ok) return found;
    for (const { id: selectionId } of found.value.selections) {
      const cancelled = this.#parts.router.cancel({ ...acting, selectionId });
      if (!cancelled.ok && cancelled.reason === 'not-recorded') return cancelled;
    }
    this.#groups.delete(id);
    return { ok: true, value: undefined };
  }

  /** One command each. The same key again is the same commands, and the same refusals. */
  operate(
    acting: Acting & { cause?: string; idempotencyKey: string; approver?: string },
    { id, selections }: GroupSelection,
  ): readonly GroupMemberOutcome[] {
    const { router } = this.#parts;
    const { idempotencyKey, ...given } = acting;
    const before = this.#operated.get(id);
    if (before?.idempotencyKey === idempotencyKey) return before.outcomes;
    // Weighed as the group that it is, before any of it is done.
    const together = { need: router.needOf(selections) };
    const outcomes = selections.map(({ id: selectionId, targetKey: deviceKey }) => ({
      deviceKey,
      operated: router.operate({
        ...given,
        selectionId,
        idempotencyKey: `${idempotencyKey} ${selectionId}`,
        together,
      }),
    }));
    // What the disk did not take may be tried again with the same key; what was done stays done.
    const unrecorded = outcomes.some(({ operated }) => !operated.ok && operated.reason === 'not-recorded');
    if (unrecorded) return outcomes;
    for (const selection of selections) router.release(selection.id);
    this.#operated.set(id, { idempotencyKey, outcomes });
    return outcomes;
  }

  isOperated(id: string): boolean {
    return this.#operated.has(id);
  }

  #forget(nowMs: number): void {
    for (const [id, { selectedAtMs }] of this.#groups)
      if (Math.abs(nowMs - selectedAtMs) > keptMs || this.#groups.size >= maxGroups) {
        this.#groups.delete(id);
        this.#operated.delete(id);
      }
  }
}

function refusalAmong(selection: Selection, others: readonly Selection[]): Failure | undefined {
  if (!selection.verdict.ok) return selection.verdict;
  const same = others.find(({ routeKey }) => routeKey === selection.routeKey);
  if (same === undefined) return undefined;
  return no('already-so', `The switch that is opened for ${same.targetKey} takes it off, too.`);
}

function refusalOf({ reason, say }: Failure): { reason: Reason; say: string } {
  return { reason, say };
}
