import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { configuration, fleetMode, hostState, inquiry, tagList, trustList } from '@tiepoint/protocol';
import type { Inquiry, Topic } from '@tiepoint/protocol';
import { placeOf, seal, signerOf } from '@tiepoint/protocol/envelope';
import type { Signer } from '@tiepoint/protocol/envelope';
import type { Trust } from '@tiepoint/protocol/field';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from './disk/database.ts';
import { Downlink } from './downlink.ts';
import { readTrustFile, trustOnDisk } from './trust.ts';

const [commandKey, nextKey, recoveryKey, stranger] = [1, 2, 3, 4].map((fill) =>
  signerOf(new Uint8Array(32).fill(fill)),
) as [Signer, Signer, Signer, Signer];
const textOf = ({ publicKey }: Signer): string => Buffer.from(publicKey).toString('base64url');
const trust: Trust = { revision: 4, commandKeys: [textOf(commandKey)], recoveryKey: textOf(recoveryKey) };
const none = (): void => undefined;
const log = { debug: none, info: none, warn: none, error: none, child: () => log };

let directory: string;
let database: DatabaseSync;
let nowMs: number;
let heard: {
  commands: Uint8Array[];
  asked: Inquiry[];
  reads: Uint8Array[];
  modes: string[];
  configured: number;
  births: number;
  refused: [string, number][];
};
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tiepoint-downlink-'));
  database = openDatabase(directory);
  nowMs = 0;
  heard = { commands: [], asked: [], reads: [], modes: [], configured: 0, births: 0, refused: [] };
});
afterEach(() => {
  database.close();
  rmSync(directory, { recursive: true, force: true });
});

function started({ first }: { first: Trust | undefined } = { first: trust }): Downlink {
  const clock = {
    nowMs: () => 1_790_000_000_000 + nowMs,
    monotonicMs: () => nowMs,
    after: () => none,
    every: () => none,
  };
  const downlink = new Downlink(database, {
    first,
    clock,
    log,
    events: {
      command: (_deviceId, content) => heard.commands.push(content),
      asked: (question) => heard.asked.push(question),
      reads: (content) => heard.reads.push(content),
      configured: () => (heard.configured += 1),
      modeChanged: (now) => heard.modes.push(now?.mode.mode ?? 'normal'),
      birthWanted: () => (heard.births += 1),
      refused: (say, count) => heard.refused.push([say, count]),
    },
  });
  downlink.load();
  return downlink;
}

const own = (message: 'inquiry' | 'configuration' | 'trust' | 'tags' | 'mode'): Topic => ({
  of: 'gateway',
  gatewayId: 'gw-1',
  message,
});
const commandTopic: Topic = { of: 'device', gatewayId: 'gw-1', deviceId: 'meter-1', message: 'command' };

/** Comes down on `topic`, signed for `signedFor`. False: it did not pass the gate. */
function down(downlink: Downlink, topic: Topic, content: Uint8Array, signer = commandKey, signedFor = topic): boolean {
  const place = placeOf(signedFor);
  if (place === undefined) throw new Error('nothing comes down there');
  const opened = downlink.open(topic, seal(content, place, signer));
  if (opened !== undefined) downlink.take(topic, opened, false);
  return opened !== undefined;
}

const content = Uint8Array.of(1, 2, 3);

