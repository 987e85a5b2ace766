import { expect, test } from 'vitest';
import { expectationOf, type WireRequest } from './expectation.ts';
import { TcpFraming } from './tcp-framing.ts';
import { withCrc } from './testing/fake-device.ts';

const read: WireRequest = { kind: 'read', unit: 1, table: 'holding', address: 0, quantity: 1 };
const write: WireRequest = { kind: 'write', unit: 1, functionCode: 6, address: 9, words: [7] };

/** Asked once; its transaction is number 1. */
function asked(request: WireRequest) {
  const tcp = new TcpFraming();
  const wire = tcp.ask(withCrc([1, 3, 0, 0, 0, 1]), expectationOf(request));
  expect([...wire]).toEqual([0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1]);
  return tcp;
}

const mbap = (id: number, ...adu: number[]) => [0, id, 0, 0, 0, adu.length, ...adu];

test.each([
  { what: 'the reply', bytes: mbap(1, 1, 3, 2, 0, 5), found: [{ kind: 'answer', frame: withCrc([1, 3, 2, 0, 5]) }] },
  { what: 'an exception', bytes: mbap(1, 1, 0x83, 2), found: [{ kind: 'answer', frame: withCrc([1, 0x83, 2]) }] },
  { what: 'another transaction', bytes: mbap(0, 1, 3, 2, 0, 5), found: [{ kind: 'stale' }] },
  {
    what: 'another transaction, then the reply',
    bytes: [...mbap(7, 1, 3, 2, 0, 9), ...mbap(1, 1, 3, 2, 0, 5)],
    found: [{ kind: 'stale' }, { kind: 'answer' }],
  },
  {
    what: 'the reply twice',
    bytes: [...mbap(1, 1, 3, 2, 0, 5), ...mbap(1, 1, 3, 2, 0, 5)],
    found: [{ kind: 'answer' }, { kind: 'stale' }],
  },
  { what: 'another unit', bytes: mbap(1, 2, 3, 2, 0, 5), found: [{ kind: 'wrong', echo: false }] },
  { what: 'another function', bytes: mbap(1, 1, 4, 2, 0, 5), found: [{ kind: 'wrong', echo: false }] },
  { what: 'another length', bytes: mbap(1, 1, 3, 4, 0, 5, 0, 6), found: [{ kind: 'wrong', echo: false }] },
  { what: 'another protocol', bytes: [0, 1, 0, 1, 0, 5, 1, 3, 2, 0, 5], found: [{ kind: 'desynchronised' }] },
  { what: 'an impossible length', bytes: [0, 1, 0, 0, 1, 5, 1, 3], found: [{ kind: 'desynchronised' }] },
])('$what', ({ bytes, found }) => {
  expect(asked(read).receive(Uint8Array.from(bytes))).toMatchObject(found);
  const piecemeal = asked(read);
  const received = bytes.flatMap((byte) => piecemeal.receive(Uint8Array.of(byte)));
  expect(received[0]).toMatchObject(found[0]!);
});

test.each([
  { echo: [1, 6, 0, 9, 0, 7], found: [{ kind: 'answer' }] },
  { echo: [1, 6, 0, 9, 0, 8], found: [{ kind: 'wrong', echo: true }] },
])('echo $echo', ({ echo, found }) => {
  expect(asked(write).receive(Uint8Array.from(mbap(1, ...echo)))).toMatchObject(found);
});

test('transaction ids run through two bytes and go on after a new connection', () => {
  const tcp = asked(read);
  tcp.reset();
  for (let n = 2; n < 300; n++) tcp.ask(withCrc([1, 3, 0, 0, 0, 1]), expectationOf(read));
  expect([...tcp.ask(withCrc([1, 3, 0, 0, 0, 1]), expectationOf(read)).subarray(0, 2)]).toEqual([1, 44]);
});
