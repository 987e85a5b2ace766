import { expect, test } from 'vitest';
import type { Acknowledgement } from '@tiepoint/protocol';
import type { Seen } from '@tiepoint/protocol/field';
import { judgeCadence } from './cadence-check.ts';
import type { CadenceView } from './cadence-check.ts';
import { joined, judgeCommands, judgeRefusal } from './command-outcome.ts';
import type { CommandRun } from './command-outcome.ts';
import { judgeLinkLoss, missingSeqs } from './link-loss.ts';
import { judgeThreshold, trialThreshold } from './threshold-check.ts';

const at = (sampleMs: number, seq: number): Seen['statuses'][number] => ({
  session: 1,
  seq,
  sampleMs,
  receivedMs: sampleMs + 20,
});
const view = (
  times: readonly number[],
  over: Partial<CadenceView> = {},
  missedSeqs: readonly number[] = [],
): CadenceView => ({
  deviceId: 'm',
  periodMs: 4_000,
  heartbeatMs: undefined,
  seen: { statuses: times.map((time, i) => at(1_000_000 + time, i)), missedSeqs, events: [] },
  ...over,
});
const beat = (count: number, off: (nth: number) => number = () => 0): number[] =>
  Array.from({ length: count }, (_, i) => 4_000 * i + off(i));

test.each<{ what: string; view: CadenceView; outcome: string; says?: string }>([
  { what: 'on the beat', view: view(beat(15)), outcome: 'passed' },
  { what: 'a little off', view: view(beat(15, (i) => (i % 3) * 100)), outcome: 'passed' },
  {
    what: 'with a change between the beats',
    view: view([...beat(15), 10_000].toSorted((a, b) => a - b)),
    outcome: 'passed',
  },
  { what: 'with a gap', view: view(beat(15).filter((_, i) => i !== 7)), outcome: 'failed', says: 'longest silence' },
  { what: 'with one that never came', view: view(beat(15), {}, [4]), outcome: 'failed', says: 'missing' },
  { what: 'restless', view: view(beat(15, (i) => (i % 2 === 0 ? 0 : 1_500))), outcome: 'failed', says: 'jitter' },
  { what: 'silent', view: view([]), outcome: 'failed', says: 'reports 0' },
  { what: 'by exception within the heartbeat', view: view([0, 59_000], { heartbeatMs: 60_000 }), outcome: 'passed' },
  { what: 'by exception and too silent', view: view([0, 99_000], { heartbeatMs: 60_000 }), outcome: 'failed' },
])('a device that is $what: $outcome', ({ view: given, outcome, says }) => {
  const judged = judgeCadence([given], 60_000, 60_000);
  expect(judged.outcome, judged.say).toBe(outcome);
  expect(judged.say).toContain(says ?? '');
});

test('a shorter watch than asked for is told', () => {
  expect(judgeCadence([view(beat(15))], 60_000, 300_000)).toMatchObject({ outcome: 'differs' });
});

test.each<{ what: string; over: object; outcome: string; says?: string }>([
  { what: 'is seen and filled', over: {}, outcome: 'passed' },
  { what: 'was never seen', over: { seenLostAfterMs: undefined }, outcome: 'failed', says: 'seen lost' },
  { what: 'does not come back', over: { backAfterMs: undefined }, outcome: 'failed', says: 'back at' },
  {
    what: 'leaves a gap',
    over: { views: [{ deviceId: 'm', seqs: [1, 2, 4], sampledInCut: 5, expectedInCut: 5 }] },
    outcome: 'failed',
    says: 'missing',
  },
  {
    what: 'loses its time',
    over: { views: [{ deviceId: 'm', seqs: [1, 2], sampledInCut: 0, expectedInCut: 5 }] },
    outcome: 'failed',
    says: 'time of the cut',
  },
])('a cut that $what: $outcome', ({ over, outcome, says }) => {
  const cut = {
    cutMs: 25_000,
    seenLostAfterMs: 900,
    backAfterMs: 25_500,
    views: [{ deviceId: 'm', seqs: [1, 2, 3], sampledInCut: 5, expectedInCut: 5 }],
  };
  const judged = judgeLinkLoss({ ...cut, ...over });
  expect(judged.outcome, judged.say).toBe(outcome);
  expect(judged.say).toContain(says ?? '');
});

