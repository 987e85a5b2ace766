import { yes } from '@tiepoint/protocol';
import { expect, test } from 'vitest';
import { addressOf, asOf, beforeFirst, fieldInstant, fieldText, mayNow } from './as-of.ts';

const nowMs = Date.UTC(2026, 10, 23, 14, 3, 22);
const [past, future] = [nowMs - 86_400_000, nowMs + 1];

test.each([
  { at: undefined, is: 'now' },
  { at: '2026-11-22T14:03:22Z', is: 'past', atMs: past },
  { at: '2026-11-22T15:03:22.000+01:00', is: 'past', atMs: past },
  { at: '2026-11-23T14:03:22Z', is: 'past', atMs: nowMs },
  { at: '1960-01-01T00:00Z', is: 'past', atMs: 0 },
  {
    at: addressOf(future),
    is: 'future',
    say: '2026-11-23 14:03:22 UTC is still to come: how the network will be then, nobody knows.',
  },
  {
    at: '2026-11-22T14:03:22', // of no zone
    is: 'unreadable',
    say: 'The address asks for the network as of “2026-11-22T14:03:22”, which is no instant: it is written like 2026-03-10T04:00:00Z.',
  },
  { at: '2026-13-22T14:03:22Z', is: 'unreadable' },
  { at: 'last week', is: 'unreadable' },
  { at: '', is: 'unreadable' },
])('the address asks for $at: $is', ({ at, ...expected }) => {
  expect(asOf(at, nowMs, 'UTC')).toMatchObject(expected);
});

test.each([past, nowMs, past + 17])('an address and a field lead back to %d', (atMs) => {
  expect(asOf(addressOf(atMs), nowMs)).toEqual({ is: 'past', atMs });
  expect(fieldInstant(fieldText(atMs))).toBe(Math.floor(atMs / 1_000) * 1_000);
});

test.each(['', '2026-11-23T', 'x'])('a field with “%s” means no instant', (text) =>
  expect(fieldInstant(text)).toBeUndefined(),
);

test('what is done now is done of the present alone', () => {
  expect(mayNow({ is: 'now' }, 'read meters', yes)).toEqual(yes);
  expect(mayNow({ is: 'past', atMs: past }, 'read meters', yes)).toMatchObject({
    ok: false,
    say: 'This is the network as it was: go back to now to read meters.',
  });
});

test.each([
  { atMs: past, firstMs: past, say: undefined },
  { atMs: past, firstMs: undefined, say: undefined },
  {
    atMs: past - 1_000,
    firstMs: past,
    say: 'No network is known as of 2026-11-22 14:03:21 UTC: the first holds from 2026-11-22 14:03:22 UTC on.',
  },
])('as of $atMs with a first version of $firstMs: $say', ({ say, ...asked }) => {
  expect(beforeFirst(asked, 'UTC')).toBe(say);
});
