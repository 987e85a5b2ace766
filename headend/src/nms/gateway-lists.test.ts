import { tagList } from '@tiepoint/protocol';
import type { GatewayBirth, TagList } from '@tiepoint/protocol';
import { decodeSign1, signerOf, verifyingKey, openEnvelope } from '@tiepoint/protocol/envelope';
import { describe, expect, test } from 'vitest';
import type { GatewayState } from './gateway-state.ts';
import { signedLink } from './link/signed-link.ts';
import type { Published } from './link/link.ts';
import { resendEveryMs, TagLists } from './tag-lists.ts';
import { TrustLists } from './trust-lists.ts';

const birth: GatewayBirth = {
  protocolVersion: 1,
  session: 1,
  timeMs: 0,
  firmware: 'x',
  deviceIds: ['meter-1'],
  readOnly: false,
  configurationRevision: 0,
};
const gateway = (changes: Partial<GatewayBirth>, online = true): GatewayState => ({
  gatewayId: 'gw-1',
  online,
  session: 1,
  endedSessions: [],
  displacedSessions: [],
  birth: { ...birth, ...changes },
});

describe('tags', () => {
  function told(tags: { deviceKey: string; owner: string; cause: string; sinceMs: number }[] = []) {
    const sent: TagList[] = [];
    const at = { nowMs: 1_000, held: false, gateways: [gateway({})] };
    const lists = new TagLists({
      publish: (topic, payload) => {
        const read = tagList.fromBytes(payload);
        if (topic !== 'tiepoint/v1/gw-1/tags' || !read.ok) throw new Error(topic);
        sent.push(read.value);
      },
      tagsOf: () => tags,
      gateways: () => at.gateways,
      onChange: () => undefined,
      held: () => at.held,
      now: () => at.nowMs,
    });
    return { lists, sent, at };
  }
  const tag = { deviceKey: 'gw-1.meter-1', owner: 'ann', cause: 'pole 7', sinceMs: 0 };

  test('a gateway that was never told is told at its birth, empty as they may be; and then no more', () => {
    const { lists, sent } = told();
    lists.gatewayBorn('gw-1', birth);
    expect(sent).toEqual([{ revision: 1_000, tags: [] }]);
    lists.gatewayBorn('gw-1', { ...birth, tagsRevision: 1_000 });
    expect(sent).toHaveLength(1);
    expect(lists.state(gateway({ tagsRevision: 1_000 }))).toBe('told');
    expect(lists.state(gateway({}))).toBe('pending');
  });

  test('after a restore nobody is told anything until the tags were checked: gateways keep what they have', () => {
    const { lists, sent, at } = told([tag]);
    at.held = true;
    lists.gatewayBorn('gw-1', { ...birth, tagsRevision: 5_000 });
    lists.changed('gw-1.meter-1');
    lists.tick();
    expect(sent).toEqual([]);
  });

  test('a change goes out at once, under a higher revision, and again until it is there', () => {
    const { lists, sent, at } = told([tag]);
    lists.gatewayBorn('gw-1', { ...birth, tagsRevision: 5 });
    at.gateways = [gateway({ tagsRevision: 1_000 })];
    lists.changed('gw-1.meter-1');
    expect(sent.at(-1)).toEqual({ revision: 1_001, tags: [{ deviceId: 'meter-1', owner: 'ann', cause: 'pole 7' }] });
    expect(lists.state(gateway({ tagsRevision: 1_000 }))).toBe('pending');
    at.nowMs += resendEveryMs - 1;
    lists.tick();
    expect(sent).toHaveLength(2);
    at.nowMs += 1;
    lists.tick();
    expect(sent).toHaveLength(3);
    at.gateways = [gateway({ tagsRevision: 1_001 })];
    at.nowMs += resendEveryMs;
    lists.tick();
    expect(sent).toHaveLength(3);
  });

  test('a gateway that has heard more than this head-end knows of is told anew, above that', () => {
    const { lists, sent } = told();
    lists.gatewayBorn('gw-1', { ...birth, tagsRevision: 9_999 });
    expect(sent).toEqual([{ revision: 10_000, tags: [] }]);
  });

  test('one in whose name the highest of all revisions was told is told on, above what it has, once it speaks again', () => {
    const { lists, sent, at } = told();
    lists.gatewayBorn('gw-1', { ...birth, tagsRevision: Number.MAX_SAFE_INTEGER });
    at.gateways = [gateway({ tagsRevision: sent[0]?.revision })];
    lists.changed('gw-1.meter-1');
    expect(sent[1]?.revision).toBe((sent[0]?.revision ?? 0) + 1);
    // After a restart within some births.
    const anew = told();
    for (let births = 0; births < 2; births += 1)
      anew.lists.gatewayBorn('gw-1', { ...birth, tagsRevision: sent[1]?.revision });
    expect(anew.sent[1]?.revision).toBeGreaterThan(sent[1]?.revision ?? Infinity);
  });

  test('of so many that owners and causes would not fit, the tags themselves are told', () => {
    const many = Array.from({ length: 512 }, (_, i) => ({
      ...tag,
      deviceKey: `gw-1.${'m'.repeat(55)}-${i}`,
      cause: 'c'.repeat(300),
    }));
    const { lists, sent } = told(many);
    lists.gatewayBorn('gw-1', birth);
    expect(sent[0]?.tags).toHaveLength(512);
    expect(sent[0]?.tags[0]).toEqual({ deviceId: `${'m'.repeat(55)}-0` });
  });
});

