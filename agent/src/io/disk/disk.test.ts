import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Acknowledgement, Command } from '@tiepoint/protocol';
import { openDatabase } from './database.ts';
import { Journal } from './journal.ts';
import { Outbox } from './outbox.ts';

let directory: string;
let database: DatabaseSync;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tiepoint-disk-'));
  database = openDatabase(directory);
});

afterEach(() => {
  if (database.isOpen) database.close();
  rmSync(directory, { recursive: true, force: true });
});

const command: Command = {
  id: 'c1',
  deviceId: 'meter-1',
  kind: 'disconnect',
  seq: 7,
  issuedAtMs: 1,
  expiresAtMs: 2,
  operator: 'ann',
};
const ack = (state: Acknowledgement['state'], ordinal: number, commandId = 'c1'): Acknowledgement => ({
  commandId,
  state,
  ordinal,
  timeMs: 1_000 + ordinal,
});

function reopen(): Journal {
  database.close();
  database = openDatabase(directory);
  return new Journal(database);
}

test('a command is remembered over a restart, with its state and its spent sequence', () => {
  const journal = new Journal(database);
  journal.open('meter-1', command, ack('accepted', 1));
  journal.move('meter-1', ack('executing', 2));
  const again = reopen();
  expect(again.find('c1')).toMatchObject({ command, state: 'executing', ordinal: 2 });
  expect(again.lastSequence('meter-1')).toBe(7);
  expect(again.lastSequence('meter-2')).toBeUndefined();
  expect(again.unfinished().map(({ command: { id } }) => id)).toEqual(['c1']);
});

test('acknowledgements wait until the broker has them', () => {
  const journal = new Journal(database);
  journal.open('meter-1', command, ack('accepted', 1));
  journal.move('meter-1', ack('executing', 2));
  journal.move('meter-1', ack('confirmed', 3));
  expect(journal.unsent().map(({ ordinal }) => ordinal)).toEqual([1, 2, 3]);
  journal.markSent([{ commandId: 'c1', ordinal: 2 }]);
  expect(
    reopen()
      .unsent()
      .map(({ ordinal }) => ordinal),
  ).toEqual([3]);
});

test('a refused command spends its id, not its sequence', () => {
  const journal = new Journal(database);
  journal.open('meter-1', { ...command, seq: 9e15 }, ack('refused', 1));
  expect(journal.find('c1')).toMatchObject({ deviceId: 'meter-1', state: 'refused' });
  expect(journal.lastSequence('meter-1')).toBeUndefined();
});

test('a command made on the gateway itself spends its id, and no sequence of the head-end', () => {
  const journal = new Journal(database);
  journal.open('meter-1', { ...command, seq: 9_999 }, ack('accepted', 1), { spends: false });
  expect(journal.find('c1')).toMatchObject({ state: 'accepted' });
  expect(journal.lastSequence('meter-1')).toBeUndefined();
});

test('the same command cannot be opened twice', () => {
  const journal = new Journal(database);
  journal.open('meter-1', command, ack('accepted', 1));
  expect(() => journal.open('meter-1', command, ack('accepted', 1))).toThrow(/UNIQUE/);
  expect(journal.find('c1')?.ordinal).toBe(1);
});

// Ten thousand writes that each reach the disk.
test('pruning forgets finished commands, never open ones, never spent sequences', { timeout: 60_000 }, () => {
  const journal = new Journal(database);
  for (let i = 0; i < 5_010; i++) {
    const id = `c${i}`;
    journal.open('meter-1', { ...command, id, seq: i }, ack('accepted', 1, id));
    if (i > 0) journal.move('meter-1', ack('confirmed', 2 + i, id));
  }
  journal.prune();
  expect(journal.find('c0')).toBeDefined();
  expect(journal.find('c5')).toBeUndefined();
  expect(journal.find('c5009')).toBeDefined();
  expect(journal.lastSequence('meter-1')).toBe(5_009);
});

