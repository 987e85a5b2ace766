import { encodeStatus, formatTopic, gatewayBirth, deviceBirth } from '@tiepoint/protocol';
import type { DeviceEvent, Status } from '@tiepoint/protocol';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { TelemetryWriter } from '../store/telemetry-writer.ts';
import type { TelemetryBatch, TelemetryStore } from '../store/store.ts';
import { Fleet } from './fleet.ts';
import { Ingest } from './ingest.ts';
import { Inquirer } from './inquirer.ts';
import { meterBirth, pvBirth } from './testing/fake-agent.ts';

let nowMs: number;
let batches: TelemetryBatch[];
let asked: string[];
let changed: string[];
let fleet: Fleet;
let writer: TelemetryWriter;
let ingest: Ingest;

beforeEach(() => {
  nowMs = 1_000_000;
  batches = [];
  asked = [];
  changed = [];
  const store = {
    write: (batch: TelemetryBatch) => (
      batches.push(batch),
      { ok: true, value: { samples: 0, known: 0, tooOld: 0, events: [] } }
    ),
  };
  writer = new TelemetryWriter(store as unknown as TelemetryStore, () => undefined);
  const inquirer = new Inquirer(
    (topic) => asked.push(topic),
    () => nowMs,
  );
  fleet = new Fleet({
    writer,
    inquirer,
    onDevice: (key) => changed.push(key),
    onGateway: () => undefined,
    onGatewayBorn: () => undefined,
    onAcknowledged: () => undefined,
    heldMode: () => undefined,
    now: () => nowMs,
    limits: { maxGateways: 101, maxDevices: 10_001 },
  });
  ingest = new Ingest(
    Object.assign(fleet, {
      gatewayEvent: () => undefined,
      intervals: () => undefined,
      reading: () => undefined,
    }),
    () => nowMs,
  );
});

const hear = (
  message: 'birth' | 'status',
  payload: Uint8Array,
  gatewayId = 'g',
  deviceId?: string,
  retained = false,
): void => {
  const topic =
    deviceId === undefined
      ? formatTopic({ of: 'gateway', gatewayId, message: 'birth' })
      : formatTopic({ of: 'device', gatewayId, deviceId, message });
  ingest.hear({ topic, payload, retained });
};
const born = (session: number, deviceIds: readonly string[], gatewayId = 'g', protocolVersion = 1): void =>
  hear(
    'birth',
    gatewayBirth.toBytes({
      protocolVersion,
      session,
      timeMs: nowMs,
      firmware: 'f',
      deviceIds,
      readOnly: false,
      configurationRevision: 0,
    }),
    gatewayId,
  );
const deviceBorn = (session: number, deviceId: string, gatewayId = 'g', birth = meterBirth): void =>
  hear('birth', deviceBirth.toBytes({ ...birth, session }), gatewayId, deviceId);
const status = (session: number, seq: number, deviceId = 'm', gatewayId = 'g', more: Partial<Status> = {}): void => {
  const told = {
    kind: 'meter',
    session,
    seq,
    timeMs: nowMs,
    timeQuality: 'synchronised',
    activePowerW: seq,
    ...more,
  } as Status;
  hear('status', encodeStatus(told).bytes, gatewayId, deviceId);
};
const refusals = (): object => Object.fromEntries(ingest.counts().refused);
const events = (): string[] => (writer.flushAll(), batches.flatMap((batch) => batch.events.map(({ kind }) => kind)));

describe('who may be heard', () => {
  test.each([
    { name: 'a device of an unknown gateway', say: () => deviceBorn(1, 'm'), counts: { 'unknown-device': 1 }, asks: 1 },
    {
      name: 'a device that its gateway did not name',
      say: () => (born(1, []), deviceBorn(1, 'm')),
      counts: { 'not-listed': 1 },
      asks: 1,
    },
    {
      name: 'a status before the device’s birth',
      say: () => (born(1, ['m']), status(1, 0)),
      counts: { 'unknown-device': 1 },
      asks: 1,
    },
    {
      name: 'a session that nobody announced',
      say: () => (born(1, ['m']), deviceBorn(1, 'm'), status(2, 0)),
      counts: { 'other-session': 1 },
      asks: 1,
    },
    {
      name: 'a session that is over',
      say: () => (born(1, ['m']), born(2, ['m']), deviceBorn(1, 'm')),
      counts: { 'other-session': 1 },
      asks: 1,
    },
    {
      name: 'another kind than introduced',
      say: () => (born(1, ['m']), deviceBorn(1, 'm', 'g', pvBirth), status(1, 0)),
      counts: { 'kind-mismatch': 1 },
      asks: 0,
    },
    {
      name: 'a newer protocol',
      say: () => born(1, [], 'g', 2),
      counts: { 'protocol-version': 1 },
      asks: 0,
    },
    {
      name: 'what a broker kept',
      say: () => hear('status', new Uint8Array([1]), 'g', 'm', true),
      counts: { retained: 1 },
      asks: 0,
    },
    {
      name: 'too many gateways',
      say: () => Array.from({ length: 102 }, (_, index) => born(1, [], `g${index}`)),
      counts: { full: 1 },
      asks: 0,
    },
  ])('$name', ({ say, counts, asks }) => {
    say();
    expect(refusals()).toEqual(counts);
    expect(asked).toHaveLength(asks);
    expect([...fleet.twins()].every(({ liveness }) => liveness === 'never')).toBe(true);
  });

  test('down topics, foreign topics and any bytes: counted, and nothing is thrown', () => {
    ingest.hear({ topic: 'tiepoint/v1/g/inquiry', payload: new Uint8Array(), retained: false });
    ingest.hear({ topic: 'tiepoint/v1/g/m/command', payload: new Uint8Array(), retained: false });
    ingest.hear({ topic: 'tiepoint/v1/host', payload: new Uint8Array(), retained: false });
    expect(refusals()).toEqual({ direction: 2, topic: 1 });
    born(1, ['m']);
    deviceBorn(1, 'm');
    const topics = ['birth', 'death', 'm/birth', 'm/death', 'm/status', 'm/event', 'm/ack', 'm/history'].map(
      (rest) => `tiepoint/v1/g/${rest}`,
    );
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(...topics), fc.string()),
        fc.uint8Array({ maxLength: 80 }),
        (topic, payload) => {
          ingest.hear({ topic, payload, retained: false });
        },
      ),
    );
    expect(ingest.counts().latest.length).toBeLessThanOrEqual(50);
  });
});

