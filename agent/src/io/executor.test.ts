import { mkdtempSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePoint, findProfile, layOut, readImage } from '@tiepoint/hardware-profiles';
import { command as commandMessage, no, yes } from '@tiepoint/protocol';
import type { Acknowledgement, Command } from '@tiepoint/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withDerived } from '../core/derived.ts';
import type { WriteBus } from './bus/bus.ts';
import { systemClock } from './clock.ts';
import { openDatabase } from './disk/database.ts';
import { Journal } from './disk/journal.ts';
import { Executor } from './executor.ts';
import type { CommandTarget } from './executor.ts';
import type { Log } from './log.ts';

const none = (): void => undefined;
const log: Log = { debug: none, info: none, warn: none, error: none, child: () => log };
const directory = mkdtempSync(join(tmpdir(), 'tiepoint-executor-'));
let database: DatabaseSync;
let journal: Journal;
let told: Acknowledgement[];
let writes: number;
let orders: number[];
let tagged: boolean;
let tagsKnown: boolean;
/** Writes wait for it. */
let busFree: Promise<void>;
let executor: Executor;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12) });
  database = openDatabase(directory);
  journal = new Journal(database);
  told = [];
  writes = 0;
  orders = [];
  tagged = false;
  tagsKnown = true;
  busFree = Promise.resolve();
  executor = newExecutor();
});

afterEach(async () => {
  await executor.stop();
  database.close();
  vi.useRealTimers();
  rmSync(directory, { recursive: true, force: true });
});

function newExecutor(): Executor {
  const { bus, model } = meter();
  const target: CommandTarget = {
    reader: bus,
    bus,
    unit: 1,
    model,
    wireCost: { perTransactionMs: 3, perRegisterMs: 0.01 },
    learned: { holes: { entries: [] } },
    view: (decoded) => ({
      deviceId: 'meter-1',
      kind: 'meter',
      capabilities: model.capabilities,
      commands: model.commands,
      limits: model.limits,
      readOnly: false,
      liveness: 'live',
      measured: withDerived(model, decoded),
    }),
  };
  return new Executor({
    gatewayId: 'gw-1',
    restraint: { known: () => tagsKnown, tag: () => undefined, held: () => (tagged ? no('tagged', 'Tagged.') : yes) },
    safeMode: () => undefined,
    deviceId: 'meter-1',
    clock: systemClock,
    journal,
    log,
    timeQuality: () => 'synchronised',
    journalSinceMs: () => Number.NEGATIVE_INFINITY,
    target: () => target,
    acknowledge: (ack) => told.push(ack),
    acted: () => Promise.resolve(),
  });
}

/** Opens and closes at once. */
function meter() {
  const profile = findProfile('ami-meter-200a');
  if (profile === undefined) throw new Error('no such profile');
  const { image, model } = layOut(profile);
  const point = (name: string, value: string | number): void => {
    const found = model.points.find((each) => each.name === name);
    if (found === undefined || !encodePoint(found, value, image)) throw new Error(name);
  };
  const show = (state: 'open' | 'closed'): void => {
    point('switchState', state);
    point('currentA', state === 'open' ? 0 : 10);
    point('loadSideVoltageV', state === 'open' ? 0 : 240);
  };
  point('control', 'remote');
  point('set:switchOrder', 0);
  show('closed');
  const bus: WriteBus = {
    read: (request) => {
      const read = readImage(image, request);
      return Promise.resolve(
        read.ok ? { ok: true, value: read.words } : { ok: false, reason: 'exception', code: 2, say: 'illegal' },
      );
    },
    write: async ({ words: [order] }, mayGo) => {
      await busFree;
      if (mayGo?.() === false) return { ok: false, reason: 'called-off', say: 'called off' };
      writes += 1;
      orders.push(order ?? 0);
      show(order === 2 ? 'open' : 'closed');
      return { ok: true, value: undefined };
    },
  };
  return { bus, model };
}

function command(id: string, seq: number): Command {
  const issuedAtMs = Date.now();
  const times = { issuedAtMs, expiresAtMs: issuedAtMs + 30_000 };
  return {
    id,
    gatewayId: 'gw-1',
    deviceId: 'meter-1',
    kind: 'disconnect',
    seq,
    operator: 'ann',
    parameters: {},
    ...times,
  };
}

