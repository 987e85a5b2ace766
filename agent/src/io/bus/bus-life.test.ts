import { describe, expect, test } from 'vitest';
import { withCrc } from './testing/fake-device.ts';
import { clock, device, line, opened, reasonOf, serial, settled, ten } from './testing/stepped-bus.ts';

describe('queue', () => {
  test('one request at a time, commands before polls, and a command waits for one request only', async () => {
    line.onRequest = (wire, emit) => wire[0] !== 9 && emit(device.answer(wire)!, 20);
    const bus = await opened();
    await settled(bus.read({ ...ten, unit: 9 }, 'poll'));
    line.sent.length = 0;
    const calls = [
      bus.read({ ...ten, unit: 9 }, 'poll'), // a probe without a reply
      bus.read({ ...ten, unit: 2 }, 'poll'),
      bus.read({ ...ten, unit: 3 }, 'command'),
      bus.write({ unit: 4, table: 'coil', address: 0, words: [1] }),
    ];
    await settled(Promise.all(calls));
    expect(line.sent.map(({ wire }) => wire[0])).toEqual([9, 3, 4, 2]);
    for (const [n, { atMs }] of line.sent.slice(2).entries()) expect(atMs - line.sent[n + 1]!.atMs).toBeGreaterThan(20);
  });

  test('a poll between two of its requests makes way for a command', async () => {
    const bus = await opened();
    line.onRequest = () => undefined;
    await settled(bus.read(ten, 'poll'));
    line.onRequest = (wire, emit) => emit(device.answer(wire)!, 50);
    const poll = bus.read(ten, 'poll');
    await clock.tickAsync(40);
    const command = bus.read({ ...ten, unit: 2 }, 'command');
    expect(reasonOf(await settled(poll))).toBe('ok');
    expect(reasonOf(await command)).toBe('ok');
    expect(line.sent.map(({ wire }) => wire[0])).toEqual([1, 1, 2, 1]);
  });

  test('is bounded, for each priority by itself', async () => {
    const bus = await opened({ ...serial, queueLimit: 2 });
    const polls = [1, 2, 3, 4].map(() => bus.read(ten, 'poll'));
    const command = bus.read(ten, 'command');
    expect((await settled(Promise.all(polls))).map(reasonOf)).toEqual(['ok', 'ok', 'ok', 'queue-full']);
    expect(reasonOf(await settled(command))).toBe('ok');
  });
});

describe('a dead unit', () => {
  test('costs its neighbours one time-out a pause; pauses double to a minute', async () => {
    line.onRequest = (wire, emit) => wire[0] !== 9 && emit(device.answer(wire)!, 5);
    const bus = await opened();
    let neighbourReads = 0;
    while (Date.now() < 300_000) {
      const [dead, alive] = await settled(
        Promise.all([bus.read({ ...ten, unit: 9 }, 'poll'), bus.read({ ...ten, unit: 1 }, 'poll')]),
      );
      expect(['timeout', 'backed-off']).toContain(reasonOf(dead));
      if (reasonOf(alive) === 'ok') neighbourReads++;
      await clock.tickAsync(1000);
    }
    const tries = line.sent.filter(({ wire }) => wire[0] === 9).map(({ atMs }) => Math.round(atMs / 1000));
    const gaps = tries.slice(1).map((s, n) => s - tries[n]!);
    expect(neighbourReads).toBeGreaterThan(290);
    for (const [n, least] of [1, 4, 8, 16, 32, 60, 60].entries()) {
      expect(gaps[n]).toBeGreaterThanOrEqual(least);
      expect(gaps[n]).toBeLessThanOrEqual(least + 3);
    }
    expect(bus.stats().units[9]).toMatchObject({ state: 'backed-off', timeouts: tries.length });
    expect(bus.stats().units[1]).toMatchObject({ state: 'ok' });
  });

  test('polls fail at once, commands are tried once, and an answer ends the pause', async () => {
    line.onRequest = () => undefined;
    const bus = await opened();
    await settled(bus.read(ten, 'poll'));
    await settled(bus.read(ten, 'poll'));
    const sentBefore = line.sent.length;
    expect(await bus.read(ten, 'poll')).toMatchObject({ reason: 'backed-off', untilMs: Date.now() + 4000 });
    expect(line.sent).toHaveLength(sentBefore);
    expect(reasonOf(await settled(bus.read(ten, 'command')))).toBe('timeout');
    expect(line.sent).toHaveLength(sentBefore + 1);
    line.onRequest = (wire, emit) => emit(device.answer(wire)!, 5);
    expect(reasonOf(await settled(bus.read(ten, 'command')))).toBe('ok');
    expect(reasonOf(await settled(bus.read(ten, 'poll')))).toBe('ok');
    expect(bus.stats().units[1]!.state).toBe('ok');
  });

  test('calls that wait while it is found dead fail without a request of their own', async () => {
    line.onRequest = () => undefined;
    const bus = await opened();
    const results = await settled(Promise.all(Array.from({ length: 10 }, () => bus.read(ten, 'poll'))));
    expect(results.map(reasonOf)).toEqual(['timeout', 'timeout', ...Array(8).fill('backed-off')]);
    expect(line.sent).toHaveLength(2);
  });
});

