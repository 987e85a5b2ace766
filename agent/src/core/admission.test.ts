import { expect, test } from 'vitest';
import type { Command } from '@tiepoint/protocol';
import { admit } from './admission.ts';

const command: Command = {
  id: 'c1',
  gatewayId: 'gw-1',
  deviceId: 'meter-1',
  kind: 'disconnect',
  seq: 7,
  issuedAtMs: 100_000,
  expiresAtMs: 130_000,
  operator: 'ann',
};
const usual = {
  gatewayId: 'gw-1',
  deviceId: 'meter-1',
  tagsKnown: true,
  nowMs: 101_000,
  startedAtMs: 100_000,
  timeQuality: 'synchronised',
  seen: false,
  lastSequence: 6,
  readOnly: false,
  safeMode: undefined,
  busyWith: undefined,
  journalSinceMs: 0,
  takesTwo: undefined,
} as const;

test.each([
  { say: 'a good one', change: {}, at: {}, is: 'execute' },
  { say: 'the first ever', change: {}, at: { lastSequence: undefined }, is: 'execute' },
  { say: 'seen before', change: {}, at: { seen: true }, is: 'repeat' },
  { say: 'seen before, expired since', change: {}, at: { seen: true, nowMs: 900_000 }, is: 'repeat' },
  { say: 'for another device', change: { deviceId: 'meter-2' }, at: {}, is: 'refused invalid' },
  { say: 'for another gateway', change: { gatewayId: 'gw-2' }, at: {}, is: 'refused invalid' },
  { say: 'for no gateway in particular', change: { gatewayId: undefined }, at: {}, is: 'refused invalid' },
  { say: 'before any tags were heard', change: {}, at: { tagsKnown: false }, is: 'refused tags-unknown' },
  { say: 'at its expiry', change: {}, at: { nowMs: 130_000 }, is: 'expired expired' },
  { say: 'a moment before its expiry', change: {}, at: { nowMs: 129_999 }, is: 'execute' },
  { say: 'a life of hours', change: { expiresAtMs: 9_000_000 }, at: {}, is: 'refused invalid' },
  { say: 'expiry before issue', change: { expiresAtMs: 99_000 }, at: { nowMs: 98_500 }, is: 'refused invalid' },
  { say: 'a clock nobody compared', change: {}, at: { timeQuality: 'unknown' as const }, is: 'refused clock' },
  { say: 'a clock that is off', change: {}, at: { timeQuality: 'unsynchronised' as const }, is: 'refused clock' },
  { say: 'from the future', change: {}, at: { nowMs: 97_000 }, is: 'refused clock' },
  { say: 'from before the journal', change: {}, at: { journalSinceMs: 100_000 }, is: 'refused journal' },
  { say: 'from after the journal began', change: {}, at: { journalSinceMs: 99_999 }, is: 'execute' },
  {
    say: 'seen before, in a journal of which nobody knows when it began',
    change: {},
    at: { seen: true, journalSinceMs: undefined },
    is: 'repeat',
  },
  {
    say: 'a journal of which nobody knows when it began',
    change: {},
    at: { journalSinceMs: undefined },
    is: 'refused journal',
  },
  { say: 'issued before the agent started', change: {}, at: { startedAtMs: 100_001 }, is: 'refused interrupted' },
  { say: 'an old sequence', change: { seq: 6 }, at: {}, is: 'refused out-of-order' },
  { say: 'for two, of one', change: {}, at: { takesTwo: 'It takes two.' }, is: 'refused not-approved' },
  {
    say: 'for two, approved by the same',
    change: { approver: 'ann' },
    at: { takesTwo: 'It takes two.' },
    is: 'refused not-approved',
  },
  { say: 'for two, of two', change: { approver: 'ben' }, at: { takesTwo: 'It takes two.' }, is: 'execute' },
  { say: 'read-only', change: {}, at: { readOnly: true }, is: 'refused read-only' },
  { say: 'in safe mode', change: {}, at: { safeMode: 'Safe until noon.' }, is: 'refused safe-mode' },
  { say: 'in safe mode, seen before', change: {}, at: { safeMode: 'Safe until noon.', seen: true }, is: 'repeat' },
  { say: 'one under way', change: {}, at: { busyWith: 'disconnect' as const }, is: 'refused busy' },
  { say: 'the safe direction while closing', change: {}, at: { busyWith: 'connect' as const }, is: 'execute' },
  {
    say: 'closing while opening',
    change: { kind: 'connect' as const },
    at: { busyWith: 'disconnect' as const },
    is: 'refused busy',
  },
])('$say: $is', ({ change, at, is }) => {
  const admission = admit({ ...command, ...change }, { ...usual, ...at });
  expect('reason' in admission ? `${admission.verdict} ${admission.reason}` : admission.verdict).toBe(is);
});
