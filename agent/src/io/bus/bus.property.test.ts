import fc from 'fast-check';
import { useFakeTimers, type SinonFakeTimers } from 'sinon';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBus, type BusSettings, type ReadRequest } from './bus.ts';
import { FakeDevice, withCrc } from './testing/fake-device.ts';
import { atOnce, FakeLine } from './testing/fake-line.ts';

let clock: SinonFakeTimers;
beforeEach(() => (clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })));
afterEach(() => clock.restore());

/** `harm`: what a fault comes to on this wire; TCP's own checksum keeps bytes from changing inside a frame. */
type Wire = {
  harm(fault: Fault): Fault;
  request(wire: Uint8Array): Uint8Array;
  reply(wire: Uint8Array, frame: Uint8Array): Uint8Array;
};

const rtu: Wire = { harm: (fault) => fault, request: (wire) => wire, reply: (_, frame) => frame };

const tcp: Wire = {
  harm: (fault) => (fault.kind === 'flipped' || fault.kind === 'noise-inside' ? { kind: 'lost' } : fault),
  request: (wire) => withCrc([...wire.subarray(6)]),
  reply: (wire, frame) => Uint8Array.of(wire[0]!, wire[1]!, 0, 0, 0, frame.length - 2, ...frame.subarray(0, -2)),
};

/** What becomes of one reply; the times are in ms. */
type Fault =
  | { kind: 'none' | 'lost' | 'wrong-unit' }
  | { kind: 'late' | 'duplicate'; ms: number }
  | { kind: 'noise-before' | 'noise-inside' | 'noise-after'; bytes: Uint8Array; at: number }
  | { kind: 'truncated' | 'flipped'; at: number };

const at = fc.nat({ max: 250 });
const noise = fc.uint8Array({ minLength: 1, maxLength: 12 });
const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('none' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('lost' as const, 'wrong-unit' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('late' as const, 'duplicate' as const),
      ms: fc.integer({ min: 1, max: 1500 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('noise-before' as const, 'noise-inside' as const, 'noise-after' as const),
      bytes: noise,
      at,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('truncated' as const, 'flipped' as const), at }) },
);

const blocks: readonly ReadRequest[] = [
  { unit: 1, table: 'holding', address: 100, quantity: 10 },
  { unit: 1, table: 'input', address: 0, quantity: 2 },
  { unit: 1, table: 'holding', address: 7, quantity: 1 },
  { unit: 2, table: 'holding', address: 100, quantity: 10 },
  { unit: 2, table: 'input', address: 0, quantity: 80 },
];

const settings = { name: 'noisy', timeoutMs: 200, backOff: { afterTimeouts: 1_000_000 }, reconnect: { firstMs: 10 } };
const serial = { ...settings, kind: 'rtu', path: '/dev/none', baudRate: 9600 } as const;
const polls = 500;
const story = fc.record({
  faults: fc.array(fault, { minLength: 2 * polls, maxLength: 2 * polls, size: 'max' }),
  picks: fc.array(fc.nat({ max: blocks.length - 1 }), { minLength: polls, maxLength: polls, size: 'max' }),
});

test.each([
  { name: 'RTU, a device that answers in order', settings: serial, wire: rtu, inOrder: true, least: 0.5, replay: {} },
  {
    name: 'RTU, the same, with noise that passed for a reply',
    settings: serial,
    wire: rtu,
    inOrder: true,
    least: 0.5,
    replay: { seed: -1453232873, path: '2' },
  },
  {
    name: 'RTU, replies that overtake each other',
    settings: serial,
    wire: rtu,
    inOrder: false,
    least: 0.4,
    replay: {},
  },
  {
    name: 'Modbus TCP',
    settings: { ...settings, kind: 'tcp', host: 'none', port: 1 } as const,
    wire: tcp,
    inOrder: false,
    least: 0.4,
    replay: {},
  },
])(
  '$name: 3,000 polls with late, duplicate, lost, noisy and truncated replies give no wrong value',
  { timeout: 60_000 },
  async ({ settings, wire, inOrder, least, replay }) => {
    let asked = 0;
    let ok = 0;
    await fc.assert(
      fc.asyncProperty(story, async ({ faults, picks }) => {
        const devices = new Map([1, 2].map((unit) => [unit, new FakeDevice()]));
        const line = faultyLine({ devices, faults, wire, inOrder });
        for await (const { request, before, words } of polled(settings, line, devices, picks)) {
          asked++;
          if (words === undefined) continue;
          ok++;
          const { generation } = devices.get(request.unit)!;
          const ages = words.map((word) => ((word & 0xff) - before) & 0xff);
          expect(words.map((word) => word >> 8)).toEqual(words.map((_, n) => (request.address + n) & 0xff));
          expect(new Set(ages).size).toBe(1);
          expect(ages[0]).toBeGreaterThan(0);
          expect(ages[0]).toBeLessThanOrEqual(generation - before);
        }
      }),
      { numRuns: 6, endOnFailure: true, ...replay },
    );
    expect(asked).toBe(6 * polls);
    expect(ok / asked).toBeGreaterThan(least);
  },
);

