import { fleetMode } from '@tiepoint/protocol';
import type { FleetMode, GatewayBirth } from '@tiepoint/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import type { FleetModeOrder } from '../store/store.ts';
import { FleetModes } from './fleet-modes.ts';
import type { ModeWish } from './fleet-modes.ts';
import type { GatewayState } from './gateway-state.ts';

const hourMs = 3_600_000;
const ann = { operator: 'ann', identity: 'account' } as const;
let nowMs: number;
let stored: Map<string, FleetModeOrder>;
let audits: string[];
let sent: { gatewayId: string; mode: FleetMode }[];
let gateways: { gatewayId: string; online: boolean; birth: GatewayBirth }[];
let diskFull: boolean;
let modes: FleetModes;

function anew(): FleetModes {
  let ids = stored.size;
  const fresh = new FleetModes({
    store: {
      fleetModes: () => [...stored.values()],
      putFleetMode: (order, audit) => {
        if (diskFull) return { ok: false, reason: 'not-recorded', say: 'The disk is full.' };
        stored.set(order.id, order);
        audits.push(audit.say);
        return { ok: true, value: undefined };
      },
    },
    publish: (topic, payload) => {
      const read = fleetMode.fromBytes(payload);
      if (!read.ok) throw new Error(read.say);
      sent.push({ gatewayId: topic.split('/')[2] ?? '', mode: read.value });
    },
    gateways: () => gateways as unknown as GatewayState[],
    areaOf: (id) => (id === 'gw-n' ? 'north' : id === 'gw-s' ? 'south' : undefined),
    onChange: () => undefined,
    now: () => nowMs,
    newId: () => `o${(ids += 1)}`,
  });
  fresh.load();
  return fresh;
}

beforeEach(() => {
  nowMs = 1_790_000_000_000;
  stored = new Map();
  audits = [];
  sent = [];
  diskFull = false;
  gateways = ['gw-n', 'gw-s', 'gw-x'].map((gatewayId) => ({ gatewayId, online: true, birth: {} as GatewayBirth }));
  modes = anew();
});

const wish = (changes: Partial<ModeWish> = {}): ModeWish & typeof ann => ({
  mode: 'storm',
  areas: 'all',
  untilMs: nowMs + hourMs,
  cause: 'gale',
  ...ann,
  ...changes,
});
const ordered = (changes: Partial<ModeWish> = {}): FleetModeOrder => {
  const outcome = modes.order(wish(changes));
  if (!outcome.ok) throw new Error(outcome.say);
  return outcome.value;
};
/** The gateways have heard what was sent. */
const heard = (): void => {
  for (const { gatewayId, mode } of sent) {
    const gateway = gateways.find((each) => each.gatewayId === gatewayId);
    if (gateway) gateway.birth = { ...gateway.birth, modeRevision: mode.revision };
  }
  sent = [];
};

test('a gateway that says it has the highest of all revisions keeps no other from being told', () => {
  for (const each of gateways) each.birth = { modeRevision: Number.MAX_SAFE_INTEGER } as GatewayBirth;
  ordered();
  expect(sent.map(({ gatewayId }) => gatewayId)).toEqual(['gw-n', 'gw-s', 'gw-x']);
  modes.tick();
});

test('everybody in the area is told at once, with its end, and nobody else', () => {
  ordered({ areas: ['north'] });
  expect(sent).toMatchObject([
    { gatewayId: 'gw-n', mode: { mode: 'storm', untilMs: nowMs + hourMs, operator: 'ann', cause: 'gale' } },
  ]);
  expect(modes.at('gw-n')?.mode).toBe('storm');
  expect([modes.at('gw-s'), modes.at('gw-x')]).toEqual([undefined, undefined]);
  expect(audits[0]).toMatch(/^Mode storm in north until/);
});

test('it is told again until the birth of the gateway names it', () => {
  ordered();
  expect(modes.state('gw-n', gateways[0]?.birth)).toBe('pending');
  sent = [];
  nowMs += 29_000;
  modes.tick();
  expect(sent).toEqual([]);
  nowMs += 1_000;
  modes.tick();
  expect(sent.map(({ gatewayId }) => gatewayId)).toEqual(['gw-n', 'gw-s', 'gw-x']);
  heard();
  nowMs += 60_000;
  modes.tick();
  expect(sent).toEqual([]);
  expect(modes.state('gw-n', gateways[0]?.birth)).toBe('told');
});

