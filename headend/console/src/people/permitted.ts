import { no, yes } from '@tiepoint/protocol';
import type { Verdict } from '@tiepoint/protocol';
import type { Action, SessionView } from '../../../src/api/operator-contract.ts';

/**
 * May whoever signed in do it there? For buttons that are about no command of a device: those are offered by the head-end, which asks the
 * same. `area`: of the site; absent where it has none, which only rights everywhere reach.
 */
export function mayIn({ may }: Pick<SessionView, 'may'>, action: Action, area: string | undefined): Verdict {
  const { areas, words, say } = may[action];
  if (areas === 'all' || (area !== undefined && areas.includes(area))) return yes;
  if (areas.length === 0) return no('not-permitted', say ?? `You may not ${words}.`);
  const where = area === undefined ? 'where no area is entered' : `in area ${area}`;
  return no('not-permitted', `You may ${words} in ${areas.join(', ')}, not ${where}.`);
}

/** What concerns all areas. */
export function mayEverywhere({ may }: Pick<SessionView, 'may'>, action: Action): Verdict {
  const { areas, words, say } = may[action];
  if (areas === 'all') return yes;
  return no(
    'not-permitted',
    areas.length === 0
      ? (say ?? `You may not ${words}.`)
      : `This concerns all areas: you may ${words} in some of them.`,
  );
}

/** Somewhere at all; where, is judged when it is known. */
export function mayAnywhere({ may }: Pick<SessionView, 'may'>, action: Action): Verdict {
  const { areas, words, say } = may[action];
  return areas === 'all' || areas.length > 0 ? yes : no('not-permitted', say ?? `You may not ${words}.`);
}
