import { expect, test } from 'vitest';
import type { SessionView } from '../../../src/api/operator-contract.ts';
import { afterGivenUp, afterStale, afterTold, isLive, pageOf } from './session-state.ts';
import type { SessionState } from './session-state.ts';

const ann = { name: 'ann', step: 'open', startedAtMs: 1 } as SessionView;
const annAgain = { ...ann, startedAtMs: 2 };
const ben = { name: 'ben', step: 'open', startedAtMs: 3 } as SessionView;
const newcomer = { name: 'ann', step: 'new-password' } as SessionView;
const [asking, out]: SessionState[] = [{ is: 'asking' }, { is: 'out' }] as const;
const [open, stale, ended]: SessionState[] = [
  { is: 'open', session: ann },
  { is: 'stale', session: ann },
  { is: 'ended', session: ann },
] as const;
const unfinished: SessionState = { is: 'unfinished', session: newcomer };

test.each([
  { before: asking, told: undefined, after: out },
  { before: asking, told: ann, after: open },
  { before: out, told: newcomer, after: unfinished },
  { before: unfinished, told: ann, after: open },
  { before: unfinished, told: undefined, after: out },
  { before: open, told: undefined, after: ended },
  { before: stale, told: undefined, after: ended },
  { before: ended, told: undefined, after: ended },
  { before: ended, told: ann, after: open },
  { before: stale, told: ann, after: stale },
  { before: stale, told: annAgain, after: { is: 'open', session: annAgain } },
  { before: ended, told: ben, after: { is: 'open', session: ben } },
  // Reset by an administrator meanwhile.
  { before: ended, told: newcomer, after: unfinished },
])('$before.is, told $told.name $told.step', ({ before, told, after }) => {
  expect(afterTold(before, told)).toEqual(after);
});

test.each([
  { before: open, asked: stale, givenUp: open },
  { before: stale, asked: stale, givenUp: open },
  { before: ended, asked: ended, givenUp: out },
  { before: out, asked: out, givenUp: out },
])('$before.is, too long ago, and given up', ({ before, asked, givenUp }) => {
  expect(afterStale(before as SessionState)).toEqual(asked);
  expect(afterGivenUp(before as SessionState)).toEqual(givenUp);
});

test.each([
  { state: asking, page: undefined, live: false },
  { state: out, page: undefined, live: false },
  { state: unfinished, page: undefined, live: false },
  { state: open, page: 'ann', live: true },
  { state: stale, page: 'ann', live: true },
  { state: ended, page: 'ann', live: false },
])('$state.is shows the page of $page', ({ state, page, live }) => {
  expect(pageOf(state)).toBe(page);
  expect(isLive(state)).toBe(live);
});