describe('sessions of a gateway', () => {
  test('one death, one event, every device stale', () => {
    born(1, ['m', 'n']);
    for (const id of ['m', 'n']) {
      deviceBorn(1, id);
      status(1, 0, id);
    }
    expect(fleet.gatewayDied('g', { session: 9, cause: 'line-lost' })).toMatchObject({ reason: 'other-session' });
    expect(fleet.devicesOf('g').map(({ liveness }) => liveness)).toEqual(['live', 'live']);
    expect(fleet.gatewayDied('g', { session: 1, cause: 'line-lost' })).toBeUndefined();
    expect(fleet.devicesOf('g').map(({ liveness, deathCause }) => `${liveness} ${deathCause}`)).toEqual([
      'lost line-lost',
      'lost line-lost',
    ]);
    expect(events()).toEqual(['gateway-born', 'device-born', 'device-born', 'gateway-died']);
  });

  test('a new birth without a device ends it', () => {
    born(1, ['m', 'n']);
    deviceBorn(1, 'm');
    deviceBorn(1, 'n');
    status(1, 0);
    born(2, ['n']);
    expect(fleet.twin('g.m')?.deathCause).toBe('removed');
    expect(fleet.devicesOf('g').map(({ key, deathCause }) => [key, deathCause])).toEqual([['g.n', 'line-lost']]);
    expect([...fleet.twins()].map(({ key }) => key)).toEqual(['g.n']);
    writer.flushAll();
    expect(batches.flatMap((batch) => batch.removedDevices)).toEqual(['g.m']);
    born(3, ['m', 'n']);
    deviceBorn(3, 'm');
    expect([...fleet.twins()].map(({ key }) => key)).toEqual(['g.m', 'g.n']);
  });

  test('a device that died with its gateway, and is not there when that returns, is no longer of the fleet', () => {
    born(1, ['m', 'n']);
    deviceBorn(1, 'm');
    deviceBorn(1, 'n');
    status(1, 0);
    fleet.gatewayDied('g', { session: 1, cause: 'line-lost' });
    expect([...fleet.twins()]).toHaveLength(2);
    for (const session of [2, 3]) born(session, ['n']);
    expect(fleet.twin('g.m')).toMatchObject({ deathCause: 'removed', liveness: 'lost' });
    expect([...fleet.twins()].map(({ key }) => key)).toEqual(['g.n']);
    expect(events().filter((kind) => kind === 'device-died')).toHaveLength(1);
  });

  test('a head-end that was away takes the session up, and asks for a birth', () => {
    born(1, ['m']);
    deviceBorn(1, 'm');
    status(1, 3);
    const [gateway, twin] = [fleet.gateway('g'), fleet.twin('g.m')];
    if (gateway?.birth === undefined || twin?.status === undefined) throw new Error('nothing to remember');
    const { birth, bornAtMs = 0 } = gateway;
    asked.length = 0;
    nowMs += 60_000;
    fleet.load(
      [{ gatewayId: 'g', birth, bornAtMs }],
      [{ deviceKey: 'g.m', birth: twin.birth, bornAtMs, lastStatus: { status: twin.status, receivedAtMs: bornAtMs } }],
    );
    expect(fleet.twin('g.m')).toMatchObject({ liveness: 'lost', status: { activePowerW: 3 } });
    status(1, 20);
    expect(fleet.twin('g.m')).toMatchObject({
      liveness: 'live',
      status: { activePowerW: 20 },
      line: { lostMessages: 0 },
    });
    expect(fleet.gateway('g')?.online).toBe(true);
    expect(asked).toEqual(['tiepoint/v1/g/inquiry']);
  });

  describe('one that left without a word', () => {
    const after = (seconds: number, linkUp = true): void => {
      for (let second = 0; second < seconds; second += 1) {
        nowMs += 1_000;
        fleet.sweep(linkUp);
      }
    };
    const shown = (): string => {
      const { online, deathCause, session } = fleet.gateway('g') ?? {};
      return `${online ? 'online' : 'offline'} ${deathCause ?? '-'} ${session ?? '-'}`;
    };

    test('is asked when all its devices are lost, then off line, and on line when it is heard again', () => {
      born(1, ['m']);
      deviceBorn(1, 'm');
      status(1, 0);
      after(12);
      expect([asked.length, shown()]).toEqual([0, 'online - 1']);
      after(26);
      expect([asked.length, shown()]).toEqual([3, 'online - 1']); // asked for 25 s, every 10 s
      after(1);
      expect(shown()).toBe('offline silent 1');
      status(1, 5);
      expect(shown()).toBe('online - 1');
      expect(fleet.twin('g.m')?.liveness).toBe('live');
      expect(events().slice(2)).toEqual([
        'device-lost',
        'gateway-died',
        'gateway-born',
        'messages-lost',
        'device-live',
      ]);
    });

    test('without devices: asked after three minutes; a birth answers for three more', () => {
      born(1, []);
      after(180);
      expect(asked).toHaveLength(0);
      after(5);
      expect(asked).toHaveLength(1);
      born(1, []);
      after(180);
      expect([asked.length, shown()]).toEqual([1, 'online - 1']);
      after(30);
      expect(shown()).toBe('offline silent 1');
      born(1, []);
      expect(shown()).toBe('online - 1');
      expect(events()).toEqual(['gateway-born', 'gateway-died', 'gateway-born']);
    });

    test('a gateway whose bus is dead answers, and is asked again after three minutes alone', () => {
      born(1, ['m']);
      deviceBorn(1, 'm');
      status(1, 0);
      after(15);
      born(1, ['m']);
      after(175);
      expect([asked.length, shown()]).toEqual([1, 'online - 1']);
      after(10);
      expect(asked).toHaveLength(2);
    });

    test('nothing is said of it while the broker itself is away, or while its devices never reported', () => {
      born(1, ['m']);
      deviceBorn(1, 'm');
      after(100);
      expect([asked.length, shown()]).toEqual([0, 'online - 1']);
      status(1, 0);
      after(15);
      after(1_000, false);
      expect([asked.length, shown()]).toEqual([1, 'online - 1']);
      after(26);
      expect(shown()).toBe('online - 1');
    });
  });

  test('births are asked for once in 10 s, however much is missing', () => {
    for (let second = 0; second < 25; second += 1) {
      status(1, 0);
      nowMs += 1_000;
    }
    expect(asked).toHaveLength(3);
  });
});

