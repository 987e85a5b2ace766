import { describe, expect, test } from 'vitest';
import { BusRunner } from './bus-runner.ts';
import { openBus } from './bus.ts';
import { failed } from './failure-words.ts';
import { atOnce } from './testing/fake-line.ts';
import { readReply, registerOf, withCrc } from './testing/fake-device.ts';
import {
  asked,
  clock,
  device,
  fresh,
  line,
  opened,
  reasonOf,
  serial,
  settled,
  ten,
  toStop,
} from './testing/stepped-bus.ts';

describe('plain exchange', () => {
  test.each([
    { table: 'coil', functionCode: 1, quantity: 3, words: [0, 0, 1] },
    { table: 'discrete', functionCode: 2, quantity: 9, words: [0, 0, 1, 0, 0, 1, 1, 0, 1] },
    { table: 'holding', functionCode: 3, quantity: 2, words: [registerOf(100, 1), registerOf(101, 1)] },
    { table: 'input', functionCode: 4, quantity: 1, words: [registerOf(100, 1)] },
  ] as const)('reads $table', async ({ table, functionCode, quantity, words }) => {
    const bus = await opened();
    const result = await settled(bus.read({ unit: 7, table, address: 100, quantity }, 'poll'));
    expect(result).toEqual({ ok: true, value: words });
    expect(line.sent[0]!.wire).toEqual(withCrc([7, functionCode, 0, 100, 0, quantity]));
  });

  test.each([
    { write: { table: 'coil', words: [1] }, wire: [7, 5, 0, 9, 0xff, 0] },
    { write: { table: 'coil', words: [0] }, wire: [7, 5, 0, 9, 0, 0] },
    { write: { table: 'coil', words: [1, 0, 1] }, wire: [7, 15, 0, 9, 0, 3, 1, 5] },
    { write: { table: 'coil', words: [1], single: false }, wire: [7, 15, 0, 9, 0, 1, 1, 1] },
    { write: { table: 'holding', words: [0x1234] }, wire: [7, 16, 0, 9, 0, 1, 2, 0x12, 0x34] },
    { write: { table: 'holding', words: [1, 0xffff] }, wire: [7, 16, 0, 9, 0, 2, 4, 0, 1, 0xff, 0xff] },
    { write: { table: 'holding', words: [0x1234], single: true }, wire: [7, 6, 0, 9, 0x12, 0x34] },
  ] as const)('writes $write', async ({ write, wire }) => {
    const bus = await opened();
    expect(await settled(bus.write({ unit: 7, address: 9, ...write }))).toEqual({ ok: true, value: undefined });
    expect(line.sent.map((sent) => sent.wire)).toEqual([withCrc([...wire])]);
  });

  test.each([
    { quantity: 0 },
    { quantity: 126 },
    { quantity: 81, maxQuantity: 80 },
    { address: 65_535, quantity: 2 },
    { unit: 0 },
    { unit: 248 },
    { address: 1.5 },
  ])('refuses the impossible read %o as a bug of the caller', async (wrong) => {
    const bus = await opened();
    await expect(bus.read({ ...ten, ...wrong }, 'poll')).rejects.toThrow(RangeError);
  });

  test.each([{ words: [] }, { words: [65_536] }, { words: [1, 2], single: true }, { words: Array(124).fill(0) }])(
    'refuses the impossible write %o as a bug of the caller',
    async (wrong) => {
      const bus = await opened();
      await expect(bus.write({ unit: 1, table: 'holding', address: 0, ...wrong })).rejects.toThrow(RangeError);
      expect(line.sent).toEqual([]);
    },
  );

  test('a device exception is told with its code', async () => {
    device.endAddress = 100;
    const bus = await opened();
    expect(await settled(bus.read(ten, 'poll'))).toMatchObject({ ok: false, reason: 'exception', code: 2 });
  });
});

