import { expect, test } from 'vitest';
import { answeringStep, freshAnswering, introduceEveryMs, mostCredit } from './answering.ts';
import type { AnsweringEffect, AnsweringInput } from './answering.ts';

const asked: AnsweringInput = { kind: 'birth-asked' };
const time: AnsweringInput = { kind: 'time' };
const questions = (count: number): AnsweringInput => ({ kind: 'questions', count });
const introduce: AnsweringEffect = { kind: 'introduce' };
const answer = (count: number): AnsweringEffect => ({ kind: 'answer', count });

test.each<{ what: string; steps: [atMs: number, input: AnsweringInput, effects: AnsweringEffect[]][] }>([
  {
    what: 'a head-end that asks every 10 s is answered each time',
    steps: [
      [0, asked, [introduce]],
      [10_000, asked, [introduce]],
    ],
  },
  {
    what: 'asked too soon, it answers later, once',
    steps: [
      [0, asked, [introduce]],
      [1_000, asked, [{ kind: 'wait', ms: 4_000 }]],
      [1_500, asked, []],
      [4_999, time, []],
      [5_000, time, [introduce]],
      [5_001, time, []],
      [6_000, asked, [{ kind: 'wait', ms: 4_000 }]],
    ],
  },
  {
    what: 'a timer that never came does not hold it up',
    steps: [
      [0, asked, [introduce]],
      [1_000, asked, [{ kind: 'wait', ms: 4_000 }]],
      [9_000, asked, [introduce]],
      [9_001, time, []],
    ],
  },
  {
    what: 'questions go by credit, which comes back',
    steps: [
      [0, questions(mostCredit - 1), [answer(mostCredit - 1)]],
      [0, questions(5), [answer(1)]],
      [0, questions(1), [answer(0)]],
      [1_000, questions(100), [answer(64), { kind: 'tell', count: 41 }]],
      [100_000, questions(256), [answer(256)]],
    ],
  },
])('$what', ({ steps }) => {
  let state = freshAnswering(0);
  for (const [atMs, input, effects] of steps) {
    const step = answeringStep(state, input, atMs);
    expect(step.effects, `at ${atMs}`).toEqual(effects);
    state = step.state;
  }
});

test('an inquiry that is repeated for an hour, a hundred times a second: a birth each 5 s, told each 10 min', () => {
  let state = freshAnswering(0);
  let [births, told, counted, dueAtMs] = [0, 0, 0, Number.POSITIVE_INFINITY];
  const hourMs = 3_600_000;
  for (let nowMs = 0; nowMs < hourMs; nowMs += 10)
    for (const input of nowMs >= dueAtMs ? [time, asked] : [asked]) {
      const step = answeringStep(state, input, nowMs);
      state = step.state;
      for (const effect of step.effects) {
        if (effect.kind === 'wait') dueAtMs = nowMs + effect.ms;
        if (effect.kind === 'introduce') births += 1;
        if (effect.kind === 'tell') [told, counted] = [told + 1, counted + effect.count];
      }
    }
  expect(births).toBeLessThanOrEqual(hourMs / introduceEveryMs + 1);
  expect(births).toBeGreaterThan(hourMs / introduceEveryMs - 5);
  expect(told).toBe(6);
  expect(counted).toBeGreaterThan(250_000);
});
