import { expect, test } from 'vitest';
import { Presence } from './presence.ts';

test.each([
  { notedMs: undefined, askedMs: 0, atWork: false },
  { notedMs: 1_000, askedMs: 1_000, atWork: true },
  { notedMs: 1_000, askedMs: 10_999, atWork: true },
  { notedMs: 1_000, askedMs: 11_000, atWork: false },
])('noted at $notedMs, asked at $askedMs', ({ notedMs, askedMs, atWork }) => {
  const presence = new Presence();
  if (notedMs !== undefined) presence.note(notedMs);
  expect(presence.isAtWork(askedMs)).toBe(atWork);
});

test('work is told once', () => {
  const presence = new Presence();
  expect(presence.isNew(60_000)).toBe(false);
  presence.note(61_000);
  expect([presence.isNew(120_000), presence.isNew(180_000)]).toEqual([true, false]);
});