test('missing numbers', () => {
  expect(missingSeqs([5, 3, 8, 3])).toEqual([4, 6, 7]);
  expect(missingSeqs([])).toEqual([]);
});

const run = (last: Partial<Acknowledgement>): CommandRun => ({
  commandId: 'commissioning-1',
  kind: 'disconnect',
  tookMs: 1_234,
  last: { commandId: 'commissioning-1', state: 'confirmed', timeMs: 1, ordinal: 3, ...last },
});

test.each<{ what: string; runs: readonly CommandRun[]; outcome: string; says: string }>([
  { what: 'confirmed', runs: [run({})], outcome: 'passed', says: '1.23 s' },
  {
    what: 'unconfirmed',
    runs: [run({ state: 'unconfirmed', say: 'It did not move.' })],
    outcome: 'failed',
    says: 'It did not move.',
  },
  {
    what: 'confirmed, and called by more than its kind',
    runs: [{ ...run({}), words: 'limit lifted' }],
    outcome: 'passed',
    says: 'limit lifted in 1.23 s',
  },
  { what: 'never sent', runs: [], outcome: 'failed', says: 'not carried out' },
])('a command that is $what: $outcome', ({ runs, outcome, says }) => {
  const judged = judgeCommands(runs, ['disconnect']);
  expect(judged.outcome).toBe(outcome);
  expect(judged.say).toContain(says);
});

test.each<{ last: Partial<Acknowledgement>; outcome: string }>([
  { last: { state: 'refused', reason: 'not-running', say: 'Start it first.' }, outcome: 'passed' },
  { last: { state: 'refused', reason: 'local' }, outcome: 'failed' },
  { last: { state: 'confirmed' }, outcome: 'failed' },
  { last: { state: 'failed', reason: 'not-running' }, outcome: 'failed' },
])('what must be refused and ends $last.state $last.reason: $outcome', ({ last, outcome }) => {
  expect(judgeRefusal(run(last), ['not-running'], 'at a standstill').outcome).toBe(outcome);
});

test('of several parts the gravest counts', () => {
  const part = (outcome: 'passed' | 'differs' | 'failed') => ({ outcome, say: outcome, measured: [] });
  expect(joined([part('passed'), part('differs')]).outcome).toBe('differs');
  expect(joined([part('failed'), part('differs')]).outcome).toBe('failed');
});

test.each<{ activePowerW: number | undefined; ratedPowerW: number | undefined; trial: object | undefined }>([
  { activePowerW: 3_000, ratedPowerW: 6_000, trial: { thresholdPct: 25, limitPct: 12.5 } },
  { activePowerW: 600, ratedPowerW: 6_000, trial: undefined },
  { activePowerW: undefined, ratedPowerW: 6_000, trial: undefined },
  { activePowerW: 3_000, ratedPowerW: undefined, trial: undefined },
])('a threshold on trial at $activePowerW W', ({ activePowerW, ratedPowerW, trial }) => {
  expect(trialThreshold(activePowerW, ratedPowerW)).toEqual(trial);
});

test.each<{ what: string; direction: string; thresholdPct: number; atMs: number; outcome: string }>([
  { what: 'came', direction: 'down', thresholdPct: 25, atMs: 1_500, outcome: 'passed' },
  { what: 'was of before', direction: 'down', thresholdPct: 25, atMs: 500, outcome: 'failed' },
  { what: 'was of another threshold', direction: 'down', thresholdPct: 80, atMs: 1_500, outcome: 'failed' },
  { what: 'went the other way', direction: 'up', thresholdPct: 25, atMs: 1_500, outcome: 'failed' },
])('a crossing whose event $what: $outcome', ({ direction, thresholdPct, atMs, outcome }) => {
  const event = { kind: 'threshold-crossed', atMs, late: false, say: '', detail: { direction, thresholdPct } };
  expect(judgeThreshold(25, [{ direction: 'down', fromMs: 1_000 }], [event]).outcome).toBe(outcome);
});
