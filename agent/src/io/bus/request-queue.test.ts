import { expect, test } from 'vitest';
import { RequestQueue } from './request-queue.ts';

function drained(queue: RequestQueue<string>): string[] {
  const taken: string[] = [];
  for (let item = queue.take(); item !== undefined; item = queue.take()) taken.push(item);
  return taken;
}

test('commands go first, then polls, then what can wait', () => {
  const queue = new RequestQueue<string>(8);
  queue.put('read', 'spare');
  queue.put('poll', 'poll');
  queue.put('command', 'command');
  expect([queue.isWaitingBefore('spare'), queue.isWaitingBefore('poll'), queue.isWaitingBefore('command')]).toEqual([
    true,
    true,
    false,
  ]);
  expect(drained(queue)).toEqual(['command', 'poll', 'read']);
});

test('after ten polls one that waits is let in, and never before a command', () => {
  const queue = new RequestQueue<string>(64);
  queue.put('read 1', 'spare');
  queue.put('read 2', 'spare');
  for (let i = 1; i <= 22; i++) queue.put(`poll ${i}`, 'poll');
  const first = Array.from({ length: 10 }, () => queue.take());
  queue.put('command', 'command');
  expect(first.at(-1)).toBe('poll 10');
  expect(drained(queue).slice(0, 3)).toEqual(['command', 'read 1', 'poll 11']);
});

test('each priority has its own bound, and who made way has the first place again', () => {
  const queue = new RequestQueue<string>(1);
  expect([queue.put('a', 'spare'), queue.put('b', 'spare'), queue.put('c', 'poll'), queue.put('d', 'command')]).toEqual(
    [true, false, true, true],
  );
  queue.putBack('z', 'spare');
  expect(drained(queue)).toEqual(['d', 'c', 'z', 'a']);
});
