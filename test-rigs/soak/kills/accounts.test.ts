import type { CommandView } from '@tiepoint/headend/api/contract.ts';
import type { Acknowledgement, Command } from '@tiepoint/protocol';
import { expect, test } from 'vitest';
import { compareDevice, compareEnds } from './accounts.ts';
import type { Journalled } from './accounts.ts';

const key = 'gw-1.meter-1';
const command: Command = {
  id: 'c1',
  deviceId: 'meter-1',
  kind: 'disconnect',
  seq: 1,
  issuedAtMs: 900,
  expiresAtMs: 31_000,
  operator: 'ann',
};
const word = (state: Acknowledgement['state'], timeMs: number, ordinal: number): Acknowledgement => ({
  commandId: 'c1',
  state,
  timeMs,
  ordinal,
});
const done: Journalled = {
  command,
  deviceKey: key,
  words: [word('accepted', 1_000, 1), word('executing', 1_050, 2), word('confirmed', 2_000, 3)],
};
const closedThenOpen = [
  { atMs: 0, state: 'closed' },
  { atMs: 1_500, state: 'open' },
];
const write = (atMs: number) => ({ atMs, words: [2] });

test.each([
  { say: 'as it should be', writes: [write(1_060)], states: closedThenOpen, breaks: [] },
  { say: 'written twice', writes: [write(1_060), write(1_900)], states: closedThenOpen, breaks: ['repeated'] },
  { say: 'written before it began', writes: [write(1_010)], states: closedThenOpen, breaks: ['other'] },
  {
    say: 'it opened long after it was called open',
    writes: [write(1_060)],
    states: [
      { atMs: 0, state: 'closed' },
      { atMs: 9_000, state: 'open' },
    ],
    breaks: ['falseConfirmed'],
  },
])('a device: $say', ({ writes, states, breaks }) => {
  const found = compareDevice(key, { writes, states }, new Map([['c1', done]]));
  expect(found.map(({ promise }) => promise)).toEqual(breaks);
});

const view = (state: CommandView['state'], reason?: CommandView['reason']): CommandView =>
  ({ id: 'c1', state, ...(reason === undefined ? {} : { reason }) }) as CommandView;

test.each([
  { say: 'the same', headEnd: view('confirmed'), journal: done, breaks: [] },
  { say: 'taken and gone', headEnd: undefined, journal: undefined, breaks: ['lost'] },
  { say: 'not at its end', headEnd: view('unknown'), journal: done, breaks: ['lost'] },
  { say: 'denied, and done', headEnd: view('refused', 'unknown-to-agent'), journal: done, breaks: ['lost'] },
  { say: 'confirmed by nobody', headEnd: view('confirmed'), journal: undefined, breaks: ['lost'] },
  { say: 'never sent', headEnd: view('expired'), journal: undefined, breaks: [] },
])('both ends: $say', ({ headEnd, journal, breaks }) => {
  const found = compareEnds(
    ['c1'],
    new Map(headEnd === undefined ? [] : [['c1', headEnd]]),
    new Map(journal === undefined ? [] : [['c1', journal]]),
  );
  expect(found.map(({ promise }) => promise)).toEqual(breaks);
});