test('where two meet the stricter counts, and the other when that ends', () => {
  ordered({ untilMs: nowMs + 2 * hourMs });
  ordered({ mode: 'safe', areas: ['north'] });
  expect(modes.at('gw-n')?.mode).toBe('safe');
  expect(modes.verdict('gw-n')).toMatchObject({ ok: false, reason: 'safe-mode' });
  expect(modes.verdict('gw-s')).toEqual({ ok: true });
  heard();
  nowMs += hourMs;
  modes.tick();
  expect(modes.verdict('gw-n')).toEqual({ ok: true });
  expect(sent).toMatchObject([{ gatewayId: 'gw-n', mode: { mode: 'storm' } }]);
});

test('ended before its time, normal is told, with a higher revision', () => {
  const { id } = ordered({ areas: ['north'] });
  const before = sent[0]?.mode.revision ?? 0;
  heard();
  expect(modes.end(id, ann)).toMatchObject({ ok: true, value: { ended: { by: 'ann' } } });
  expect(sent).toMatchObject([{ gatewayId: 'gw-n', mode: { mode: 'normal' } }]);
  expect(sent[0]?.mode.revision).toBeGreaterThan(before);
  expect(modes.end(id, ann)).toMatchObject({ ok: false });
});

test('a gateway that was away is told when it is born: of what is in force, and of what was ended meanwhile', () => {
  const { id } = ordered();
  heard();
  modes = anew();
  modes.end(id, ann);
  sent = [];
  modes = anew();
  for (const { gatewayId, birth } of gateways) modes.gatewayBorn(gatewayId, birth);
  expect(sent.map(({ gatewayId, mode }) => `${gatewayId} ${mode.mode}`)).toEqual([
    'gw-n normal',
    'gw-s normal',
    'gw-x normal',
  ]);
  heard();
  const fresh = { gatewayId: 'gw-new', online: true, birth: {} as GatewayBirth };
  modes.gatewayBorn('gw-new', fresh.birth);
  expect(sent).toEqual([]);
});

test('after a restart of the head-end it is in force, and its revision is above the one that gateways have', () => {
  ordered({ mode: 'safe' });
  heard();
  const had = gateways[0]?.birth.modeRevision ?? 0;
  nowMs -= 10 * hourMs;
  modes = anew();
  expect(modes.verdict('gw-x')).toMatchObject({ ok: false });
  modes.tick();
  expect(sent[0]?.mode.revision).toBeGreaterThan(had);
});

describe('refused', () => {
  test.each<readonly [string, Partial<ModeWish>]>([
    ['over already', { untilMs: 1 }],
    ['for more than a week', { untilMs: 1_790_000_000_000 + 8 * 86_400_000 }],
  ])('%s', (_, changes) => {
    expect(modes.order(wish(changes))).toMatchObject({ ok: false, reason: 'invalid' });
    expect(sent).toEqual([]);
  });

  test('what cannot be recorded is not ordered', () => {
    diskFull = true;
    expect(modes.order(wish())).toMatchObject({ ok: false, reason: 'not-recorded' });
    expect(modes.inForce()).toEqual([]);
    expect(sent).toEqual([]);
  });
});

describe('what a gateway goes by', () => {
  const hears = (): void => {
    const last = sent.filter(({ gatewayId }) => gatewayId === 'gw-n').at(-1);
    const birth = { modeRevision: last?.mode.revision } as GatewayBirth;
    gateways = gateways.map((each) => (each.gatewayId === 'gw-n' ? { ...each, birth } : each));
    modes.gatewayBorn('gw-n', birth);
  };

  test('a mode counts there from when it was heard until it is over', () => {
    modes.order(wish());
    expect(modes.heard('gw-n')).toBeUndefined();
    hears();
    expect([modes.heard('gw-n'), modes.heard('gw-s')]).toEqual(['storm', undefined]);
    nowMs += hourMs;
    expect(modes.heard('gw-n')).toBeUndefined();
  });

  test('ended before its time it holds there until that was heard', () => {
    const ordered = modes.order(wish());
    if (!ordered.ok) throw new Error(ordered.say);
    hears();
    modes.end(ordered.value.id, ann);
    expect(modes.heard('gw-n')).toBe('storm');
    hears();
    expect(modes.heard('gw-n')).toBeUndefined();
  });

  test('after a restart of the head-end it is heard anew', () => {
    modes.order(wish());
    hears();
    modes = anew();
    modes.gatewayBorn('gw-n', gateways[0]?.birth ?? ({} as GatewayBirth));
    expect(modes.heard('gw-n')).toBeUndefined();
    hears();
    expect(modes.heard('gw-n')).toBe('storm');
  });
});
