import type { CommandState } from '@tiepoint/protocol';

/** `not-given`: it was refused before it became a command. */
type State = CommandState | 'not-given';

/** How far a group is: only what is confirmed is done. */
export function countStates(states: readonly State[]): string {
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

const underWay: readonly State[] = ['requested', 'sent', 'accepted', 'executing'];
