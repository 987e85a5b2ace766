import { expect, test } from 'vitest';
import { restartStory } from '../fleet/restart-story.ts';

test('150 gateways on line, the head-end killed in the midst of commands: all are back within a minute, nothing is lost, and no storm comes of it', async () => {
  const log: string[] = [];
  const told = await restartStory({ gateways: 150, awayMs: 4_000, commanded: 4, log: (line) => log.push(line) });
  expect(told, JSON.stringify({ told, log })).toMatchObject({ lost: 0, repeated: 0 });
  expect(told.liveAgainMs).toBeLessThan(60_000);
  expect(told.events, JSON.stringify(told.kinds)).toBeLessThanOrEqual(20);
}, 400_000);
