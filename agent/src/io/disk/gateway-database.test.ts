import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Acknowledgement, Command } from '@tiepoint/protocol';
import type { Clock } from '../clock.ts';
import { Beginning } from './beginning.ts';
import { openDatabase, UnwritableDisk } from './database.ts';
import { GatewayDatabase, setAsideFiles } from './gateway-database.ts';
import type { SetAside } from './gateway-database.ts';
import { Journal } from './journal.ts';
import { Outbox } from './outbox.ts';

let directory: string;
let exchanges: (SetAside | undefined)[];
let said: string[];
let failures: (string | undefined)[];
let wallMs: number;
let monotonicMs: number;
let timers: { atMs: number; run: () => void }[];
let database: GatewayDatabase;

const clock: Clock = {
  nowMs: () => wallMs,
  monotonicMs: () => monotonicMs,
  after: (delayMs, run) => {
    const timer = { atMs: monotonicMs + delayMs, run };
    timers.push(timer);
    return () => (timers = timers.filter((each) => each !== timer));
  },
  every: () => () => undefined,
};
const log = {
  debug: () => undefined,
  info: (_: object, say: string) => void said.push(say),
  warn: (_: object, say: string) => void said.push(say),
  error: (_: object, say: string) => void said.push(say),
  child: () => log,
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tiepoint-database-'));
  [exchanges, said, timers, failures] = [[], [], [], []];
  wallMs = 1_800_000_000_000;
  monotonicMs = 5_000;
  database = made();
});
afterEach(() => {
  database.stop();
  rmSync(directory, { recursive: true, force: true });
});

function made(open: (directory: string) => DatabaseSync = openDatabase): GatewayDatabase {
  return new GatewayDatabase(directory, {
    clock,
    log,
    openDatabase: open,
    exchanged: (of) => exchanges.push(of),
    failing: (why) => failures.push(why),
  });
}
function pass(ms: number): void {
  monotonicMs += ms;
  wallMs += ms;
  const due = timers.filter(({ atMs }) => atMs <= monotonicMs);
  timers = timers.filter((each) => !due.includes(each));
  for (const { run } of due) run();
}
const path = (): string => join(directory, 'agent.sqlite');
const command = (id: string, issuedAtMs = 1): Command => ({
  gatewayId: 'gw-1',
  id,
  deviceId: 'meter-1',
  kind: 'disconnect',
  seq: 7,
  issuedAtMs,
  expiresAtMs: issuedAtMs + 1,
  operator: 'ann',
});
const ack = (state: Acknowledgement['state'], ordinal: number, commandId: string): Acknowledgement => ({
  commandId,
  state,
  ordinal,
  timeMs: 1_000 + ordinal,
});

/** As a dying card does it: pages in the middle are not what was written. */
function spoilPages(): void {
  const size = statSync(path()).size;
  const file = openSync(path(), 'r+');
  for (let at = 4_096; at < size; at += 4_096) writeSync(file, Buffer.alloc(4_096, 0xa5), 0, 4_096, at);
  closeSync(file);
}

describe('damage', () => {
  test.each([
    { name: 'no database at all', spoil: () => writeFileSync(path(), 'a text that is long enough to be looked at') },
    { name: 'pages overwritten', spoil: spoilPages },
    { name: 'cut short', spoil: () => writeFileSync(path(), readFileSync(path()).subarray(0, 6_000)) },
    {
      name: 'the header zeroed',
      spoil: () => writeFileSync(path(), Buffer.concat([Buffer.alloc(4_096), readFileSync(path()).subarray(4_096)])),
    },
  ])('at the start, $name: set aside under a name that tells when, and begun anew', ({ spoil }) => {
    database.start();
    new Journal(database).open('meter-1', command('c1'), ack('accepted', 1, 'c1'));
    database.stop();
    spoil();
    const spoilt = readFileSync(path());
    database.start();
    expect(exchanges).toEqual([
      {
        file: `${path()}.damaged-2027-01-15T08-00-00-000Z`,
        why: expect.stringMatching(/malformed|not a database|disk image|agent\.sqlite/),
      },
    ]);
    expect(readFileSync(exchanges[0]?.file ?? '').equals(spoilt)).toBe(true);
    expect(said).toEqual([expect.stringMatching(/damaged and were set aside.*no command from before is taken/)]);
    expect(new Journal(database).find('c1')).toBeUndefined();
  });

  test('found in the middle of the work: the call that found it fails, the next one works on a new file', () => {
    database.start();
    const journal = new Journal(database);
    const outbox = new Outbox(database, { maxEntries: 1_000 });
    for (let index = 0; index < 200; index += 1) {
      journal.open('meter-1', command(`c${index}`), ack('accepted', 1, `c${index}`));
      outbox.keepEvent('meter-1', new Uint8Array(500), { session: 1, seq: 1 });
    }
    const before = outbox.keepEvent('meter-1', new Uint8Array(1), { session: 1, seq: 1 });
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    database.exec('PRAGMA shrink_memory');
    spoilPages();
    const failures: string[] = [];
    for (let index = 0; index < 200 && failures.length === 0; index += 1)
      try {
        journal.find(`c${index}`);
        outbox.newest('meter-1', 1_000, 0);
      } catch (error) {
        failures.push(String(error));
      }
    expect(failures).toEqual([expect.stringMatching(/malformed/)]);
    expect(exchanges).toHaveLength(1);
    outbox.count();
    journal.open('meter-1', command('new'), ack('accepted', 1, 'new'));
    expect(journal.find('new')).toMatchObject({ state: 'accepted' });
    // A command under way whose row went with the old file is not taken for one that the new journal holds.
    expect(() => journal.move('meter-1', ack('executing', 2, 'c1'))).toThrow(/begun anew/);
    // What is still on its way under a number of before takes nothing else away.
    const after = outbox.keepEvent('meter-1', new Uint8Array(2), { session: 1, seq: 1 });
    expect(after).toBeGreaterThan(before);
    outbox.remove([before]);
    expect(outbox.newest('meter-1', 10, 0).map(({ id }) => id)).toEqual([after]);
  });

  test('three files are kept, and a disk that damages all is not fed with more', () => {
    for (let round = 0; round < 5; round += 1) {
      database.start();
      database.stop();
      writeFileSync(path(), 'a text that is long enough to be looked at');
      wallMs += 1_000;
      database = made();
    }
    database.start();
    expect(setAsideFiles(directory)).toHaveLength(3);
    const always = made(() => {
      throw Object.assign(new Error('database disk image is malformed'), { errcode: 11 });
    });
    expect(() => always.start()).toThrow(/malformed/);
  });

  test('of a newer program, or in use: refused as before, nothing is set aside', () => {
    database.start();
    database.exec('PRAGMA user_version = 99');
    database.stop();
    expect(() => database.start()).toThrow(/newer agent/);
    expect(readdirSync(directory)).toEqual(['agent.sqlite']);
  });
});