describe('a dead unit behind a gateway', () => {
  test.each([10, 11])('is left alone after exception %i as after a time-out', async (code) => {
    line.onRequest = (wire, emit) => emit(withCrc([wire[0]!, wire[1]! | 0x80, code]), 5);
    const bus = await opened();
    const reasons = [];
    for (let n = 0; n < 3; n++) reasons.push(reasonOf(await settled(bus.read(ten, 'poll'))));
    expect(reasons).toEqual(['exception', 'exception', 'backed-off']);
  });
});

describe('a lost port', () => {
  test('fails the pending call at once and is opened again', async () => {
    line.onRequest = () => undefined;
    const bus = await opened();
    const pending = bus.read(ten, 'poll');
    await clock.tickAsync(10);
    line.break();
    const beforeMs = Date.now();
    expect(reasonOf(await pending)).toBe('disconnected');
    expect(Date.now()).toBe(beforeMs);
    expect(reasonOf(await bus.read(ten, 'command'))).toBe('disconnected');
    await clock.tickAsync(250);
    line.onRequest = (wire, emit) => emit(device.answer(wire)!, 5);
    expect(reasonOf(await settled(bus.read(ten, 'poll')))).toBe('ok');
    expect(bus.stats().reconnects).toBe(1);
  });

  test('is tried with pauses that double to their bound', async () => {
    line.openable = false;
    const bus = await opened({ ...serial, reconnect: { firstMs: 100, maxMs: 1000 } });
    const result = await bus.read(ten, 'poll');
    expect(result).toMatchObject({ ok: false, reason: 'disconnected' });
    expect(!result.ok && result.say).toContain('not plugged in');
    line.openable = true;
    await clock.tickAsync(99);
    expect(bus.stats().connected).toBe(false);
    await clock.tickAsync(1);
    expect(bus.stats().connected).toBe(true);
  });

  test('that does not report its end is found after a time-out', async () => {
    line.onRequest = () => undefined;
    const bus = await opened();
    line.present = false;
    await settled(bus.read(ten, 'poll'));
    expect(bus.stats().connected).toBe(false);
  });
});

describe('stop', () => {
  test('settles what is under way and what waits, and leaves no timer', async () => {
    line.onRequest = () => undefined;
    const bus = await opened();
    const calls = [
      bus.read(ten, 'poll'),
      bus.read(ten, 'poll'),
      bus.write({ unit: 1, table: 'coil', address: 0, words: [1] }),
    ];
    await clock.tickAsync(10);
    await bus.stop();
    expect((await Promise.all(calls)).map(reasonOf)).toEqual(['stopped', 'stopped', 'stopped']);
    expect(clock.countTimers()).toBe(0);
    expect(reasonOf(await bus.read(ten, 'poll'))).toBe('stopped');
  });

  test('while the port is waited for leaves no timer', async () => {
    line.openable = false;
    const bus = await opened();
    await bus.stop();
    expect(clock.countTimers()).toBe(0);
  });

  test('can be followed by a start', async () => {
    const bus = await opened();
    await bus.stop();
    await bus.start();
    expect(reasonOf(await settled(bus.read(ten, 'poll')))).toBe('ok');
  });
});
