import { no } from '@tiepoint/protocol';
import type { CommandKind, CommandParameters, Failure, Route, Verdict } from '@tiepoint/protocol';
import type { Acting } from '../store/store.ts';

/** A device held for one operator between select and operate. Not kept over a restart: who selected must look again. */
export type Selection = {
  readonly id: string;
  readonly targetKey: string;
  readonly routeKey: string;
  readonly route: Route;
  readonly kind: CommandKind;
  readonly parameters: CommandParameters;
  readonly operator: string;
  readonly identity: Acting['identity'];
  readonly selectedAtMs: number;
  readonly expiresAtMs: number;
  readonly impact: readonly string[];
  readonly verdict: Verdict;
};
export type Selections = ReadonlyMap<string, Selection>;

export const selectionMs = 30_000;
const clockToleranceMs = 2_000;

export function withoutExpired(selections: Selections, nowMs: number): Selections {
  return new Map([...selections].filter(([, each]) => holds(each, nowMs)));
}

/** One from the future was made under a clock that has been set back: it is over. */
function holds({ selectedAtMs, expiresAtMs }: Selection, nowMs: number): boolean {
  return nowMs >= selectedAtMs - clockToleranceMs && nowMs < expiresAtMs;
}

/** Another operator's hold on any of these devices; one's own is replaced by selecting again. */
export function heldByOther(
  selections: Selections,
  deviceKeys: readonly string[],
  operator: string,
  nowMs: number,
): Failure | undefined {
  for (const held of selections.values()) {
    if (held.operator === operator || !holds(held, nowMs)) continue;
    if (!deviceKeys.includes(held.targetKey) && !deviceKeys.includes(held.routeKey)) continue;
    const secondsLeft = Math.ceil((held.expiresAtMs - nowMs) / 1_000);
    return no('busy', `${held.operator} has selected ${held.targetKey}: try again in ${secondsLeft} s.`);
  }
  return undefined;
}

export function withSelection(selections: Selections, selection: Selection): Selections {
  const others = [...selections].filter(
    ([, each]) => each.operator !== selection.operator || each.targetKey !== selection.targetKey,
  );
  return new Map([...others, [selection.id, selection]]);
}

export function withoutSelection(selections: Selections, id: string): Selections {
  return new Map([...selections].filter(([each]) => each !== id));
}

/** The operator's own selection, still in time. */
export function selectionOf(
  selections: Selections,
  { id, operator }: { id: string; operator: string },
  nowMs: number,
): { ok: true; value: Selection } | Failure {
  const selection = selections.get(id);
  if (selection === undefined || !holds(selection, nowMs)) {
    return no(
      'not-selected',
      `The selection is over or was never made: select the device again (a selection holds ${selectionMs / 1_000} s).`,
    );
  }
  if (selection.operator !== operator)
    return no('wrong-operator', `${selection.operator} selected this device; only they can operate it.`);
  return { ok: true, value: selection };
}