describe('the gate', () => {
  test.each<[string, Topic, Signer, Topic]>([
    ['signed by somebody else', commandTopic, stranger, commandTopic],
    ['signed by the recovery key', commandTopic, recoveryKey, commandTopic],
    ['signed for another gateway', commandTopic, commandKey, { ...commandTopic, gatewayId: 'gw-2' }],
    ['signed as an inquiry', commandTopic, commandKey, own('inquiry')],
    ['tags signed as a configuration', own('tags'), commandKey, own('configuration')],
    ['a time signed as an inquiry', { of: 'host' }, commandKey, own('inquiry')],
    ['a configuration signed by somebody else', own('configuration'), stranger, own('configuration')],
    ['a list of keys signed by somebody else', own('trust'), stranger, own('trust')],
    ['a fleet mode signed by somebody else', own('mode'), stranger, own('mode')],
    ['a fleet mode signed by the recovery key', own('mode'), recoveryKey, own('mode')],
  ])('%s does not pass', (_, topic, signer, signedFor) => {
    expect(down(started(), topic, content, signer, signedFor)).toBe(false);
    expect(heard).toMatchObject({ commands: [], configured: 0, births: 0 });
  });

  test('a command of the head-end passes, whatever its bytes: what it says is looked at behind', () => {
    expect(down(started(), commandTopic, content)).toBe(true);
    expect(heard.commands).toEqual([content]);
  });

  test('any bytes do not pass, and nothing is thrown', () => {
    const downlink = started();
    for (let length = 0; length < 300; length++)
      expect(downlink.open(commandTopic, new Uint8Array(length).fill(length * 7))).toBeUndefined();
  });

  test('what is refused is told at once, and then once a minute with its number', () => {
    const downlink = started();
    for (let i = 0; i < 100; i++) downlink.open(commandTopic, content);
    expect(heard.refused.map(([, count]) => count)).toEqual([1]);
    nowMs = 60_000;
    downlink.open(commandTopic, content);
    expect(heard.refused.map(([, count]) => count)).toEqual([1, 100]);
    expect(heard.refused[0]?.[0]).toContain('command: is no signed command message');
  });

  test('without a list of trusted keys nobody passes, and it says what to do', () => {
    const downlink = started({ first: readTrustFile(join(directory, 'trust.json')) });
    expect(down(downlink, commandTopic, content)).toBe(false);
    expect(downlink.revisions.trustRevision).toBeUndefined();
    expect(heard.refused[0]?.[0]).toContain('enrol it again');
  });
});

describe('the list of trusted keys', () => {
  const listOf = (revision: number, ...keys: Signer[]): Uint8Array =>
    trustList.toBytes({ revision, commandKeys: keys.map(({ publicKey }) => publicKey) });

  test('is renewed by a key of the list, told in a birth, kept over a start', () => {
    const downlink = started();
    expect(down(downlink, commandTopic, content, nextKey)).toBe(false);
    expect(down(downlink, own('trust'), listOf(5, commandKey, nextKey))).toBe(true);
    expect([downlink.revisions.trustRevision, heard.births]).toEqual([5, 1]);
    expect(down(downlink, commandTopic, content, nextKey)).toBe(true);
    const again = started();
    expect(again.revisions.trustRevision).toBe(5);
    expect(down(again, commandTopic, content, nextKey)).toBe(true);
  });

  test('without the old key: the old key is refused', () => {
    const downlink = started();
    down(downlink, own('trust'), listOf(5, nextKey));
    expect(down(downlink, commandTopic, content, commandKey)).toBe(false);
    expect(down(started(), commandTopic, content, commandKey)).toBe(false);
  });

  test('is renewed by the recovery key, too', () => {
    const downlink = started();
    down(downlink, own('trust'), listOf(5, nextKey), recoveryKey);
    expect([down(downlink, commandTopic, content, commandKey), down(downlink, commandTopic, content, nextKey)]).toEqual(
      [false, true],
    );
  });

  test.each<[string, Uint8Array]>([
    ['of an earlier revision', listOf(3, nextKey)],
    ['of the same revision', listOf(4, nextKey)],
    ['without any key', listOf(5)],
    ['that cannot be read', Uint8Array.of(1)],
  ])('one %s changes nothing', (_, bytes) => {
    const downlink = started();
    down(downlink, own('trust'), bytes);
    expect([downlink.revisions.trustRevision, heard.births, down(downlink, commandTopic, content, nextKey)]).toEqual([
      4,
      0,
      false,
    ]);
  });

  test('an older file of the same authority does not take it back; another authority begins anew', () => {
    down(started(), own('trust'), listOf(9, nextKey));
    expect(started().revisions.trustRevision).toBe(9);
    const other: Trust = { revision: 1, commandKeys: [textOf(stranger)], recoveryKey: textOf(stranger) };
    const enrolledAnew = started({ first: other });
    expect([enrolledAnew.revisions.trustRevision, down(enrolledAnew, commandTopic, content, stranger)]).toEqual([
      1,
      true,
    ]);
  });

  test('doctor sees what the gateway would obey', () => {
    down(started(), own('trust'), listOf(9, nextKey));
    writeFileSync(join(directory, 'trust.json'), JSON.stringify(trust));
    database.close();
    expect(trustOnDisk({ trust: join(directory, 'trust.json'), dataDir: directory }).revision).toBe(9);
    expect(trustOnDisk({ trust: join(directory, 'trust.json'), dataDir: '/nowhere' }).revision).toBe(4);
    database = openDatabase(directory);
  });

  test.each([
    ['no JSON', '{'],
    ['too few', JSON.stringify({ ...trust, commandKeys: [] })],
    ['not all', JSON.stringify({ revision: 1 })],
  ])('a file that is %s is an error for the technician', (_, text) => {
    const file = join(directory, 'trust.json');
    writeFileSync(file, text);
    expect(() => readTrustFile(file)).toThrow('enrol the gateway again');
  });
});

