import { beforeEach, expect, test } from 'vitest';
import type { EventEntry } from '../store/store.ts';
import type { EstimateAsked, EstimatesMade } from './estimate-requests.ts';
import { NightlyEstimate } from './nightly-estimate.ts';

const none: EstimatesMade = { days: 7, meters: 0, linear: 0, likeDay: 0, profile: 0, none: 0 };
let asked: EstimateAsked[];
let events: EventEntry[];
let conditions: (string | undefined)[];
let nowMs: number;
let made: EstimatesMade | undefined;
let estimate: NightlyEstimate;

beforeEach(() => {
  [asked, events, conditions, nowMs, made] = [[], [], [], 0, none];
  estimate = new NightlyEstimate({
    warehouse: {
      ask: async (_request, ask) => {
        asked.push(ask as EstimateAsked);
        const answer = made as never;
        return await Promise.resolve(
          made === undefined
            ? { ok: false, reason: 'not-running', say: 'the disk is full' }
            : { ok: true, value: answer },
        );
      },
    },
    timeZone: 'America/Los_Angeles',
    lookBackDays: 3,
    conditions: { set: (_id, say) => void conditions.push(say) },
    note: (event) => void events.push(event),
    now: () => nowMs,
    monotonicMs: () => nowMs,
  });
});

const run = async (forMs: number): Promise<void> => {
  for (const endMs = nowMs + forMs; nowMs < endMs; nowMs += 1_000) {
    estimate.tick();
    await new Promise((resolve) => setImmediate(resolve));
  }
};

test('once after each night, as far back as is read, by local days', async () => {
  await run(5_000);
  expect(asked).toEqual([]);
  estimate.nightEnded('2026-03-09');
  await run(5_000);
  // Three days, of which the one in the middle has 23 hours.
  const toS = Date.parse('2026-03-10T00:00:00-07:00') / 1_000;
  expect(asked).toEqual([{ fromS: toS - 71 * 3_600, toS }]);
  expect(events).toEqual([]);
});

test('what was estimated is told', async () => {
  made = { ...none, meters: 3, linear: 1, likeDay: 40, none: 2 };
  estimate.nightEnded('2026-03-09');
  await run(5_000);
  expect(events.map(({ kind, say }) => [kind, say])).toEqual([
    [
      'intervals-estimated',
      'Until 2026-03-09: 41 missing intervals of 3 meters are estimated; 2 stay unknown, for nothing is known to estimate them from',
    ],
  ]);
});

test('where the warehouse cannot, it says so, and tries again after five minutes', async () => {
  made = undefined;
  estimate.nightEnded('2026-03-09');
  await run(299_000);
  expect(asked.length).toBe(1);
  expect(conditions.at(-1)).toMatch(/^Intervals .* cannot be estimated: the disk is full/);
  made = none;
  await run(5_000);
  expect([asked.length, conditions.at(-1)]).toEqual([2, undefined]);
});