test('the outbox gives the newest first and forgets what was taken', () => {
  const outbox = new Outbox(database, { maxEntries: 1_000 });
  for (let i = 0; i < 5; i++) outbox.keepStatus('pv-1', Uint8Array.of(i));
  outbox.flush();
  outbox.keepEvent('pv-1', Uint8Array.of(9), { session: 1, seq: 9 });
  const newest = outbox.newest('pv-1', 3, 0);
  expect(newest.map(({ bytes }) => bytes[0])).toEqual([9, 4, 3]);
  outbox.remove(newest.map(({ id }) => id));
  expect(outbox.size).toBe(3);
  reopen();
  expect(new Outbox(database, { maxEntries: 1_000 }).newest('pv-1', 9, 0).map(({ bytes }) => bytes[0])).toEqual([
    2, 1, 0,
  ]);
});

test('an event that the broker has is offered again until the head-end has it, each time later', () => {
  const outbox = new Outbox(database, { maxEntries: 1_000 });
  const name = { session: 1, seq: 9 };
  const id = outbox.keepEvent('pv-1', Uint8Array.of(9), name);
  const isOffered = (nowMs: number) =>
    outbox.nextDevice('', nowMs) === 'pv-1' && outbox.newest('pv-1', 3, nowMs).length === 1;
  outbox.sentEvent(id, 0);
  expect([isOffered(29_999), isOffered(30_000)]).toEqual([false, true]);
  outbox.sentEvent(id, 30_000);
  expect([isOffered(89_999), isOffered(90_000)]).toEqual([false, true]);
  outbox.sentEvent(id, 90_000);
  outbox.offerAgain();
  expect(isOffered(90_001)).toBe(true);
  outbox.keptEvent('pv-1', { session: 2, seq: 9 });
  outbox.keptEvent('pv-2', name);
  expect(outbox.size).toBe(1);
  reopen();
  const again = new Outbox(database, { maxEntries: 1_000 });
  again.count();
  expect(again.newest('pv-1', 3, 0)).toHaveLength(1);
  again.keptEvent('pv-1', name);
  expect([again.size, again.nextDevice('', 90_000)]).toEqual([0, undefined]);
});

test('at its bound the outbox gives up the oldest statuses before any event, and counts them', () => {
  const outbox = new Outbox(database, { maxEntries: 100 });
  outbox.keepEvent('pv-1', Uint8Array.of(200), { session: 1, seq: 200 });
  for (let i = 0; i < 150; i++) outbox.keepStatus('pv-1', Uint8Array.of(i));
  outbox.flush();
  expect(outbox.size).toBe(100);
  expect(outbox.dropped).toBe(51);
  const kept = outbox.newest('pv-1', 200, 0).map(({ bytes }) => bytes[0]);
  expect(kept[0]).toBe(149);
  expect(kept.at(-1)).toBe(200);
});

test('what was committed survives kill -9', async () => {
  database.close();
  const script = join(directory, 'writer.ts');
  const here = import.meta.dirname;
  writeFileSync(
    script,
    `import { openDatabase } from ${JSON.stringify(join(here, 'database.ts'))};
     import { Outbox } from ${JSON.stringify(join(here, 'outbox.ts'))};
     const outbox = new Outbox(openDatabase(${JSON.stringify(directory)}), { maxEntries: 1e6 });
     for (let i = 0; ; i++) { outbox.keepEvent('pv-1', Uint8Array.of(i % 251), { session: 1, seq: i }); process.stdout.write(i + '\\n'); }`,
  );
  const writer = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  writer.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.length > 2_000) writer.kill('SIGKILL');
  });
  await once(writer, 'close');
  const told = Number(said.trimEnd().split('\n').at(-1)) + (said.endsWith('\n') ? 1 : 0);
  database = openDatabase(directory);
  const again = new Outbox(database, { maxEntries: 1e6 });
  again.count();
  expect(again.size).toBeGreaterThanOrEqual(told);
});

test('a second agent on the same disk is told so', () => {
  new Journal(database).open('meter-1', command, ack('accepted', 1));
  expect(() => openDatabase(directory)).toThrow(/agent\.sqlite: .*is no other agent running on it\?/);
}, 10_000);

test('a directory that cannot be is told with its path', () => {
  writeFileSync(join(directory, 'file'), '');
  expect(() => openDatabase(join(directory, 'file', 'data'))).toThrow(/file\/data\/agent\.sqlite: /);
});