describe('replies that must not be believed', () => {
  const stale = readReply(1, 3, Array(11).fill(0xdead));
  const noise = Uint8Array.of(0x01, 0x03, 0x00, 0xff, 0x01, 0x83);
  test.each([
    { what: 'none', replies: () => [], reason: 'timeout' },
    { what: 'truncated', replies: (good: Uint8Array) => [good.subarray(0, 12)], reason: 'garbled' },
    { what: 'a bit flipped', replies: (good: Uint8Array) => [flipped(good, 9)], reason: 'garbled' },
    {
      what: 'a byte inside',
      replies: (good: Uint8Array) => [Uint8Array.of(...good.subarray(0, 7), 0, ...good.subarray(7))],
      reason: 'garbled',
    },
    { what: 'of another unit', replies: () => [readReply(2, 3, Array(10).fill(0xdead))], reason: 'timeout' },
    { what: 'of another function', replies: () => [readReply(1, 4, Array(10).fill(0xdead))], reason: 'timeout' },
    { what: 'of another length', replies: () => [readReply(1, 3, Array(9).fill(0xdead))], reason: 'timeout' },
    { what: 'noise before', replies: (good: Uint8Array) => [Uint8Array.of(...noise, ...good)], reason: 'ok' },
    { what: 'noise after', replies: (good: Uint8Array) => [Uint8Array.of(...good, ...noise)], reason: 'ok' },
    { what: 'byte by byte', replies: (good: Uint8Array) => [...good].map((byte) => Uint8Array.of(byte)), reason: 'ok' },
    { what: 'another unit first', replies: (good: Uint8Array) => [readReply(9, 3, [1, 2]), good], reason: 'ok' },
    { what: 'another length first', replies: (good: Uint8Array) => [readReply(1, 3, [1, 2]), good], reason: 'ok' },
    { what: 'exception of another function', replies: () => [withCrc([1, 0x84, 2])], reason: 'timeout' },
  ])('$what', async ({ replies, reason }) => {
    line.onRequest = (wire, emit) => replies(device.answer(wire)!).forEach((bytes, n) => emit(bytes, 5 + n));
    const bus = await opened();
    const result = await settled(bus.read(ten, 'poll'));
    expect(result).toMatchObject(reason === 'ok' ? { ok: true, value: fresh(10) } : { ok: false, reason });
  });

  test.each([{ lateMs: 260 }, { lateMs: 600 }, { lateMs: 900 }, { lateMs: 1500 }, { lateMs: 4000 }])(
    'a reply $lateMs ms late, to a device that answers in order, is never taken for a later one',
    async ({ lateMs }) => {
      let freeAtMs = 0;
      let requests = 0;
      line.onRequest = (wire, emit) => {
        const delayMs = ++requests === 3 ? lateMs : 5;
        freeAtMs = Math.max(freeAtMs, Date.now()) + delayMs;
        emit(device.answer(wire)!, freeAtMs - Date.now());
      };
      const { ok, wrong } = await thirtyReads();
      expect(wrong).toEqual([]);
      expect(ok).toBeGreaterThan(15);
    },
  );

  test.each([{ lateMs: 260 }, { lateMs: 900 }, { lateMs: 1500 }, { lateMs: 4000 }])(
    'a reply $lateMs ms late, overtaken by others, is never taken for a later one',
    async ({ lateMs }) => {
      let requests = 0;
      line.onRequest = (wire, emit) => emit(device.answer(wire)!, ++requests === 3 ? lateMs : 5);
      const { ok, wrong } = await thirtyReads();
      expect(wrong).toEqual([]);
      expect(ok).toBeGreaterThan(15);
    },
  );

  test.each([{ afterMs: 1 }, { afterMs: 6 }, { afterMs: 14 }, { afterMs: 16 }])(
    'a duplicate $afterMs ms after each reply is never taken for the next one',
    async ({ afterMs }) => {
      line.onRequest = (wire, emit) => {
        const reply = device.answer(wire)!;
        emit(reply, 5);
        emit(reply, 5 + afterMs);
      };
      const { bus, ok, wrong } = await thirtyReads();
      expect(wrong).toEqual([]);
      expect(ok).toBe(30);
      expect(bus.stats()).toMatchObject({ ok: 30, timeouts: 0 });
    },
  );

  async function thirtyReads() {
    const bus = await opened({ ...serial, backOff: { afterTimeouts: 100 } });
    const wrong: (readonly number[])[] = [];
    let ok = 0;
    for (let n = 0; n < 30; n++) {
      const before = device.generation;
      const result = await settled(bus.read(ten, 'poll'));
      if (!result.ok) continue;
      ok++;
      const generation = result.value[0]! & 0xff;
      const right = result.value.every((word, at) => word === registerOf(100 + at, generation));
      if (!right || generation <= before) wrong.push(result.value);
    }
    return { bus, ok, wrong };
  }

  test('after a time-out: a drain, then a probe of another length, then the read', async () => {
    const bus = await opened();
    await settled(bus.read(ten, 'poll'));
    line.onRequest = () => undefined;
    expect(reasonOf(await settled(bus.read(ten, 'poll')))).toBe('timeout');
    line.onRequest = (wire, emit) => emit(device.answer(wire)!, 5);
    line.say(stale, 15);
    expect(await settled(bus.read(ten, 'poll'))).toEqual({ ok: true, value: fresh(10) });
    expect(asked()).toEqual([10, 11, 2, 10]);
    expect(bus.stats()).toMatchObject({ resyncs: 1, timeouts: 1, staleDiscarded: 1, ok: 3, requests: 4 });
  });

  test('a probe is not sent into a reply in flight', async () => {
    const bus = await opened();
    line.onRequest = () => undefined;
    await settled(bus.read(ten, 'poll'));
    line.onRequest = (wire, emit) => emit(device.answer(wire)!, 5);
    [...stale].forEach((byte, n) => line.say(Uint8Array.of(byte), n));
    const silentFromMs = Date.now() + stale.length - 1;
    await settled(bus.read(ten, 'poll'));
    expect(line.sent[1]!.atMs).toBeGreaterThanOrEqual(silentFromMs + 20);
  });
});

