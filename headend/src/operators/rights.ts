import type { Grant } from '../store/people-store.ts';
import { actionWords, mayAnywhere, permissions, reachesAll } from './permissions.ts';
import type { Action } from './permissions.ts';

export type Right = { areas: 'all' | readonly string[]; words: string; say?: string };

/** Where each action may be done, for a page that asks before there is a place. `say`: why it may be done nowhere. */
export function rightsOf(grants: readonly Grant[]): Readonly<Record<Action, Right>> {
  const actions = Object.keys(permissions) as Action[];
  return Object.fromEntries(actions.map((action) => [action, rightOf(grants, action)])) as Record<Action, Right>;
}

function rightOf(grants: readonly Grant[], action: Action): Right {
  const words = actionWords[action];
  if (reachesAll(grants, action)) return { areas: 'all', words };
  const somewhere = mayAnywhere(grants, action);
  if (!somewhere.ok) return { areas: [], words, say: somewhere.say };
  const fitting = grants.filter(({ role }) => permissions[action].includes(role));
  return { areas: [...new Set(fitting.flatMap(({ areas }) => (areas === 'all' ? [] : areas)))], words };
}
