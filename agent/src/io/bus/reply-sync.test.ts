import { describe, expect, test } from 'vitest';
import { ReplySync } from './reply-sync.ts';
import type { ReadRequest } from './bus.ts';

const ten: ReadRequest = { unit: 1, table: 'holding', address: 0, quantity: 10, pointWords: 1 };
const bytes = (quantity: number) => 5 + 2 * quantity;

function sync({ asked = [], lost = [] }: { asked?: number[]; lost?: { quantity: number; atMs: number }[] }) {
  const state = new ReplySync();
  for (const { quantity, atMs } of lost) state.lost(3, bytes(quantity), atMs);
  for (const quantity of asked) state.asked(3, bytes(quantity));
  return state;
}

test.each([
  { what: 'nothing before', state: {}, nowMs: 0, quantity: 10, safe: true },
  { what: 'the same before', state: { asked: [10] }, nowMs: 0, quantity: 11, safe: true },
  { what: 'the last two', state: { asked: [10, 11] }, nowMs: 0, quantity: 12, safe: true },
  { what: 'the third last is free again', state: { asked: [10, 11, 12] }, nowMs: 0, quantity: 10, safe: true },
  { what: 'the same lost', state: { lost: [{ quantity: 10, atMs: 0 }] }, nowMs: 59_999, quantity: 11, safe: true },
  {
    what: 'the same lost a minute ago',
    state: { lost: [{ quantity: 10, atMs: 0 }] },
    nowMs: 60_000,
    quantity: 10,
    safe: true,
  },
  {
    what: 'some lost, one just asked',
    state: {
      lost: [
        { quantity: 10, atMs: 0 },
        { quantity: 12, atMs: 1 },
      ],
      asked: [11],
    },
    nowMs: 2,
    quantity: 13,
    safe: true,
  },
  {
    what: 'no room, none lost',
    request: { maxQuantity: 10 },
    state: { asked: [10] },
    nowMs: 0,
    quantity: 10,
    safe: true,
  },
  {
    what: 'no room, itself lost',
    request: { maxQuantity: 10 },
    state: { lost: [{ quantity: 10, atMs: 0 }] },
    nowMs: 0,
    quantity: 10,
    safe: false,
  },
  {
    what: 'little room: lost longest ago',
    request: { maxQuantity: 12 },
    state: {
      lost: [
        { quantity: 10, atMs: 5 },
        { quantity: 11, atMs: 1 },
        { quantity: 12, atMs: 3 },
      ],
    },
    nowMs: 6,
    quantity: 11,
    safe: false,
  },
])('quantity after: $what', ({ request, state, nowMs, quantity, safe }) => {
  expect(sync(state).quantityFor({ ...ten, ...request }, nowMs)).toMatchObject({ quantity, safe });
});

const { pointWords: _ofOne, ...ofUnknownPoints } = ten;

test.each([
  { what: 'values of 32 bits', request: { ...ten, pointWords: 2 }, asked: [10], quantity: 12 },
  { what: 'values of 64 bits', request: { ...ten, quantity: 12, pointWords: 4 }, asked: [12, 16], quantity: 20 },
  { what: 'an even block of who knows what', request: ofUnknownPoints, asked: [10, 12], quantity: 14 },
  { what: 'an odd block of who knows what', request: { ...ofUnknownPoints, quantity: 9 }, asked: [9], quantity: 10 },
  {
    what: 'room for less than a value',
    request: { ...ten, pointWords: 2, maxQuantity: 11 },
    asked: [10],
    quantity: 10,
  },
])('a block is widened by whole values: $what', ({ request, asked, quantity }) => {
  expect(sync({ asked }).quantityFor(request, 0).quantity).toBe(quantity);
});

test.each([
  { what: 'a block of 32-bit values', request: { ...ten, pointWords: 2 }, probes: [2, 4, 6, 8, 12] },
  { what: 'a block of 64-bit values', request: { ...ten, quantity: 16, pointWords: 4 }, probes: [4, 8, 12, 20] },
  { what: 'one 32-bit value', request: { ...ten, quantity: 2, pointWords: 2 }, probes: [4, 1, 6] },
])('a probe of $what gives whole values first', ({ request, probes }) => {
  expect(new ReplySync().probesFor(request, 0).slice(0, probes.length)).toEqual(probes);
});

test.each([
  { request: ten, first: 2 },
  { request: { ...ten, quantity: 2 }, first: 1 },
  { request: { ...ten, quantity: 1 }, first: 3 },
  { request: { ...ten, table: 'coil', quantity: 5 } as const, first: 21 },
  { request: { ...ten, quantity: 1, maxQuantity: 1 }, first: undefined },
])('a probe at $request begins with $first', ({ request, first }) => {
  expect(new ReplySync().probesFor(request, 0)[0]).toBe(first);
});

test('a reply that seems to have come late is missing for two seconds all the same: it may be a copy of another', () => {
  const state = sync({ lost: [{ quantity: 10, atMs: 0 }] });
  state.staleCame(3, bytes(10));
  expect(state.strangers(3, bytes(10))).toBe(1);
  expect(state.quantityFor(ten, 1_999).quantity).toBe(11);
  expect(state.quantityFor(ten, 2_000).quantity).toBe(10);
  expect(state.isMissing(3)).toBe(false);
});

test('of two missing ones of one length, one may have come, and the other is waited for', () => {
  const state = sync({ lost: [0, 1].map((atMs) => ({ quantity: 10, atMs })) });
  state.staleCame(3, bytes(10));
  expect(state.quantityFor(ten, 59_999).quantity).toBe(11);
});

test('an exception while replies are missing proves nothing', () => {
  const state = sync({ lost: [{ quantity: 10, atMs: 0 }] });
  state.inSync = true;
  state.exceptionCame(3, bytes(11), 1);
  expect(state.inSync).toBe(false);
  const clean = new ReplySync();
  clean.exceptionCame(3, bytes(11), 1);
  expect(clean.inSync).toBe(true);
});

test('a wider read that is refused is tried again after an hour', () => {
  const state = sync({ asked: [10] });
  state.widerRefused(ten, 11, 0);
  expect(state.quantityFor(ten, 3_599_999).quantity).toBe(10);
  expect(state.quantityFor(ten, 3_600_000).quantity).toBe(11);
});

describe('a block that fills what the device answers at once', () => {
  const full = { unit: 1, table: 'input', address: 0, quantity: 80, maxQuantity: 80 } as const;
  const fullBytes = bytes(80);

  test('is held while a reply that looks the same may come out of order, and asked for again after that', () => {
    const state = new ReplySync();
    state.asked(4, fullBytes);
    state.lost(4, fullBytes, 10_000);
    expect(state.quantityFor(full, 11_999)).toMatchObject({ quantity: 80, held: true });
    expect(state.quantityFor(full, 12_000)).toMatchObject({ quantity: 80, held: false, safe: false });
    expect(state.quantityFor({ ...full, quantity: 10 }, 10_001)).toMatchObject({ held: false, safe: true });
  });

  test('is listened for before it is repeated once copies were seen on the line', () => {
    const state = new ReplySync();
    state.asked(4, fullBytes);
    expect(state.quantityFor(full, 0)).toMatchObject({ quantity: 80, repeated: false });
    state.staleCame(4, fullBytes);
    expect(state.quantityFor(full, 0)).toMatchObject({ quantity: 80, repeated: true });
  });
});