describe('reads that differ in length', () => {
  test('two values more at most', async () => {
    const bus = await opened();
    for (let n = 0; n < 6; n++) {
      expect(await settled(bus.read(ten, 'poll'))).toEqual({ ok: true, value: fresh(10) });
    }
    expect(asked()).toEqual([10, 11, 12, 10, 11, 12]);
  });

  test('a device that gives no half values is never asked for one, in probes neither', async () => {
    device.valueWords = 2;
    const bus = await opened();
    for (let n = 0; n < 12; n++) {
      line.onRequest = n % 4 === 1 ? () => undefined : (wire, emit) => emit(device.answer(wire)!, 5);
      expect(reasonOf(await settled(bus.read({ ...ten, pointWords: 2 }, 'poll')))).toBe(n % 4 === 1 ? 'timeout' : 'ok');
    }
    expect(asked().filter((quantity) => quantity % 2 === 1)).toEqual([]);
    expect(bus.stats()).toMatchObject({ exceptions: 0, timeouts: 3, resyncs: 3 });
  });

  test('eight bits more, for a byte more of reply', async () => {
    const bus = await opened();
    for (let n = 0; n < 4; n++) {
      const result = await settled(bus.read({ ...ten, table: 'coil' }, 'poll'));
      expect(result.ok && result.value).toHaveLength(10);
    }
    expect(asked()).toEqual([10, 18, 26, 10]);
  });

  test.each([
    { what: 'a hole behind the block', prepare: () => (device.endAddress = 110), asks: [10, 11, 10, 10, 10] },
    { what: "the device's own maximum", prepare: () => (device.maxQuantity = 10), asks: [10, 11, 10, 10, 10] },
    { what: 'a maximum that is told', prepare: () => undefined, maxQuantity: 10, asks: [10, 10, 10, 10] },
    { what: 'the end of the address space', prepare: () => undefined, address: 65_526, asks: [10, 10, 10, 10] },
  ])('not at $what', async ({ prepare, asks, what: _, ...more }) => {
    prepare();
    const bus = await opened();
    for (let n = 0; n < 4; n++) expect(reasonOf(await settled(bus.read({ ...ten, ...more }, 'poll')))).toBe('ok');
    expect(asked()).toEqual(asks);
    expect(bus.stats().exceptions).toBe(0);
  });

  test('a device that is silent when asked for more is asked for more no longer', async () => {
    line.onRequest = (wire, emit) => wire[5]! <= 10 && emit(device.answer(wire)!, 5);
    const bus = await opened();
    const reasons = [];
    for (let n = 0; n < 40; n++) reasons.push(reasonOf(await settled(bus.read(ten, 'poll'))));
    expect(reasons.slice(20)).toEqual(Array(20).fill('ok'));
    expect(reasons.filter((reason) => reason !== 'ok')).toHaveLength(5);
  });

  test('a block of the greatest length is not asked for until its lost reply can hardly come, and says so', async () => {
    const bus = await opened();
    const full = { ...ten, maxQuantity: 10 };
    line.onRequest = (wire, emit) => wire[5]! < 10 && emit(device.answer(wire)!, 5);
    expect(reasonOf(await settled(bus.read(full, 'poll')))).toBe('timeout');
    const result = await settled(bus.read(full, 'poll'));
    expect(result).toMatchObject({ ok: false, reason: 'held-back' });
    expect(!result.ok && result.say).toContain('not asked for up to two seconds');
    line.onRequest = (wire, emit) => emit(device.answer(wire)!, 5);
    await clock.tickAsync(2_000);
    expect(reasonOf(await settled(bus.read(full, 'poll')))).toBe('ok');
  });
});

