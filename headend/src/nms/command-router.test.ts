import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command as commandMessage, yes } from '@tiepoint/protocol';
import type { Command, DeviceBirth, Status } from '@tiepoint/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqliteStore } from '../store/sqlite-store.ts';
import type { OperationsStore } from '../store/store.ts';
import { CommandRouter } from './command-router.ts';
import type { Published } from './link/link.ts';
import { meterBirth, pvBirth } from './testing/fake-agent.ts';
import type { Standing } from './provisioning/contract-rule.ts';
import { newTwin, twinStep } from './twins.ts';
import type { Twin } from './twins.ts';

const stamp = { session: 1, seq: 0, timeMs: 0, timeQuality: 'unknown' } as const;
const meterStatus: Status = {
  kind: 'meter',
  ...stamp,
  switchState: 'closed',
  loadSideVoltage: 'present',
  control: 'none',
  activePowerW: 1_800,
};

const ada = { operator: 'ada', identity: 'account' } as const;
const contract = { id: 'c-1', operators: ['any'], ratedPowerW: 10_000, fromDay: '1970-01-01' };

let folder: string;
let store: SqliteStore;
let nowMs: number;
let twins: Map<string, Twin>;
let published: Command[];
let outcome: Published | Promise<Published>;
let inquiries: string[];
let recordFails: boolean;
let tag: { owner: string; cause: string } | undefined;
let tagged: string;
let standing: Standing;
let router: CommandRouter;
let runs = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'router-'));
  store = new SqliteStore(folder);
  store.start();
  nowMs = 1_000_000;
  published = [];
  outcome = { ok: true };
  inquiries = [];
  recordFails = false;
  tag = undefined;
  tagged = 'g.meter-1';
  standing = { siteId: 'home', state: 'in-service', missing: [], contracts: [contract] };
  twins = new Map([
    live('meter-1', meterBirth, meterStatus),
    live('pv-1', pvBirth, { kind: 'aas', ...stamp, control: 'none' }),
  ]);
  router = newRouter();
});

afterEach(() => {
  store.stop();
  rmSync(folder, { recursive: true });
});

function live(deviceId: string, birth: DeviceBirth, status: Status): [string, Twin] {
  return [`g.${deviceId}`, twinStep(newTwin('g', deviceId, birth, nowMs), { kind: 'status', status }, nowMs).twin];
}

