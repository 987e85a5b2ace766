import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventsResponse } from '@tiepoint/headend/api/contract.ts';
import type { KeyStatus } from '@tiepoint/headend/authority/key-desk.ts';
import {
  command as commandMessage,
  configuration,
  gatewayBirth,
  hostState,
  inquiry,
  tagList,
  trustList,
} from '@tiepoint/protocol';
import type { GatewayBirth } from '@tiepoint/protocol';
import { decodeSign1, placeOf, seal, signerOf } from '@tiepoint/protocol/envelope';
import { parseTopic } from '@tiepoint/protocol';
import { startOwnedLine } from './owned-line.ts';
import type { OwnedLine } from './owned-line.ts';
import { Program } from './program.ts';
import { until } from './until.ts';

const commandTopic = 'tiepoint/v1/gw-1/meter-1/command';
const rogue = signerOf(new Uint8Array(32).fill(9));
/** An agent that would act would have begun by then. */
const settleMs = 1_500;

/** Real head-end, real agents, real devices' wire; the broker between them is somebody else's. One line serves all stories. */
describe('whoever owns the broker', { timeout: 240_000 }, () => {
  let line: OwnedLine;
  beforeAll(async () => (line = await startOwnedLine()), 120_000);
  afterAll(async () => await line?.stop());

  const command = async (kind: 'connect' | 'disconnect', gatewayId = 'gw-1'): Promise<Uint8Array> => {
    const id = `${gatewayId}.meter-1`;
    await line.api.offered(id, kind);
    const { id: commandId } = await line.api.command(id, kind);
    const detail = await line.api.outcome(commandId);
    expect(detail, JSON.stringify(detail)).toMatchObject({ state: 'confirmed' });
    const sent = line.broker.seen.findLast(({ topic }) => topic === `tiepoint/v1/${gatewayId}/meter-1/command`);
    if (sent === undefined) throw new Error('no command passed the broker');
    return sent.payload;
  };
  const writes = (): number => line.writes['gw-1'].length + line.writes['gw-2'].length;
  /** How many writes devices were given by what was said. */
  const writesAfter = async (say: () => Promise<void>): Promise<number> => {
    const before = writes();
    await say();
    await wait(settleMs);
    return writes() - before;
  };
  const forged = (topic: string, content: Uint8Array): Uint8Array => {
    const parsed = parseTopic(topic);
    const place = parsed && placeOf(parsed);
    if (place === undefined) throw new Error(topic);
    return seal(content, place, rogue);
  };
  const birthOf = (gatewayId: string): GatewayBirth | undefined => {
    const born = line.broker.seen.findLast(({ topic }) => topic === `tiepoint/v1/${gatewayId}/birth`);
    const read = born && gatewayBirth.fromBytes(born.payload);
    return read?.ok === true ? read.value : undefined;
  };
  const lastTo = (topic: string): Uint8Array =>
    line.broker.seen.findLast((each) => each.topic === topic)?.payload ?? new Uint8Array();

  test('forges commands: nothing moves, and the operator is told', async () => {
    const honest = await command('disconnect');
    const opened = decodeSign1(honest);
    const read = opened && commandMessage.fromBytes(opened.payload);
    if (opened === undefined || read?.ok !== true) throw new Error('the command cannot be read');
    const nowMs = Date.now();
    const closing = commandMessage.toBytes({
      ...read.value,
      id: 'forged',
      kind: 'connect',
      seq: nowMs,
      issuedAtMs: nowMs,
      expiresAtMs: nowMs + 30_000,
    });
    const altered = Uint8Array.from(honest);
    altered[altered.length - 80]! ^= 1;
    const moved = await writesAfter(async () => {
      await line.broker.say(commandTopic, closing);
      await line.broker.say(commandTopic, forged(commandTopic, closing));
      await line.broker.say(commandTopic, altered);
    });
    expect(moved).toBe(0);
    await until('the operator sees it', async () => {
      const { events } = await line.api.get<EventsResponse>('/api/events');
      return events.some(({ kind, gatewayId }) => kind === 'message-refused' && gatewayId === 'gw-1');
    });
    await command('connect');
  });

  test('replays commands, at once and after others: nothing moves', async () => {
    const disconnect = await command('disconnect');
    await command('connect');
    const moved = await writesAfter(async () => {
      for (let i = 0; i < 5; i++) await line.broker.say(commandTopic, disconnect);
    });
    expect(moved).toBe(0);
  });

  test('redirects a command to another gateway, to another device, as another kind: nothing moves', async () => {
    const disconnect = await command('disconnect');
    await command('connect');
    const moved = await writesAfter(async () => {
      await line.broker.say('tiepoint/v1/gw-2/meter-1/command', disconnect);
      await line.broker.say('tiepoint/v1/gw-1/other/command', disconnect);
      await line.broker.say(commandTopic, lastTo('tiepoint/v1/gw-1/inquiry'));
      await line.broker.say('tiepoint/v1/gw-1/configuration', disconnect);
      await line.broker.say('tiepoint/v1/gw-1/tags', disconnect);
      await line.broker.say('tiepoint/v1/host', disconnect);
    });
    expect(moved).toBe(0);
  });

  test('keeps a command back until it has expired, and tells the time of before: nothing moves', async () => {
    await line.api.offered('gw-1.meter-1', 'disconnect');
    const [host, answer] = [lastTo('tiepoint/v1/host'), lastTo('tiepoint/v1/gw-1/inquiry')];
    line.broker.keepBack(commandTopic);
    const { id } = await line.api.command('gw-1.meter-1', 'disconnect');
    await until(
      'it left the head-end',
      async () => (await line.api.get<{ state: string }>(`/api/commands/${id}`)).state !== 'requested',
    );
    const kept = lastTo(commandTopic);
    await wait(31_000);
    line.broker.keepBack();
    const moved = await writesAfter(async () => {
      await line.broker.say('tiepoint/v1/host', host);
      await line.broker.say('tiepoint/v1/gw-1/inquiry', answer);
      await line.broker.say(commandTopic, kept);
    });
    expect(moved).toBe(0);
    // Which word it is depends on who is there first: the command, or the head-end's question what became of it.
    expect(['expired', 'refused']).toContain((await line.api.outcome(id)).state);
  });

  test('forges configuration, tags, keys and time, or tells old ones again: all stays as it was', async () => {
    const before = birthOf('gw-1');
    const oldTags = lastTo('tiepoint/v1/gw-1/tags');
    await line.api.put('/api/devices/gw-1.meter-1/tag', { cause: 'pole 7' });
    const tagged = await until('the gateway has the tag', () => {
      const birth = birthOf('gw-1');
      return birth?.tagsRevision !== before?.tagsRevision && birth;
    });
    const says: readonly [string, Uint8Array][] = [
      ['configuration', configuration.toBytes({ revision: 99, devices: [] })],
      ['tags', tagList.toBytes({ revision: Date.now() + 1e9, tags: [] })],
      ['trust', trustList.toBytes({ revision: 99, commandKeys: [rogue.publicKey] })],
    ];
    for (const [message, content] of says)
      await line.broker.say(`tiepoint/v1/gw-1/${message}`, forged(`tiepoint/v1/gw-1/${message}`, content));
    await line.broker.say(
      'tiepoint/v1/host',
      forged('tiepoint/v1/host', hostState.toBytes({ online: true, session: 1, timeMs: 1 })),
    );
    await line.broker.say('tiepoint/v1/gw-1/tags', oldTags);
    const births = line.broker.seen.filter(({ topic }) => topic === 'tiepoint/v1/gw-1/birth').length;
    await wait(settleMs);
    expect(line.broker.seen.filter(({ topic }) => topic === 'tiepoint/v1/gw-1/birth')).toHaveLength(births);
    const { tagsRevision, trustRevision, configurationRevision } = birthOf('gw-1') ?? {};
    expect({ tagsRevision, trustRevision, configurationRevision }).toEqual({
      tagsRevision: tagged.tagsRevision,
      trustRevision: 1,
      configurationRevision: 0,
    });
    await line.api.delete('/api/devices/gw-1.meter-1/tag');
    await until('the tag is lifted at the gateway', () => birthOf('gw-1')?.tagsRevision !== tagged.tagsRevision);
    await command('disconnect');
    await command('connect');
  });

  test('the command key is exchanged meanwhile, over a restart; what the old one signed counts no more', async () => {
    const ofOldKey = await command('disconnect');
    await command('connect');
    const admin = await line.api.crew.administrator();
    const { phase } = await admin.call<KeyStatus>('POST', '/api/command-keys/rotation', {
      wish: 'announce',
      cause: 'yearly',
    });
    expect(phase).toBe('announced');
    const status = (): Promise<KeyStatus> => line.api.get<KeyStatus>('/api/command-keys');
    await until('both gateways have the next key, and it signs', async () => (await status()).phase === 'switched');
    expect([birthOf('gw-1')?.trustRevision, birthOf('gw-2')?.trustRevision]).toEqual([2, 2]);
    await command('disconnect');
    await command('connect');
    // A quarter of an hour later.
    await line.headEnd.stop();
    const file = join(line.data, 'keys', 'command-keys.json');
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { rotation: { sinceMs: number } };
    kept.rotation.sinceMs -= 15 * 60_000;
    writeFileSync(file, JSON.stringify(kept));
    line.headEnd.start();
    await until(
      'the old key is retired',
      async () => (await status().catch(() => undefined))?.phase === 'settled',
      30_000,
    );
    await until(
      'both gateways have the list without it',
      () => birthOf('gw-1')?.trustRevision === 3 && birthOf('gw-2')?.trustRevision === 3,
      30_000,
    );
    await line.api.live('gw-1.meter-1');
    const moved = await writesAfter(async () => await line.broker.say(commandTopic, ofOldKey));
    expect(moved).toBe(0);
    await command('disconnect', 'gw-2');
    await command('connect', 'gw-2');
  });

  test('repeats what the head-end asked, without end: the gateway does not talk without end, tells it once, and goes on', async () => {
    const topic = 'tiepoint/v1/gw-1/inquiry';
    const asksBirth = ({ payload }: { payload: Uint8Array }): boolean => {
      const read = inquiry.fromBytes(decodeSign1(payload)?.payload ?? new Uint8Array());
      return read.ok && read.value.rebirth === true;
    };
    // Asked when the head-end came back, in the story before.
    const asked = line.broker.seen.findLast((each) => each.topic === topic && asksBirth(each));
    if (asked === undefined) throw new Error('the head-end never asked for a birth');
    const disconnect = await command('disconnect');
    await command('connect');
    const said = (): number =>
      line.broker.seen.filter((each) => /^tiepoint\/v1\/gw-1\/(birth|meter-1\/(birth|ack))$/.test(each.topic)).length;
    const births = (): number => line.broker.seen.filter((each) => each.topic === 'tiepoint/v1/gw-1/birth').length;
    const [before, bornBefore] = [said(), births()];
    const [beganMs, each] = [Date.now(), 2_000];
    // All at once: told one after the other on a busy machine, it would be no flood.
    for (let sent = 0; sent < each; sent += 250)
      await Promise.all(
        Array.from({ length: 250 }, async () => {
          await line.broker.say(topic, asked.payload);
          await line.broker.say(commandTopic, disconnect);
        }),
      );
    await wait(settleMs);
    const windows = Math.ceil((Date.now() - beganMs) / 5_000) + 1;
    // Two births a window; answers by credit, 1,024 and 64 a second.
    expect(said() - before).toBeLessThanOrEqual(2 * windows + 1_024 + 64 * 5 * windows);
    expect(births() - bornBefore).toBeLessThanOrEqual(windows);
    const told = async (): Promise<number> => {
      const { events } = await line.api.get<EventsResponse>('/api/events?limit=1000');
      return events.filter(({ kind, gatewayId }) => kind === 'asked-too-often' && gatewayId === 'gw-1').length;
    };
    await until('the operator sees it', async () => (await told()) > 0);
    expect(await told()).toBe(1);
    await command('disconnect');
    await command('connect');
  });

  test('all command keys are lost: the recovery key, exported before, wins the gateways back', async () => {
    await line.headEnd.stop();
    const recovery = join(line.data, '..', 'recovery.pem');
    const keys = async (...args: string[]): Promise<string> => {
      const program = new Program(['headend/src/main.ts', 'keys', ...args, '--data', line.data]);
      program.start();
      expect(await program.ended()).toBe(0);
      return program.output;
    };
    await keys('export-recovery', recovery);
    expect(await keys('status')).toContain('recovery key: exported');
    // The authority lies beside them and stays: without it, gateways and operators would have to trust another.
    const folder = join(line.data, 'keys');
    const lost = readdirSync(folder).filter((name) => /^(command-|trust)/.test(name));
    expect(lost.filter((name) => name.endsWith('.pem')).length).toBeGreaterThan(0);
    for (const name of lost) rmSync(join(folder, name));
    await keys('recover', recovery);
    line.headEnd.start();
    await until(
      'both gateways obey the new key',
      () => (birthOf('gw-1')?.trustRevision ?? 0) > 3 && (birthOf('gw-2')?.trustRevision ?? 0) > 3,
      30_000,
    );
    await line.api.live('gw-1.meter-1');
    await command('disconnect');
    await command('connect');
  });
});
