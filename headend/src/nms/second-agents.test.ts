import { expect, test } from 'vitest';
import { SecondAgents } from './second-agents.ts';

const hour = 3_600_000;

test.each<{ name: string; births: [atMs: number, instance: number | undefined][]; told: number[] }>([
  {
    name: 'one that comes again and again',
    births: [
      [0, 1],
      [1, 1],
      [2, 1],
    ],
    told: [],
  },
  {
    name: 'one that is started anew',
    births: [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 3],
    ],
    told: [],
  },
  {
    name: 'an agent that tells no instance',
    births: [
      [0, undefined],
      [1, 2],
      [2, undefined],
      [3, 2],
    ],
    told: [],
  },
  {
    name: 'two in turn',
    births: [
      [0, 1],
      [1, 2],
      [2, 1],
      [3, 2],
      [4, 1],
    ],
    told: [2],
  },
  {
    name: 'two in turn, for long',
    births: [
      [0, 1],
      [1, 2],
      [2, 1],
      [hour, 2],
      [hour + 2, 1],
      [hour + 3, 2],
    ],
    told: [2, hour + 2],
  },
  {
    name: 'a second that begins anew each time',
    births: [
      [0, 1],
      [1, 2],
      [2, 1],
      [3, 4],
      [4, 1],
    ],
    told: [2],
  },
  {
    name: 'after the clock was set back by a day',
    births: [
      [24 * hour, 1],
      [24 * hour, 2],
      [24 * hour, 1],
      [0, 2],
    ],
    told: [24 * hour, 0],
  },
])('$name', ({ births, told }) => {
  let nowMs = 0;
  const at: number[] = [];
  const agents = new SecondAgents({ note: (entry) => at.push(entry.atMs), now: () => nowMs });
  for (const [atMs, instance] of births) {
    nowMs = atMs;
    agents.born('one', { instance });
    agents.born('other', { instance: 7 });
  }
  expect(at).toEqual(told);
});

test('what the broker refused is told once an hour, with where it came from', () => {
  let nowMs = 0;
  const said: string[] = [];
  const agents = new SecondAgents({ note: ({ kind, say }) => said.push(`${kind}: ${say}`), now: () => nowMs });
  for (nowMs = 0; nowMs < 2 * hour; nowMs += 60_000) agents.refused('one', '192.0.2.7');
  expect(said).toHaveLength(2);
  expect(said[0]).toMatch(/^second-agent: Another agent came with its identity, from 192\.0\.2\.7, and was refused\./);
});