test('history is kept and never live', () => {
  born(1, ['m']);
  deviceBorn(1, 'm');
  const past: Status = {
    kind: 'meter',
    session: 77,
    seq: 1,
    timeMs: 5_000,
    timeQuality: 'synchronised',
    activePowerW: 1,
  };
  const event: DeviceEvent = {
    session: 77,
    seq: 2,
    timeMs: 6_000,
    timeQuality: 'synchronised',
    kind: 'switch-changed',
    to: 'open',
  };
  fleet.history('g', 'm', [
    { of: 'status', status: past },
    { of: 'event', event },
  ]);
  expect(fleet.twin('g.m')?.liveness).toBe('never');
  expect(fleet.twin('g.m')?.status).toBeUndefined();
  writer.flushAll();
  expect(batches[0]?.samples).toEqual([{ deviceKey: 'g.m', atMs: 5_000, status: past }]);
  expect(batches[0]?.lastStatuses).toEqual([]);
  expect(batches[0]?.events.at(-1)).toMatchObject({ late: true, kind: 'switch-changed' });
});

test('10,000 devices: each is followed, and silence makes each late and lost once', () => {
  for (let gateway = 0; gateway < 100; gateway += 1) {
    const ids = Array.from({ length: 100 }, (_, index) => `m${index}`);
    born(1, ids, `g${gateway}`);
    for (const id of ids) {
      deviceBorn(1, id, `g${gateway}`);
      status(1, 0, id, `g${gateway}`);
    }
  }
  const count = (): object =>
    Object.groupBy(
      [...fleet.twins()].map(({ liveness }) => liveness),
      (each) => each,
    );
  expect(Object.values(count()).map((each) => each.length)).toEqual([10_000]);
  changed.length = 0;
  for (const silentMs of [4_000, 8_001, 9_000, 12_001, 20_000]) {
    nowMs = 1_000_000 + silentMs;
    fleet.sweep(true);
  }
  expect(Object.keys(count())).toEqual(['lost']);
  expect(changed).toHaveLength(20_000);
  expect(events().filter((kind) => kind === 'device-lost')).toHaveLength(10_000);
});