function newRouter(): CommandRouter {
  let ids = 0;
  const run = (runs += 1);
  const operations: OperationsStore = {
    ...store.operations,
    recordStep: (...step) =>
      recordFails
        ? { ok: false, reason: 'not-recorded', say: 'the disk is full' }
        : store.operations.recordStep(...step),
  };
  return new CommandRouter({
    store: operations,
    twin: (key) => twins.get(key),
    switchedBy: (key) =>
      key === 'g.meter-1' ? [...twins.values()].filter(({ birth }) => birth.switchedBy === 'meter-1') : [],
    tagOf: (key) => (key === tagged ? tag : undefined),
    standing: () => standing,
    obeys: () => true,
    rights: () => yes,
    gatewayOnline: () => true,
    publish: async (_topic, payload) => {
      const decoded = commandMessage.fromBytes(payload);
      if (decoded.ok) published.push(decoded.value);
      return await outcome;
    },
    inquire: (gatewayId, commands) =>
      inquiries.push(...commands.map(({ id, deviceId }) => `${gatewayId}.${deviceId} ${id}`)),
    auditTransition: ({ id }, { state, atMs }) => ({
      atMs,
      who: 'test',
      identity: 'system',
      action: 'command-transition',
      commandId: id,
      say: state,
    }),
    onTransition: () => undefined,
    onDevice: () => undefined,
    now: () => nowMs,
    newId: () => `${run}-${(ids += 1)}`,
  });
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function select(operator = 'ada', deviceKey = 'g.meter-1', kind: 'disconnect' | 'connect' = 'disconnect') {
  return router.select({ operator, identity: 'account', deviceKey, kind, parameters: {} });
}

async function requested(): Promise<string> {
  const selected = select();
  if (!selected.ok) throw new Error(selected.say);
  const operated = router.operate({ ...ada, selectionId: selected.value.id });
  if (!operated.ok) throw new Error(operated.say);
  await settled();
  return operated.value.id;
}

describe('select before operate', () => {
  test('a selection of a clock that was set back holds nothing', () => {
    select();
    nowMs -= 3_600_000;
    expect(select('bob')).toMatchObject({ ok: true });
  });

  test('a selection holds for 30 s, for its operator', () => {
    const selected = select();
    if (!selected.ok) throw new Error(selected.say);
    expect(select('bob')).toMatchObject({ ok: false, reason: 'busy' });
    expect(select('bob', 'g.pv-1')).toMatchObject({ ok: false, reason: 'busy' }); // its route is the same switch
    const { id: selectionId } = selected.value;
    expect(router.operate({ operator: 'bob', identity: 'account', selectionId })).toMatchObject({
      ok: false,
      reason: 'wrong-operator',
    });
    nowMs += 30_000;
    expect(router.operate({ ...ada, selectionId })).toMatchObject({ ok: false, reason: 'not-selected' });
    expect(select('bob')).toMatchObject({ ok: true });
  });

  test.each([
    { name: 'the device is gone', change: () => twins.delete('g.meter-1'), reason: 'unknown-device' },
    { name: 'it is tagged meanwhile', change: () => (tag = { owner: 'bob', cause: 'work' }), reason: 'tagged' },
    {
      name: 'it opened meanwhile',
      change: () => twins.set(...live('meter-1', meterBirth, { ...meterStatus, switchState: 'open' })),
      reason: 'already-so',
    },
    { name: 'it cannot be recorded', change: () => (recordFails = true), reason: 'not-recorded' },
  ])('$name: refused and not sent', async ({ change, reason }) => {
    const selected = select();
    if (!selected.ok) throw new Error(selected.say);
    change();
    expect(router.operate({ ...ada, selectionId: selected.value.id })).toMatchObject({ ok: false, reason });
    await settled();
    router.tick();
    await settled();
    expect(published).toEqual([]);
    expect(store.operations.unfinishedCommands()).toEqual([]);
  });

  test('an AAS whose meter never introduced itself is not disconnected by itself instead', () => {
    twins.delete('g.meter-1');
    expect(select('ada', 'g.pv-1')).toMatchObject({ ok: false, reason: 'never-seen' });
  });

  test('one command at a time, for the AAS and the switch that takes it off', async () => {
    await requested();
    for (const key of ['g.meter-1', 'g.pv-1'])
      expect(select('ada', key)).toMatchObject({ ok: true, value: { verdict: { reason: 'busy' } } });
    const offers = router.offers('g.pv-1').map(({ kind, verdict }) => [kind, verdict.ok ? 'yes' : verdict.reason]);
    // Only the switch is busy: the inverter's own command would not go through it.
    expect(offers).toEqual([
      ['limit-power', 'yes'],
      ['connect', 'busy'],
      ['disconnect', 'busy'],
    ]);
  });

  test('what was refused is in the audit, with what it was and why', () => {
    const limit = router.select({
      operator: 'ada',
      identity: 'account',
      deviceKey: 'g.pv-1',
      kind: 'limit-power',
      parameters: { limitPct: 40 },
    });
    if (!limit.ok) throw new Error(limit.say);
    const { id: selectionId } = limit.value;
    expect(router.cancel({ operator: 'bob', identity: 'account', selectionId })).toMatchObject({
      reason: 'wrong-operator',
    });
    router.operate({ operator: 'bob', identity: 'account', selectionId });
    nowMs += 30_000;
    router.operate({ ...ada, selectionId });
    router.operate({ ...ada, selectionId: 'nothing' });
    router.cancel({ ...ada, selectionId: 'nothing' });
    tag = { owner: 'bob', cause: 'work' };
    select();
    const rows = store.operations.audit({ limit: 10 }).toReversed();
    const told = rows.map(({ who, action, subject, say }) => `${who} ${action} ${subject ?? '-'} ${say.slice(0, 45)}`);
    expect(told).toEqual([
      "ada select g.pv-1 Selected for Limit power to 40 % by pv-1's ow",
      'bob cancel-refused g.pv-1 Giving up a selection refused (wrong-operator',
      'bob operate-refused g.pv-1 Limit power to 40 % refused (wrong-operator):',
      'ada operate-refused g.pv-1 Limit power to 40 % refused (not-selected): T',
      'ada operate-refused - Operating refused (not-selected): The selecti',
      'ada select-refused g.meter-1 Disconnect refused (tagged): Tagged by bob (w',
    ]);
  });

  test('an idempotency key gives the same command, and no other', () => {
    const first = select();
    if (!first.ok) throw new Error(first.say);
    const order = { operator: 'ada', identity: 'account' as const, selectionId: first.value.id, idempotencyKey: 'k' };
    const operated = router.operate(order);
    expect(router.operate(order)).toMatchObject({ ok: true, value: { id: operated.ok ? operated.value.id : '' } });
    expect(router.operate({ ...order, selectionId: 'another' })).toMatchObject({ ok: false, reason: 'conflict' });
  });
});

describe('sending', () => {
  test('what the link refused is sent again with the same id, until it expires', async () => {
    outcome = { ok: false, reason: 'link-down', say: 'no broker' };
    const id = await requested();
    nowMs += 10_000;
    router.tick();
    await settled();
    nowMs += 20_000;
    router.tick();
    await settled();
    expect(published.map((each) => each.id)).toEqual([id, id]);
    expect(store.operations.command(id)).toMatchObject({
      state: 'expired',
      say: 'It could not be sent in time (no broker): nothing was done.',
    });
  });

  test('a tag ends the attempts', async () => {
    outcome = { ok: false, reason: 'busy', say: 'full' };
    const id = await requested();
    tag = { owner: 'bob', cause: 'work' };
    router.tick();
    await settled();
    expect(store.operations.command(id)).toMatchObject({ state: 'refused', reason: 'tagged' });
    expect(published).toHaveLength(1);
  });

  test('nor is a switch closed onto what is tagged behind it, however late the tag came', async () => {
    twins.set(...live('meter-1', meterBirth, { ...meterStatus, switchState: 'open', loadSideVoltage: 'absent' }));
    tagged = 'g.pv-1';
    const early = select('ada', 'g.meter-1', 'connect');
    if (!early.ok) throw new Error(early.say);
    tag = { owner: 'bob', cause: 'work' };
    expect(router.operate({ ...ada, selectionId: early.value.id })).toMatchObject({ reason: 'tagged' });
    expect(select('ada', 'g.meter-1', 'connect')).toMatchObject({ value: { verdict: { reason: 'tagged' } } });
    tag = undefined;
    outcome = { ok: false, reason: 'busy', say: 'full' };
    const late = select('ada', 'g.meter-1', 'connect');
    if (!late.ok) throw new Error(late.say);
    expect(late.value.verdict).toEqual({ ok: true });
    const operated = router.operate({ ...ada, selectionId: late.value.id });
    await settled();
    tag = { owner: 'bob', cause: 'work' };
    router.tick();
    await settled();
    expect(published).toHaveLength(1);
    expect(operated.ok && store.operations.command(operated.value.id)).toMatchObject({
      state: 'refused',
      reason: 'tagged',
    });
  });

  test.each([
    () => ({ ok: false, reason: 'timeout', say: 'the broker did not say' }) as const,
    () => Promise.reject(new Error('a link that fails in the midst')),
  ])('it may have been sent: never again, asked after the expiry', async (tells) => {
    outcome = tells();
    const id = await requested();
    router.gatewayBorn('g');
    for (let second = 0; second < 40; second += 1) {
      nowMs += 1_000;
      router.tick();
      await settled();
    }
    expect(published).toHaveLength(1);
    expect(store.operations.command(id)?.state).toBe('unknown');
    expect(inquiries).toEqual([`g.meter-1 ${id}`]);
    nowMs += 60_000;
    router.tick();
    expect(inquiries).toHaveLength(2);
  });

  test.each([
    { says: 'nothing: it does not expire as never sent', word: undefined, state: 'requested' },
    { says: 'more: what follows is waited for, and asked, all the same', word: 'executing', state: 'executing' },
  ] as const)('the broker has not said yet that it took it, and the agent says $says', async ({ word, state }) => {
    let taken: (() => void) | undefined;
    outcome = new Promise((resolve) => (taken = () => resolve({ ok: true })));
    const id = await requested();
    if (word) router.acknowledged('g', 'meter-1', { commandId: id, state: word, timeMs: 1, ordinal: 2 });
    nowMs += 40_000;
    router.tick();
    expect(store.operations.command(id)?.state).toBe(state);
    taken?.();
    await settled();
    nowMs += 80_000;
    router.tick();
    expect(store.operations.command(id)?.state).toBe('unknown');
    expect(inquiries).toEqual([`g.meter-1 ${id}`]);
  });

  test('sent, but the record of that failed: not sent again, recorded later', async () => {
    const selected = select();
    if (!selected.ok) throw new Error(selected.say);
    const operated = router.operate({ ...ada, selectionId: selected.value.id });
    recordFails = true;
    await settled();
    router.tick();
    await settled();
    recordFails = false;
    router.tick();
    expect(published).toHaveLength(1);
    expect(operated.ok && store.operations.command(operated.value.id)?.state).toBe('sent');
  });

  test('a word that cannot be recorded changes nothing, and is taken when it comes again', async () => {
    const id = await requested();
    recordFails = true;
    const ack = { commandId: id, state: 'confirmed' as const, timeMs: 1, ordinal: 3 };
    router.acknowledged('g', 'meter-1', ack);
    expect(store.operations.command(id)?.state).toBe('sent');
    recordFails = false;
    router.acknowledged('g', 'meter-1', ack);
    expect(store.operations.command(id)?.state).toBe('confirmed');
    expect(router.activeAt('g.meter-1')).toBeUndefined();
  });

  test('a word about what was overtaken does not hide what overtook it, and what is left is still under way', async () => {
    twins.set(...live('meter-1', meterBirth, { ...meterStatus, switchState: 'open', loadSideVoltage: 'absent' }));
    const closing = select('ada', 'g.meter-1', 'connect');
    const first = closing.ok ? router.operate({ ...ada, selectionId: closing.value.id }) : closing;
    await settled();
    twins.set(...live('meter-1', meterBirth, meterStatus));
    const second = await requested();
    const firstId = first.ok ? first.value.id : '';
    router.acknowledged('g', 'meter-1', { commandId: firstId, state: 'accepted', timeMs: 1, ordinal: 0 });
    expect(router.activeAt('g.meter-1')?.id).toBe(second);
    router.acknowledged('g', 'meter-1', { commandId: second, state: 'confirmed', timeMs: 1, ordinal: 0 });
    expect(router.activeAt('g.meter-1')?.id).toBe(firstId);
    router.acknowledged('g', 'meter-1', { commandId: firstId, state: 'failed', timeMs: 2, ordinal: 1 });
    expect(router.activeAt('g.meter-1')).toBeUndefined();
  });

  test('numbers rise for a device, and words of others are strays', async () => {
    const id = await requested();
    router.acknowledged('g', 'pv-1', { commandId: id, state: 'confirmed', timeMs: 1, ordinal: 1 });
    router.acknowledged('g', 'meter-1', { commandId: 'nothing', state: 'confirmed', timeMs: 1, ordinal: 1 });
    expect(router.strayWords).toBe(2);
    router.acknowledged('g', 'meter-1', { commandId: id, state: 'refused', reason: 'local', timeMs: 1, ordinal: 1 });
    await requested();
    expect(published.map(({ seq }) => seq)).toEqual([1_000_000, 1_000_001]);
  });
});

describe('a restart', () => {
  test('found requested: unknown, asked after the expiry, not sent again even when that cannot be recorded', async () => {
    outcome = { ok: false, reason: 'link-down', say: 'no broker' };
    const id = await requested();
    outcome = { ok: true };
    recordFails = true;
    router = newRouter();
    router.load();
    router.tick();
    await settled();
    expect(published).toHaveLength(1);
    recordFails = false;
    router.tick();
    await settled();
    expect(store.operations.command(id)?.state).toBe('unknown');
    expect(router.activeAt('g.meter-1')?.id).toBe(id);
    expect(inquiries).toEqual([]);
    nowMs += 32_000;
    router.tick();
    expect(inquiries).toEqual([`g.meter-1 ${id}`]);
    expect(published).toHaveLength(1);
  });
});
