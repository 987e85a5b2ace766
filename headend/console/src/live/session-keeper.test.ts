import { expect, test } from 'vitest';
import type { SessionView } from '../../../src/api/operator-contract.ts';
import { SessionKeeper } from './session-keeper.ts';

const ann = { name: 'ann', step: 'open', startedAtMs: 1, csrfToken: 'a1' } as SessionView;
const annAgain = { ...ann, startedAtMs: 2, csrfToken: 'a2' };
const ben = { name: 'ben', step: 'open', startedAtMs: 3, csrfToken: 'b1' } as SessionView;

test.each<{ what: string; does: (keeper: SessionKeeper) => void; again: boolean }>([
  { what: 'signs in again', does: (keeper) => keeper.told(annAgain), again: true },
  { what: 'gives up', does: (keeper) => keeper.giveUp(), again: false },
  { what: 'signs out in another page', does: (keeper) => keeper.signedOut(), again: false },
  // What ann began is not done in the name of ben.
  { what: 'leaves it to somebody else', does: (keeper) => keeper.told(ben), again: false },
])('asked to sign in again, ann $what', async ({ does, again }) => {
  const keeper = new SessionKeeper();
  keeper.told(ann);
  const asked = keeper.signInAgain();
  expect(keeper.state()).toMatchObject({ is: 'stale' });
  keeper.told(ann); // what the page asks by itself meanwhile
  expect(keeper.state()).toMatchObject({ is: 'stale' });
  does(keeper);
  expect(await asked).toBe(again);
});

test('the token that acts is always that of the latest session; listeners hear of changes alone', () => {
  const keeper = new SessionKeeper();
  let heard = 0;
  keeper.subscribe(() => (heard += 1));
  expect(keeper.csrfToken()).toBeUndefined();
  keeper.told(ann);
  keeper.told({ ...ann });
  expect([keeper.csrfToken(), heard]).toEqual(['a1', 1]);
  keeper.ended();
  keeper.ended();
  expect([keeper.state().is, heard]).toEqual(['ended', 2]);
  keeper.told(annAgain);
  expect([keeper.csrfToken(), keeper.state().is, heard]).toEqual(['a2', 'open', 3]);
});

test('where nobody is signed in, that a request was refused ends nothing', () => {
  const keeper = new SessionKeeper();
  keeper.told(undefined);
  keeper.ended();
  expect(keeper.state()).toEqual({ is: 'out' });
});
