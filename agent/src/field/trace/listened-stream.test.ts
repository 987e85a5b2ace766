import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readReply, withCrc } from '../../io/bus/testing/fake-device.ts';
import { ListenedStream } from './listened-stream.ts';
import type { HeardFrame } from './listened-stream.ts';

const ask = (unit: number, address: number, quantity: number, code = 3): Uint8Array =>
  withCrc([unit, code, address >> 8, address & 0xff, 0, quantity]);
const spoilt = (frame: Uint8Array): Uint8Array => frame.map((byte, n) => (n === frame.length - 1 ? byte ^ 0xff : byte));
const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

const brief = ({ role, bytes, mark }: HeardFrame): string =>
  `${role} ${bytes.length}${mark === undefined ? '' : ` ${mark}`}`;

/** Each piece comes `gapMs` after the one before it; silence follows the last. */
function heard(pieces: readonly Uint8Array[], gapMs = 30): string[] {
  const stream = new ListenedStream({ silenceMs: 20 });
  const found = pieces.flatMap((piece, n) => [...stream.receive(piece, n * gapMs)]);
  return [...found, ...stream.quiet(pieces.length * gapMs + 20)].map(brief);
}

const one = ask(1, 0, 2);
const two = readReply(1, 3, [1, 2]);
const coil = withCrc([4, 5, 0, 1, 0xff, 0]);

describe('what a line says', () => {
  test.each([
    { what: 'question and answer', pieces: [one, two], is: ['request 8', 'reply 9'] },
    { what: 'both in one piece, as USB adapters give them', pieces: [joined(one, two)], is: ['request 8', 'reply 9'] },
    {
      what: 'an answer in three pieces without a gap',
      pieces: [one, two.slice(0, 2), two.slice(2, 5), two.slice(5)],
      gapMs: 5,
      is: ['request 8', 'reply 9'],
    },
    { what: 'an exception', pieces: [one, withCrc([1, 0x83, 2])], is: ['request 8', 'reply 5'] },
    { what: 'a write and its echo, byte for byte the same', pieces: [coil, coil], is: ['request 8', 'reply 8'] },
    {
      what: 'a write that is tried again',
      pieces: [coil, coil, coil],
      gapMs: 400,
      is: ['request 8', 'request 8 repeated', 'request 8 repeated'],
    },
    {
      what: 'a read that is tried again',
      pieces: [one, one, two],
      gapMs: 400,
      is: ['request 8', 'request 8 repeated', 'reply 9'],
    },
    {
      what: 'a unit that is silent',
      pieces: [ask(7, 0, 2), one, two],
      is: ['request 8', 'request 8 after-no-reply', 'reply 9'],
    },
    {
      what: 'an answer that comes after the next was asked',
      pieces: [ask(1, 50, 3), one, readReply(1, 3, [7, 8, 9]), two],
      is: ['request 8', 'request 8 after-no-reply', 'reply 11 late', 'reply 9'],
    },
    { what: 'an answer that comes twice', pieces: [one, two, two], is: ['request 8', 'reply 9', 'reply 9 duplicate'] },
    { what: 'an answer to nothing', pieces: [two], is: ['reply 9 stale'] },
    {
      what: 'a spoilt answer',
      pieces: [one, spoilt(two), ask(1, 9, 1)],
      is: ['request 8', 'noise 9', 'request 8 after-no-reply'],
    },
    {
      what: 'noise before a frame',
      pieces: [joined(Uint8Array.of(0xff, 0xfe), one), two],
      is: ['noise 2', 'request 8', 'reply 9'],
    },
    { what: 'half an answer, then silence', pieces: [one, two.slice(0, 4)], is: ['request 8', 'noise 4'] },
    {
      what: 'coils: an answer as long as a question',
      pieces: [ask(1, 0, 20, 1), withCrc([1, 1, 3, 0, 4, 0])],
      is: ['request 8', 'reply 8'],
    },
    {
      what: 'a broadcast, which nobody answers',
      pieces: [withCrc([0, 6, 0, 1, 0, 2]), one],
      is: ['request 8', 'request 8 after-no-reply'],
    },
    {
      what: 'registers written',
      pieces: [withCrc([2, 16, 0, 1, 0, 1, 2, 0, 9]), withCrc([2, 16, 0, 1, 0, 1])],
      is: ['request 11', 'reply 8'],
    },
    {
      what: 'a function of unknown length, ended by silence',
      pieces: [withCrc([1, 43, 14, 1, 0]), withCrc([1, 43, 14, 1, 1, 0, 0, 1, 0, 3, 65, 66, 67])],
      is: ['request 7', 'reply 15'],
    },
  ])('$what', ({ pieces, is, gapMs }) => {
    expect(heard(pieces, gapMs)).toEqual(is);
  });
});

test('a reply knows its request, and how long it took', () => {
  const stream = new ListenedStream({ silenceMs: 20 });
  stream.receive(one, 1_000);
  expect(stream.receive(two, 1_024)).toMatchObject([{ request: one, roundTripMs: 24, atMs: 1_024 }]);
});

test('whatever comes, in whatever pieces: no byte is lost, none is told twice, and it ends', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(one, two, coil, spoilt(two), withCrc([1, 0x83, 2])),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(piece, fc.integer({ min: 0, max: 50 })), { maxLength: 20 }), (pieces) => {
      const stream = new ListenedStream({ silenceMs: 20 });
      let nowMs = 0;
      const found: HeardFrame[] = [];
      for (const [bytes, afterMs] of pieces) found.push(...stream.receive(bytes, (nowMs += afterMs)));
      found.push(...stream.quiet(nowMs + 20));
      expect(found.flatMap(({ bytes }) => [...bytes])).toEqual(pieces.flatMap(([bytes]) => [...bytes]));
    }),
  );
});
