import type { CommandState } from '@tiepoint/protocol';
import type { SelectionView } from '../../../src/api/contract.ts';
import type { Answer } from '../live/asking.ts';

/** One device of a group: what disconnecting it does, or why it is left out. */
export type Planned = {
  readonly id: string;
  readonly title: string;
  readonly selection?: SelectionView;
  readonly refusal?: string;
};

/** More at once would be no group that one person overlooks. */
export const mostInGroup = 100;

export function plannedOf(device: { id: string; title: string }, answer: Answer<SelectionView>): Planned {
  if (!answer.ok) return { ...device, refusal: answer.say };
  const { verdict } = answer.value;
  return verdict.ok
    ? { ...device, selection: answer.value }
    : { ...device, selection: answer.value, refusal: verdict.say };
}

export type GroupPlan = {
  readonly ready: readonly (Planned & { readonly selection: SelectionView })[];
  readonly left: readonly Planned[];
  /** When the first of the selections is over: by then all are operated, or none. */
  readonly expiresAtMs: number | undefined;
};

/** What may be done, and what is left out: told before anything is done. */
export function planOf(planned: readonly Planned[]): GroupPlan {
  const ready = planned.flatMap((each) =>
    each.selection !== undefined && each.refusal === undefined ? [{ ...each, selection: each.selection }] : [],
  );
  const ends = ready.map(({ selection }) => selection.expiresAtMs);
  return {
    ready,
    left: planned.filter(({ refusal }) => refusal !== undefined),
    expiresAtMs: ends.length === 0 ? undefined : Math.min(...ends),
  };
}

/** How far a group is: only what is confirmed is done. */
export function countStates(states: readonly (CommandState | 'not-given')[]): string {
  const confirmed = states.filter((state) => state === 'confirmed').length;
  const open = states.filter((state) => underWay.includes(state)).length;
  const unknown = states.filter((state) => state === 'unknown').length;
  const rest = states.length - confirmed - open - unknown;
  const said = [
    `${confirmed} of ${states.length} confirmed`,
    ...(open === 0 ? [] : [`${open} under way`]),
    ...(unknown === 0 ? [] : [`${unknown} not known`]),
    ...(rest === 0 ? [] : [`${rest} not confirmed`]),
  ];
  return said.join(', ');
}

const underWay: readonly (CommandState | 'not-given')[] = ['requested', 'sent', 'accepted', 'executing'];
