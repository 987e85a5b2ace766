import { expect, test } from 'vitest';
import { openBus } from '../../io/bus/bus.ts';
import type { ReadRequest } from '../../io/bus/bus.ts';
import { FakeDevice, readReply } from '../../io/bus/testing/fake-device.ts';
import { clock, line, serial, settled, ten, toStop } from '../../io/bus/testing/stepped-bus.ts';
import { TappedFrames } from './tapped-frames.ts';
import type { TraceRecord } from './trace-record.ts';

/** A bus in stepped time whose device answers through `answers`, in turn, and what its trace says. */
async function traced(
  answers: readonly ((reply: Uint8Array, emit: (bytes: Uint8Array, afterMs: number) => void) => void)[],
  requests: readonly ReadRequest[],
): Promise<string[]> {
  const records: TraceRecord[] = [];
  const frames = new TappedFrames('rtu', (record) => records.push(record));
  const device = new FakeDevice();
  let asked = 0;
  line.onRequest = (wire, emit) => {
    const reply = device.answer(wire)!;
    const answer = answers[asked++];
    if (answer === undefined) emit(reply, 5);
    else answer(reply, emit);
  };
  const bus = openBus(serial, {
    nowMs: () => Date.now(),
    link: line,
    tap: (tapped) => frames.take(tapped, Date.now()),
  });
  toStop.push(bus);
  await bus.start();
  for (const request of requests) await settled(bus.read(request, 'command'));
  await clock.tickAsync(50);
  return records.map((record) => {
    if (record.kind === 'note') return `note ${record.say}`;
    const { direction, role, bytes, mark, roundTripMs } = record;
    return [direction, role, bytes.length, mark, roundTripMs === undefined ? undefined : `${roundTripMs} ms`]
      .filter((part) => part !== undefined)
      .join(' ');
  });
}

const five = { ...ten, quantity: 5 };

test('question and answer', async () => {
  expect(await traced([], [ten])).toEqual(['note the port is open', 'out request 8', 'in reply 25 5 ms']);
});

test('an answer in pieces is one frame; noise before it is told', async () => {
  const said = await traced(
    [
      (reply, emit) => {
        emit(Uint8Array.of(0xff, 0x00), 3);
        emit(reply.slice(0, 7), 5);
        emit(reply.slice(7), 9);
      },
    ],
    [ten],
  );
  expect(said.slice(2)).toEqual(['in noise 2 garbled', 'in reply 25 9 ms']);
});

test('no answer in time: the late one is marked, the next is read right', async () => {
  const said = await traced([(reply, emit) => emit(reply, 545)], [ten, five]);
  // 33 characters of 1.146 ms come on top of the time-out of 500 ms.
  expect(said).toEqual([
    'note the port is open',
    'out request 8',
    'note unit 1: no reply (538 ms)',
    'in reply 25 late 545 ms',
    // The bus's probe, of another length, and then the next read.
    'out request 8',
    'in reply 9 5 ms',
    'out request 8',
    'in reply 15 5 ms',
  ]);
});

test('an answer that comes twice is a duplicate; one to nothing is stale', async () => {
  const said = await traced(
    [
      (reply, emit) => {
        emit(reply, 5);
        emit(reply, 9);
        emit(readReply(3, 4, [1]), 12);
      },
    ],
    [ten],
  );
  expect(said.slice(2)).toEqual(['in reply 25 5 ms', 'in reply 25 duplicate', 'in reply 7 stale']);
});

test('a spoilt answer is garbled, whole', async () => {
  const said = await traced(
    [
      (reply, emit) =>
        emit(
          reply.map((byte, n) => (n === 4 ? byte ^ 1 : byte)),
          5,
        ),
    ],
    [ten],
  );
  expect(said.slice(2, 4)).toEqual(['in noise 25 garbled', expect.stringMatching(/^note unit 1: no correct reply/)]);
});

test('an adapter that hears itself', async () => {
  const said = await traced(
    [
      (reply, emit) => {
        emit(line.sent.at(-1)!.wire, 1);
        emit(reply, 5);
      },
    ],
    [ten],
  );
  expect(said.slice(2)).toEqual(['in request 8 own-echo', 'in reply 25 5 ms']);
});