describe('writes', () => {
  const write = { unit: 1, table: 'holding', address: 9, words: [2], single: true } as const;

  test('the echo of an earlier write is not taken for this one', async () => {
    line.onRequest = (_, emit) => emit(withCrc([1, 6, 0, 9, 0, 1]), 5);
    const bus = await opened();
    expect(reasonOf(await settled(bus.write(write)))).toBe('echo-mismatch');
  });

  test.each([
    { echo: [1, 6, 0, 8, 0, 2], what: 'address' },
    { echo: [1, 6, 0, 9, 0, 3], what: 'value' },
  ])('an echo with another $what before the true one is passed over', async ({ echo }) => {
    line.onRequest = (wire, emit) => {
      emit(withCrc(echo), 5);
      emit(device.answer(wire)!, 30);
    };
    const bus = await opened();
    expect(reasonOf(await settled(bus.write(write)))).toBe('ok');
  });

  test('a write that nobody wants any more when its turn comes is not sent', async () => {
    line.onRequest = () => undefined;
    const bus = await opened();
    const askedAtMs: number[] = [];
    const before = settled(bus.read(ten, 'poll'));
    const calledOff = bus.write(write, () => {
      askedAtMs.push(clock.now);
      return false;
    });
    await before;
    const result = await settled(calledOff);
    expect(result).toMatchObject({ ok: false, reason: 'called-off' });
    expect(!result.ok && result.say).toContain('Nothing was written');
    // Not at the call: the read before it waited for its whole time-out.
    expect(askedAtMs).toEqual([clock.now]);
    expect(clock.now).toBeGreaterThan(900);
    expect(line.sent.map(({ wire }) => wire[1])).toEqual([3]);
  });

  test('a write without a reply is reported and never repeated', async () => {
    line.onRequest = () => undefined;
    const bus = await opened();
    const result = await settled(bus.write(write));
    expect(result).toMatchObject({ ok: false, reason: 'timeout' });
    expect(!result.ok && result.say).toContain('may have taken the write');
    await clock.tickAsync(120_000);
    expect(line.sent).toHaveLength(1);
  });

  test('after a lost reply a probe goes before the write, and a dead unit is not written to', async () => {
    const bus = await opened();
    await settled(bus.read(ten, 'poll'));
    line.onRequest = () => undefined;
    await settled(bus.read(ten, 'poll'));
    const result = await settled(bus.write(write));
    expect(result).toMatchObject({ ok: false, reason: 'timeout' });
    expect(!result.ok && result.say).toContain('Nothing was written');
    expect(line.sent.map(({ wire }) => wire[1])).toEqual([3, 3, 3]);
  });

  test('with nothing readable known, a whole time-out of silence goes before a write after a lost echo', async () => {
    line.onRequest = () => undefined;
    const bus = await opened();
    await settled(bus.write(write));
    line.onRequest = (wire, emit) => emit(device.answer(wire)!, 5);
    line.say(withCrc([1, 6, 0, 9, 0, 2]), 100);
    expect(reasonOf(await settled(bus.write({ ...write, words: [3] })))).toBe('ok');
    expect(line.sent[1]!.atMs).toBeGreaterThanOrEqual(line.sent[0]!.atMs + 500 + 100 + 500);
  });
});

