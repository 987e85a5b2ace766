import { expect, test } from 'vitest';
import type { Measured } from '@tiepoint/protocol';
import { reportDue } from './report.ts';

const sparse = { mode: 'by-exception', heartbeatMs: 60_000, ratedPowerW: 10_000 } as const;
const last: Measured = { activePowerW: 1000, voltageV: 240, switchState: 'closed', alarms: [] };

test.each<{ say: string; now: Measured; atMs?: number; due: boolean }>([
  { say: 'nothing new', now: last, due: false },
  { say: 'power within 2 % of rating', now: { ...last, activePowerW: 1199 }, due: false },
  { say: 'power beyond 2 % of rating', now: { ...last, activePowerW: 1201 }, due: true },
  { say: 'voltage by more than 1 %', now: { ...last, voltageV: 237 }, due: true },
  { say: 'a switch that moved', now: { ...last, switchState: 'open' }, due: true },
  { say: 'power no longer known', now: { ...last, activePowerW: undefined }, due: true },
  { say: 'an alarm', now: { ...last, alarms: ['tamper'] }, due: true },
  { say: 'the heartbeat', now: last, atMs: 60_000, due: true },
  { say: 'a clock set back', now: last, atMs: -5000, due: true },
])('$say: $due', ({ now, atMs, due }) => {
  expect(reportDue({ lastMs: 0, last }, now, atMs ?? 4000, sparse)).toBe(due);
});

test('a periodic device always reports, and the first report is always due', () => {
  expect(reportDue({ lastMs: 0, last }, last, 4000, { mode: 'periodic' })).toBe(true);
  expect(reportDue(undefined, last, 4000, sparse)).toBe(true);
});
