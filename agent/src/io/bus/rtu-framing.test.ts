import { expect, test } from 'vitest';
import { expectationOf, type WireRequest } from './expectation.ts';
import { RtuFraming } from './rtu-framing.ts';
import { readReply, withCrc } from './testing/fake-device.ts';

const read: WireRequest = { kind: 'read', unit: 1, table: 'holding', address: 3 * 256, quantity: 2 };
const readFrame = withCrc([1, 3, 3, 0, 0, 2]);
const write: WireRequest = { kind: 'write', unit: 1, functionCode: 6, address: 9, words: [7] };
const writeFrame = withCrc([1, 6, 0, 9, 0, 7]);
const good = readReply(1, 3, [10, 20]);
const damaged = Uint8Array.of(...good.subarray(0, -1), good.at(-1)! ^ 1);

function framing(request = read, frame = readFrame) {
  const rtu = new RtuFraming();
  rtu.ask(frame, expectationOf(request));
  return rtu;
}

const kinds = (received: readonly { kind: string }[]) => received.map(({ kind }) => kind);

test.each([
  { what: 'the reply', bytes: [...good], kinds: ['answer'], held: 0 },
  { what: 'an exception', bytes: [...withCrc([1, 0x83, 2])], kinds: ['answer'], held: 0 },
  { what: 'noise, then the reply', bytes: [0xff, 1, 3, 4, ...good], kinds: ['answer'], held: 0 },
  { what: 'a damaged reply, then the reply', bytes: [...damaged, ...good], kinds: ['answer'], held: 0 },
  { what: 'half a reply, then the reply', bytes: [...good.subarray(0, 5), ...good], kinds: ['answer'], held: 0 },
  {
    what: 'another unit, then the reply',
    bytes: [...readReply(2, 3, [1]), ...good],
    kinds: ['stale', 'answer'],
    held: 0,
  },
  { what: 'another length', bytes: [...readReply(1, 3, [1])], kinds: ['stale'], held: 0 },
  { what: "another function's exception", bytes: [...withCrc([1, 0x84, 2])], kinds: ['stale'], held: 0 },
  { what: 'a damaged reply', bytes: [...damaged], kinds: [], held: damaged.length },
  { what: 'all but the last byte', bytes: [...good.subarray(0, -1)], kinds: [], held: good.length - 1 },
  { what: 'an exception without its last byte', bytes: [1, 0x83, 2, 0xc0], kinds: [], held: 4 },
])('$what', ({ bytes, kinds: expected, held }) => {
  const whole = framing();
  expect(kinds(whole.receive(Uint8Array.from(bytes)))).toEqual(expected);
  expect(whole.held()).toBe(held);
  const piecemeal = framing();
  expect(kinds(bytes.flatMap((byte) => piecemeal.receive(Uint8Array.of(byte))))).toEqual(expected);
});

test('nothing is an answer once the request is closed', () => {
  const rtu = framing();
  rtu.close();
  expect(kinds(rtu.receive(good))).toEqual(['stale']);
});

test('endless noise is held up to a bound, and a reply behind it is found', () => {
  const rtu = framing();
  for (let n = 0; n < 100; n++) rtu.receive(new Uint8Array(100).fill(0x55));
  expect(rtu.held()).toBeLessThanOrEqual(768);
  expect(kinds(rtu.receive(good))).toEqual(['answer']);
});

test.each([
  { what: 'right', echo: [1, 6, 0, 9, 0, 7], found: [{ kind: 'answer' }] },
  { what: 'of another value', echo: [1, 6, 0, 9, 0, 8], found: [{ kind: 'stale', wrongEcho: true }] },
  { what: 'of another address', echo: [1, 6, 0, 8, 0, 7], found: [{ kind: 'stale', wrongEcho: true }] },
  { what: 'of another unit', echo: [2, 6, 0, 9, 0, 7], found: [{ kind: 'stale', wrongEcho: false }] },
])('an echo of a write: $what', ({ echo, found }) => {
  expect(framing(write, writeFrame).receive(withCrc(echo))).toMatchObject(found);
});

test('an adapter that hears itself is found by a read, and does not confirm a write', () => {
  const rtu = framing();
  expect(kinds(rtu.receive(Uint8Array.of(...readFrame, ...good)))).toEqual(['answer']);
  rtu.ask(writeFrame, expectationOf(write));
  expect(rtu.receive(writeFrame)).toEqual([]);
  expect(kinds(rtu.receive(writeFrame))).toEqual(['answer']);
});