describe('tags', () => {
  const told = (revision: number, ...deviceIds: string[]): Uint8Array =>
    tagList.toBytes({ revision, tags: deviceIds.map((deviceId) => ({ deviceId, owner: 'ann', cause: 'pole 7' })) });

  test('are unknown until they are told; then kept over a start; lifted by a higher revision alone', () => {
    const downlink = started();
    const meter = downlink.tags.restraintOf('meter-1', ['pv-1']);
    expect([meter.known(), meter.tag()]).toEqual([false, undefined]);
    down(downlink, own('tags'), told(7, 'meter-1'));
    expect([meter.known(), meter.tag(), downlink.revisions.tagsRevision, heard.births]).toEqual([
      true,
      { owner: 'ann', cause: 'pole 7' },
      7,
      1,
    ]);
    down(downlink, own('tags'), told(6));
    down(downlink, own('tags'), told(7));
    expect(meter.held('disconnect')).toMatchObject({ ok: false, reason: 'tagged' });
    const again = started();
    expect(again.tags.restraintOf('meter-1', []).tag()).toEqual({ owner: 'ann', cause: 'pole 7' });
    down(again, own('tags'), told(8));
    expect(again.tags.restraintOf('meter-1', []).held('disconnect').ok).toBe(true);
  });

  test('of what is behind a switch keep it from being closed, and not from being opened', () => {
    const downlink = started();
    down(downlink, own('tags'), told(7, 'pv-1'));
    const meter = downlink.tags.restraintOf('meter-1', ['pv-1']);
    expect(meter.held('connect')).toMatchObject({
      ok: false,
      reason: 'tagged',
      say: expect.stringContaining('pv-1') as string,
    });
    expect([meter.held('disconnect').ok, meter.tag()]).toEqual([true, undefined]);
  });

  test('a list that cannot be read leaves the tags as they are', () => {
    const downlink = started();
    down(downlink, own('tags'), told(7, 'meter-1'));
    down(downlink, own('tags'), Uint8Array.of(0xa0));
    expect(downlink.tags.restraintOf('meter-1', []).tag()).toBeDefined();
  });
});

test('the time: only the answer to its own birth sets it, and a signed word of before does not', () => {
  const downlink = started();
  const birth = { session: 9, timeMs: 1_790_000_000_000 };
  const answer = (session: number, hostMs: number): Uint8Array =>
    inquiry.toBytes({ timeMs: hostMs, answers: { session, birthMs: birth.timeMs } });
  downlink.begin();
  downlink.introduced(birth);
  down(downlink, { of: 'host' }, hostState.toBytes({ online: true, session: 1, timeMs: 1_790_000_000_000 }));
  down(downlink, own('inquiry'), inquiry.toBytes({ timeMs: 1_790_000_000_000 }));
  down(downlink, own('inquiry'), answer(8, 1_790_000_000_000));
  expect(downlink.timeQuality).toBe('unknown');
  down(downlink, own('inquiry'), answer(9, 1_790_000_000_000));
  expect(downlink.timeQuality).toBe('synchronised');
  nowMs = 3_600_000;
  down(downlink, { of: 'host' }, hostState.toBytes({ online: true, session: 1, timeMs: 1_790_000_000_000 }));
  expect([downlink.timeQuality, heard.births]).toEqual(['unknown', 1]);
});

test('a birth says of which question it is the answer, and one of another session of none', () => {
  const downlink = started();
  const ask = (message: Inquiry): boolean => down(downlink, own('inquiry'), inquiry.toBytes(message));
  const answered = (): number | undefined => downlink.revisions.askedAtMs;
  downlink.begin();
  expect(answered()).toBeUndefined();
  ask({ rebirth: true, askedAtMs: 1_790_000_000_000 });
  ask({ keptEvents: [] });
  expect(answered()).toBe(1_790_000_000_000);
  ask({ rebirth: true, askedAtMs: 1_790_000_010_000 });
  expect([answered(), downlink.timeQuality]).toEqual([1_790_000_010_000, 'unknown']);
  downlink.begin();
  expect(answered()).toBeUndefined();
});

