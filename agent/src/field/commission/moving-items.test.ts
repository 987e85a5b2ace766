import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CommandState } from '@tiepoint/protocol';
import type { DeviceContext } from './item-context.ts';
import { limit } from './moving-items.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A source that gives 4 kW of 6, and obeys, or ends commands as `ends` says. */
function source({
  ends = 'confirmed' as CommandState,
  interruptedAt = -1,
  found = undefined as string | undefined,
  ratedPowerW = 6_000,
}) {
  const controller = new AbortController();
  const given: number[] = [];
  let kept = found;
  const context = {
    item: { id: 'pv-1/limit', kind: 'limit', title: 'Limit', required: true },
    device: { id: 'pv-1' },
    ask: { consent: () => Promise.resolve({ ok: true, value: true }) },
    technician: 'Ted',
    found: { get: () => kept, set: (state: string | undefined) => void (kept = state) },
    progress: () => undefined,
    signal: controller.signal,
    site: {
      model: () => ({ commands: ['limit-power'], withheld: [], points: [], limits: { ratedPowerW } }),
      read: () => Promise.resolve({ measured: { activePowerW: 40 * (given.at(-1) ?? 100) }, setpoints: {} }),
      command: (_id: string, { parameters }: { parameters: { limitPct: number } }) => {
        if (ends === 'confirmed') given.push(parameters.limitPct);
        if (given.length === interruptedAt) controller.abort();
        const last = { state: ends, measured: [] };
        return Promise.resolve({ commandId: 'c', kind: 'limit-power', last, tookMs: 5 });
      },
    },
  } as unknown as DeviceContext;
  return { context, given, kept: () => kept };
}

test.each([
  { what: 'done', of: {}, outcome: 'passed', given: [33, 100], kept: undefined },
  { what: 'interrupted: lifted all the same', of: { interruptedAt: 1 }, outcome: 'interrupted', given: [33, 100] },
  { what: 'refused: nothing was moved', of: { ends: 'refused' as const }, outcome: 'failed', given: [] },
  {
    what: 'refused, but moved before',
    of: { ends: 'refused' as const, found: '100' },
    outcome: 'failed',
    given: [],
    kept: '100',
  },
  { what: 'of more than its rating: nothing is moved', of: { ratedPowerW: 500 }, outcome: 'failed', given: [] },
  {
    what: 'of more than its rating, left limited before: lifted',
    of: { ratedPowerW: 500, found: '100' },
    outcome: 'passed',
    given: [50, 100],
    kept: undefined,
  },
  { what: 'unconfirmed', of: { ends: 'unconfirmed' as const }, outcome: 'failed', given: [], kept: '100' },
])('a limit, $what', async ({ of, outcome, given, kept }) => {
  const pv = source(of);
  const judging = limit(pv.context);
  await vi.advanceTimersByTimeAsync(90_000);
  const judged = await judging;
  expect(judged.outcome, judged.say).toBe(outcome);
  expect(pv.given).toEqual(given);
  expect(pv.kept()).toBe(kept);
});