async function* polled(
  settings: BusSettings,
  line: FakeLine,
  devices: Map<number, FakeDevice>,
  picks: readonly number[],
) {
  const bus = openBus(settings, { nowMs: () => Date.now(), link: line, onceInputIsTaken: atOnce });
  await bus.start();
  for (const pick of picks) {
    const request = blocks[pick]!;
    const before = devices.get(request.unit)!.generation;
    let done = false;
    const call = bus.read(request, 'poll').finally(() => (done = true));
    while (!done) await clock.nextAsync();
    const result = await call;
    if (!result.ok && result.reason === 'disconnected') await clock.tickAsync(20);
    yield { request, before, words: result.ok ? result.value : undefined };
  }
  await bus.stop();
  line.hush();
}

function faultyLine(parts: {
  devices: Map<number, FakeDevice>;
  faults: readonly Fault[];
  wire: Wire;
  inOrder: boolean;
}) {
  const { devices, faults, wire, inOrder } = parts;
  const freeAtMs = new Map<number, number>();
  let requests = 0;
  return new FakeLine((bytes, emit) => {
    const fault = wire.harm(faults[requests++ % faults.length]!);
    const frame = wire.request(bytes);
    const unit = frame[0]!;
    const answer = devices.get(unit)!.answer(frame)!;
    const startMs = inOrder ? Math.max(Date.now(), freeAtMs.get(unit) ?? 0) : Date.now();
    const replyMs = startMs + (fault.kind === 'late' ? fault.ms : 5);
    freeAtMs.set(unit, replyMs);
    // Under another unit's number and late, it could be nothing but that unit's reply.
    const afterMs = fault.kind === 'wrong-unit' ? 5 : replyMs - Date.now();
    const said = spoilt(answer, fault);
    if (!collides(said, answer)) for (const piece of said) emit(wire.reply(bytes, piece), afterMs);
    // A gateway repeats soon, if at all: a copy of a reply that came whole, within the next request or two.
    if (fault.kind === 'duplicate') emit(wire.reply(bytes, answer), afterMs + (fault.ms % 12));
  });
}

/**
 * One in 65,536 spoilt replies has another one of the same looks within it, CRC and all. No master can tell that one from the
 * device's own, so the story is told without it. (Bytes that follow a reply at once do not betray it: many a converter adds one or
 * two when it lets go of the line, and to wait for them would cost every read.)
 */
function collides(said: readonly Uint8Array[], answer: Uint8Array): boolean {
  const stream = Buffer.concat(said);
  for (let from = 0; from + answer.length <= stream.length; from += 1) {
    const piece = stream.subarray(from, from + answer.length);
    const hasLooks = [0, 1, 2].every((at) => piece[at] === answer[at]);
    if (hasLooks && !piece.equals(answer) && piece.equals(withCrc([...piece.subarray(0, -2)]))) return true;
  }
  return false;
}

function spoilt(frame: Uint8Array, fault: Fault): readonly Uint8Array[] {
  switch (fault.kind) {
    case 'lost':
      return [];
    case 'wrong-unit':
      return [withCrc([frame[0]! ^ 3, ...frame.subarray(1, -2)])];
    case 'none':
    case 'late':
    case 'duplicate':
      return [frame];
    case 'noise-before':
      return [fault.bytes, frame];
    case 'noise-after':
      return [frame, fault.bytes];
    case 'noise-inside': {
      const cut = 1 + (fault.at % (frame.length - 1));
      return [frame.slice(0, cut), fault.bytes, frame.slice(cut)];
    }
    case 'truncated':
      return [frame.slice(0, fault.at % frame.length)];
    case 'flipped':
      return [frame.map((byte, n) => (n === fault.at % frame.length ? byte ^ 0x40 : byte))];
  }
}