describe('lists of trusted keys', () => {
  function told() {
    const sent: number[] = [];
    const at = { nowMs: 0, gateways: [gateway({ trustRevision: 1 })], newest: 3 };
    const lists = new TrustLists({
      listsAbove: (revision) =>
        [1, 2, 3].filter((each) => each > revision && each <= at.newest).map((each) => Uint8Array.of(each)),
      publishSigned: (topic, payload) => {
        if (topic !== 'tiepoint/v1/gw-1/trust') throw new Error(topic);
        sent.push(...payload);
      },
      gateways: () => at.gateways,
      now: () => at.nowMs,
    });
    return { lists, sent, at };
  }

  test.each<[number | undefined, number[]]>([
    [1, [2, 3]],
    [2, [3]],
    [3, []],
    [undefined, []],
  ])('one with revision %s gets %j, in that order', (trustRevision, missing) => {
    const { lists, sent } = told();
    lists.gatewayBorn('gw-1', { ...birth, trustRevision });
    expect(sent).toEqual(missing);
  });

  test('a new list goes out at once, and again until it is there', () => {
    const { lists, sent, at } = told();
    at.newest = 2;
    lists.changed();
    lists.tick();
    expect(sent).toEqual([2]);
    at.nowMs += resendEveryMs;
    lists.tick();
    expect(sent).toEqual([2, 2]);
    at.gateways = [gateway({ trustRevision: 2 })];
    at.nowMs += resendEveryMs;
    lists.tick();
    expect(sent).toEqual([2, 2]);
  });
});

describe('what goes down is signed', () => {
  const signer = signerOf(new Uint8Array(32).fill(1));
  async function published(
    topic: string,
    content: Uint8Array,
  ): Promise<{ outcome: Published; sent: Uint8Array | undefined }> {
    let sent: Uint8Array | undefined;
    const link = signedLink(
      { publish: (_topic, payload) => ((sent = payload), Promise.resolve({ ok: true as const })) },
      () => signer,
    );
    return { outcome: await link.publish(topic, content, { qos: 1 }), sent };
  }

  test('for its topic', async () => {
    const { outcome, sent } = await published('tiepoint/v1/gw-1/meter-1/command', Uint8Array.of(7));
    const opened = openEnvelope(sent ?? new Uint8Array(), { kind: 'command', gatewayId: 'gw-1' }, () =>
      verifyingKey(signer.publicKey),
    );
    expect([outcome, opened]).toMatchObject([{ ok: true }, { ok: true, content: Uint8Array.of(7) }]);
    expect(decodeSign1(sent ?? new Uint8Array())?.payload).toEqual(Uint8Array.of(7));
  });

  test.each([
    ['what goes up', 'tiepoint/v1/gw-1/meter-1/status', 1, 'invalid'],
    ['no topic of ours', 'x', 1, 'invalid'],
    ['more than fits', 'tiepoint/v1/gw-1/configuration', 70_000, 'too-large'],
  ])('%s is not published', async (_, topic, bytes, reason) => {
    const { outcome, sent } = await published(topic, new Uint8Array(bytes));
    expect([outcome, sent]).toMatchObject([{ ok: false, reason }, undefined]);
  });
});