test('a disk that takes nothing at the start: it goes on without, and takes up what lies there when it can', () => {
  database.start();
  new Journal(database).open('meter-1', command('c1'), ack('accepted', 1, 'c1'));
  database.stop();
  let refuses = true;
  database = made((at) => {
    if (refuses) throw new UnwritableDisk('agent.sqlite: unable to open database file. Is the disk full or read-only?');
    return openDatabase(at);
  });
  database.start();
  const journal = new Journal(database);
  expect(() => journal.find('c1')).toThrow(/full or read-only/);
  pass(10_000);
  expect(() => journal.find('c1')).toThrow(/full or read-only/);
  refuses = false;
  pass(10_000);
  expect(journal.find('c1')).toMatchObject({ state: 'accepted' });
  expect(exchanges).toEqual([undefined]);
  expect(said).toEqual([expect.stringMatching(/takes nothing.*commands are refused/), 'the disk takes writes again']);
});

test('a full disk: told once, reading goes on, and it takes writes again by itself', () => {
  database.start();
  const outbox = new Outbox(database, { maxEntries: 250_000 });
  database.exec('PRAGMA max_page_count = 30');
  const fill = (): void => {
    for (let index = 0; index < 100; index += 1)
      outbox.keepEvent('meter-1', new Uint8Array(4_000), { session: 1, seq: 1 });
  };
  expect(fill).toThrow(/full/);
  expect(fill).toThrow(/full/);
  expect(outbox.newest('meter-1', 1, 0)).toHaveLength(1);
  expect(said).toEqual([expect.stringMatching(/takes nothing/)]);
  database.exec('PRAGMA max_page_count = 30000');
  outbox.keepEvent('meter-1', new Uint8Array(4_000), { session: 1, seq: 1 });
  expect(said.at(-1)).toBe('the disk takes writes again');
  expect(exchanges).toEqual([]);
});

describe('since when the journal remembers', () => {
  test('on the head-end’s clock, however wrong this one was at the start', () => {
    wallMs = 0;
    database.start();
    const beginning = new Beginning(database, clock);
    beginning.load({ setAside: false });
    pass(7_000);
    expect(beginning.instantMs('unknown')).toBeUndefined();
    expect(beginning.instantMs('unsynchronised')).toBeUndefined();
    wallMs = 1_800_000_100_000;
    expect(beginning.instantMs('synchronised')).toBe(1_800_000_093_000);
    pass(60_000);
    const again = new Beginning(database, clock);
    again.load({ setAside: false });
    expect(again.instantMs('unknown')).toBe(1_800_000_093_000);
  });

  test('after one that was set aside, as much later as clocks may differ', () => {
    database.start();
    for (const round of ['set aside', 'restart']) {
      const beginning = new Beginning(database, clock);
      beginning.load({ setAside: round === 'set aside' });
      expect(beginning.instantMs('synchronised')).toBe(1_800_000_002_000);
      pass(60_000);
    }
  });

  test('where nobody was sure before a restart, from the restart on', () => {
    database.start();
    new Beginning(database, clock).load({ setAside: false });
    pass(100_000);
    const again = new Beginning(database, clock);
    again.load({ setAside: false });
    pass(3_000);
    expect(again.instantMs('synchronised')).toBe(1_800_000_100_000);
  });
});