const take = (given: Command): void => executor.take(commandMessage.toBytes(given));
const states = (id: string) => told.filter(({ commandId }) => commandId === id).map(({ state }) => state);
const failing = (): never => {
  throw new Error('disk I/O error');
};

test('a disk that cannot be read after a command does not end the process, and is read again later', async () => {
  const unfinished = vi.spyOn(journal, 'unfinished').mockImplementation(failing);
  take(command('c1', 1));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(states('c1')).toEqual(['accepted', 'executing', 'confirmed']);
  unfinished.mockRestore();
  journal.open('meter-1', command('c0', 0), { commandId: 'c0', state: 'accepted', timeMs: 1, ordinal: 1 });
  await vi.advanceTimersByTimeAsync(6_000);
  // Nothing was written.
  expect(states('c0')).toEqual(['refused']);
});

test('an outcome that the journal did not take is in it before the next command is begun', async () => {
  const real = journal.move.bind(journal);
  const move = vi.spyOn(journal, 'move').mockImplementation(failing).mockImplementationOnce(real);
  take(command('c1', 1));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(journal.find('c1')?.state).toBe('executing');
  take(command('c2', 2));
  expect(states('c2')).toEqual(['refused']);
  move.mockRestore();
  take(command('c3', 3));
  expect(journal.find('c1')?.state).toBe('confirmed');
  expect(states('c3')).toEqual(['accepted']);
});

test('one that is said to be unknown here is not taken later, nor is one that was refused before a restart', async () => {
  executor.disown({ commandId: 'c1', state: 'refused', reason: 'unknown-to-agent', timeMs: Date.now(), ordinal: 0 });
  take(command('c1', 1));
  expect(states('c1')).toEqual(['refused', 'refused']);
  const old = command('c2', 2);
  vi.spyOn(journal, 'open').mockImplementationOnce(failing);
  take(old);
  await executor.stop();
  await vi.advanceTimersByTimeAsync(1_000);
  executor = newExecutor();
  take(old);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(states('c2')).toEqual(['refused', 'refused']);
  expect(writes).toBe(0);
});

test('what cannot be looked up is not called refused: it may have been carried out', async () => {
  take(command('c1', 1));
  await vi.advanceTimersByTimeAsync(1_000);
  const find = vi.spyOn(journal, 'find').mockImplementation(failing);
  take(command('c1', 1));
  expect(states('c1')).toEqual(['accepted', 'executing', 'confirmed']);
  find.mockRestore();
  take(command('c1', 1));
  expect(states('c1')).toEqual(['accepted', 'executing', 'confirmed', 'confirmed']);
  expect(writes).toBe(1);
});

test.each([
  { say: 'expired', waitMs: 40_000, meanwhile: () => undefined, end: 'expired' },
  { say: 'tagged', waitMs: 1_000, meanwhile: () => (tagged = true), end: 'refused' },
  { say: 'left without a list of tags', waitMs: 1_000, meanwhile: () => (tagsKnown = false), end: 'refused' },
  { say: 'overtaken', waitMs: 1_000, meanwhile: () => take(command('c2', 2)), end: 'refused' },
])('what was $say while it waited for the bus is not written', async ({ waitMs, meanwhile, end }) => {
  take(command('c0', 0));
  await vi.advanceTimersByTimeAsync(1_000);
  busFree = new Promise((resolve) => setTimeout(resolve, waitMs));
  take({ ...command('c1', 1), kind: 'connect' });
  await vi.advanceTimersByTimeAsync(500);
  expect(states('c1')).toEqual(['accepted', 'executing']);
  meanwhile();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(states('c1').at(-1)).toBe(end);
  expect(orders).not.toContain(1);
});

test('what waited behind another expires by the time that went by, whatever the clock is set to meanwhile', async () => {
  take(command('c0', 0));
  await vi.advanceTimersByTimeAsync(1_000);
  busFree = new Promise((resolve) => setTimeout(resolve, 40_000));
  take({ ...command('c1', 1), kind: 'connect' });
  await vi.advanceTimersByTimeAsync(500);
  take(command('c2', 2));
  vi.setSystemTime(Date.now() - 60_000);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(states('c2')).toEqual(['accepted', 'expired']);
});
