import fc from 'fast-check';
import { expect, test } from 'vitest';
import { followPackets, type LengthVerdict, startOfStream } from './packet-length.ts';
import { packet } from './raw-client.ts';

function follow(chunks: Uint8Array[], maxBytes: number): LengthVerdict {
  const cursor = { ...startOfStream };
  for (const chunk of chunks) {
    const verdict = followPackets(cursor, chunk, maxBytes);
    if (verdict !== 'fits') return verdict;
  }
  return 'fits';
}

test.each<[string, number[], number, LengthVerdict]>([
  ['nothing', [], 10, 'fits'],
  ['a ping', [0xc0, 0], 10, 'fits'],
  ['just the bound', [0x30, 10], 10, 'fits'],
  ['one more', [0x30, 11], 10, 'too-long'],
  ['one more, in the second packet', [0xc0, 0, 0x30, 1, 7, 0x30, 11], 10, 'too-long'],
  ['two bytes of length', [0x30, 0x80, 1], 127, 'too-long'],
  ['the greatest length there is', [0x30, 0xff, 0xff, 0xff, 0x7f], 268_435_455, 'fits'],
  ['five bytes of length', [0x30, 0x80, 0x80, 0x80, 0x80], 268_435_455, 'malformed'],
])('%s', (_name, bytes, maxBytes, wanted) => {
  expect(follow([Uint8Array.from(bytes)], maxBytes)).toBe(wanted);
});

test('the verdict does not depend on how the stream is cut', () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(lengths, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (bodies, cuts) => {
      const stream = Buffer.concat(bodies.map((length) => packet(0x30, Buffer.alloc(length, 0xff))));
      const chunks: Uint8Array[] = [];
      for (let at = 0, turn = 0; at < stream.length; turn += 1) {
        const size = cuts[turn % cuts.length] ?? 1;
        chunks.push(stream.subarray(at, at + size));
        at += size;
      }
      expect(follow(chunks, 200)).toBe(Math.max(...bodies) > 200 ? 'too-long' : 'fits');
    }),
  );
});