describe('read only', () => {
  test('there is no write', async () => {
    const bus = openBus(
      { ...serial, readOnly: true },
      { nowMs: () => Date.now(), link: line, onceInputIsTaken: atOnce },
    );
    expect('write' in bus).toBe(false);
  });

  test.each(['rtu', 'tcp'] as const)(
    'whoever asks for a write all the same gets none onto the wire: %s',
    async (kind) => {
      const settings = { ...serial, host: 'none', port: 1, kind, readOnly: true } as const;
      const runner = new BusRunner(settings, { nowMs: () => Date.now(), onceInputIsTaken: atOnce }, line);
      toStop.push(runner);
      await runner.start();
      for (const words of [[1], [1, 0]]) {
        for (const table of ['coil', 'holding'] as const) {
          const result = await settled(runner.write({ unit: 1, table, address: 0, words }));
          expect(reasonOf(result)).toBe('read-only');
        }
      }
      expect(line.sent).toEqual([]);
      expect(runner.stats().refusedWrites).toBe(4);
    },
  );
});

describe('silence', () => {
  test.each([
    { baudRate: 9600, gapMs: 4.01 },
    { baudRate: 19_200, gapMs: 2.005 },
    { baudRate: 115_200, gapMs: 1.75 },
    { baudRate: 9600, turnaroundMs: 20, gapMs: 24.01 },
  ])('t3.5 and turnaround at $baudRate baud', async ({ gapMs, ...more }) => {
    const bus = await opened({ ...serial, ...more });
    const openedMs = Date.now();
    await settled(bus.read(ten, 'poll'));
    expect(line.sent[0]!.atMs - openedMs).toBeGreaterThanOrEqual(gapMs);
    const repliedMs = Date.now();
    await settled(bus.read(ten, 'poll'));
    expect(line.sent[1]!.atMs - repliedMs).toBeGreaterThanOrEqual(gapMs);
    expect(line.sent[1]!.atMs - repliedMs).toBeLessThan(gapMs + 1);
  });

  test('a line that is never silent is not spoken into', async () => {
    const bus = await opened();
    for (let ms = 0; ms < 2000; ms++) line.say(Uint8Array.of(0x55), ms);
    expect(reasonOf(await settled(bus.read(ten, 'poll')))).toBe('garbled');
    expect(line.sent).toEqual([]);
  });
});

const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, n) => (n === at ? byte ^ 0x10 : byte));

test.each([
  { kind: 'rtu', says: /baud rate or parity/, never: /gateway/ },
  { kind: 'rtu-over-tcp', says: /serial server/, never: /^$/ },
  { kind: 'tcp', says: /unit number/, never: /baud|parity|wiring/i },
] as const)('a time-out on $kind blames what may be wrong there', ({ kind, says, never }) => {
  const at = { bus: 'b', kind, unit: 1, fate: 'read', connectionSay: '' } as const;
  for (const reason of ['timeout', 'garbled'] as const) expect(failed({ reason }, at).say).not.toMatch(never);
  expect(failed({ reason: 'timeout' }, at).say).toMatch(says);
});