test('a configuration: a higher revision alone, kept over a start', () => {
  const downlink = started();
  const set = (revision: number, periodMs: number): Uint8Array =>
    configuration.toBytes({ revision, devices: [{ deviceId: 'meter-1', periodMs }] });
  down(downlink, own('configuration'), set(3, 8_000));
  down(downlink, own('configuration'), set(3, 9_000));
  down(downlink, own('configuration'), set(2, 9_000));
  expect([heard.configured, downlink.configuration.value.devices[0]?.periodMs]).toEqual([1, 8_000]);
  expect(started().configuration.value.revision).toBe(3);
});

describe('a fleet mode', () => {
  const untilMs = 1_790_000_060_000;
  const storm = (revision: number): Uint8Array => fleetMode.toBytes({ revision, mode: 'storm', untilMs });

  /** The head-end's time becomes known: it is this gateway's own. */
  function told(downlink: Downlink): void {
    const hostMs = 1_790_000_000_000 + nowMs;
    downlink.begin();
    downlink.introduced({ session: 9, timeMs: hostMs });
    down(downlink, own('inquiry'), inquiry.toBytes({ timeMs: hostMs, answers: { session: 9, birthMs: hostMs } }));
  }

  test('a higher revision alone, told in a birth, kept over a start', () => {
    const downlink = started();
    down(downlink, own('mode'), storm(7));
    down(downlink, own('mode'), fleetMode.toBytes({ revision: 7, mode: 'normal' }));
    down(downlink, own('mode'), fleetMode.toBytes({ revision: 6, mode: 'safe', untilMs }));
    expect([downlink.mode.name, downlink.revisions.modeRevision, heard.births, heard.modes]).toEqual([
      'storm',
      7,
      1,
      ['storm'],
    ]);
    const again = started();
    expect([again.mode.name, again.revisions.modeRevision]).toEqual(['storm', 7]);
    down(again, own('mode'), fleetMode.toBytes({ revision: 8, mode: 'normal' }));
    expect([again.mode.name, again.revisions.modeRevision, started().mode.name]).toEqual(['normal', 8, 'normal']);
  });

  test('ends by itself, and not again after a start at which nobody knows the time', () => {
    const downlink = started();
    told(downlink);
    down(downlink, own('mode'), fleetMode.toBytes({ revision: 7, mode: 'safe', untilMs, operator: 'ann' }));
    expect(downlink.mode.refusal).toMatch(/^The gateway is in safe mode until 2026-.*, by ann: it takes no command/);
    nowMs = 60_000;
    downlink.mode.look();
    expect([downlink.mode.name, downlink.mode.refusal, downlink.revisions.modeRevision]).toEqual([
      'normal',
      undefined,
      7,
    ]);
    expect(heard.modes).toEqual(['safe', 'normal']);
    expect(started().mode.name).toBe('normal');
  });

  test('whose end was reached while the gateway was off ends when the time becomes known', () => {
    down(started(), own('mode'), storm(7));
    nowMs = 3_600_000;
    const again = started();
    expect(again.mode.name).toBe('storm');
    told(again);
    expect([again.mode.name, heard.modes]).toEqual(['normal', ['storm', 'storm', 'normal']]);
  });

  test('goes into a database that was begun anew', () => {
    const downlink = started();
    down(downlink, own('mode'), storm(7));
    database.exec('DELETE FROM setting');
    downlink.begunAnew();
    downlink.load();
    expect([downlink.mode.name, started().mode.name]).toEqual(['storm', 'storm']);
  });

  test.each<[string, Uint8Array]>([
    ['that would never end', fleetMode.toBytes({ revision: 9, mode: 'safe' })],
    ['that cannot be read', Uint8Array.of(0xa0)],
  ])('one %s changes nothing', (_, bytes) => {
    const downlink = started();
    down(downlink, own('mode'), storm(7));
    down(downlink, own('mode'), bytes);
    expect([downlink.mode.name, downlink.revisions.modeRevision]).toEqual(['storm', 7]);
  });
});
