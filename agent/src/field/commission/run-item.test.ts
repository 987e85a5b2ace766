import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Profile } from '@tiepoint/hardware-profiles';
import type { ItemContext } from './item-context.ts';
import { runItem } from './run-item.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Two devices, of which the second is not identified before `afterMs`. */
function bench(kind: string, afterMs: number) {
  const progressed: string[] = [];
  const beganMs = Date.now();
  const model = (id: string): object | undefined =>
    id === 'pv-2' && Date.now() - beganMs < afterMs ? undefined : { commands: ['limit-power'], limits: {} };
  const context = {
    item: { id: kind, kind, title: kind, required: true, ...(kind === 'threshold' ? { deviceId: 'pv-2' } : {}) },
    devices: [{ id: 'pv-1' }, { id: 'pv-2' }],
    headEnd: { seen: () => Promise.resolve({ ok: false, say: 'asked' }) },
    ask: { consent: () => Promise.resolve({ ok: true, value: false }) },
    progress: (text: string | undefined) => text !== undefined && progressed.push(text),
    signal: new AbortController().signal,
    site: {
      model,
      read: () => Promise.resolve(undefined),
      identified: async (id: string, withinMs: number) =>
        await new Promise((resolve) => setTimeout(() => resolve(model(id)), Math.min(withinMs, afterMs))),
    },
  } as unknown as ItemContext;
  return { context, progressed };
}

test.each([
  { kind: 'cadence', afterMs: 3_000, outcome: 'skipped', says: 'asked' },
  { kind: 'link-loss', afterMs: 3_000, outcome: 'skipped', says: 'consent' },
  { kind: 'cadence', afterMs: 900_000, outcome: 'failed', says: 'pv-2: not identified' },
  { kind: 'link-loss', afterMs: 900_000, outcome: 'failed', says: 'pv-2: not identified' },
  { kind: 'threshold', afterMs: 900_000, outcome: 'skipped', says: 'not identified' },
  { kind: 'threshold', afterMs: 3_000, outcome: 'skipped', says: 'too little' },
])('$kind waits for who is not there yet, and says so: $outcome after $afterMs ms', async (each) => {
  const { context, progressed } = bench(each.kind, each.afterMs);
  const judging = runItem(context, {} as Profile);
  await vi.advanceTimersByTimeAsync(100_000);
  const judged = await judging;
  expect(judged.outcome, judged.say).toBe(each.outcome);
  expect(judged.say).toContain(each.says);
  expect(progressed[0]).toMatch(/^pv-2: waiting for an answer, 0 s of at most 45 s/);
  expect(progressed.at(-1)).toMatch(each.afterMs > 45_000 ? / 4[45] s of / : / [23] s of /);
});
