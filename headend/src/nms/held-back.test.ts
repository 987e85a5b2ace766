import type { FleetModeName, GatewayBirth } from '@tiepoint/protocol';
import { beforeEach, expect, test } from 'vitest';
import type { EventEntry } from '../store/store.ts';
import type { TelemetryWriter } from '../store/telemetry-writer.ts';
import { Fleet } from './fleet.ts';
import { meterBirth, pvBirth } from './testing/fake-agent.ts';

let nowMs: number;
let mode: FleetModeName | undefined;
let told: EventEntry[];
let asked: string[];
let fleet: Fleet;

beforeEach(() => {
  nowMs = 1_000_000;
  mode = undefined;
  [told, asked] = [[], []];
  const none = (): void => undefined;
  const writer = {
    device: none,
    removeDevice: none,
    lastStatus: none,
    sample: none,
    gateway: none,
    event: (entry: EventEntry) => void told.push(entry),
  };
  fleet = new Fleet({
    writer: writer as unknown as TelemetryWriter,
    inquirer: { rebirth: (gatewayId) => void asked.push(gatewayId), isAnswer: () => false },
    onDevice: none,
    onGateway: none,
    onGatewayBorn: none,
    onAcknowledged: none,
    heldMode: () => mode,
    now: () => nowMs,
  });
});

const born = (deviceIds: readonly string[]): void =>
  void fleet.gatewayBorn('g', {
    protocolVersion: 1,
    session: 1,
    timeMs: nowMs,
    firmware: 'f',
    deviceIds,
    readOnly: false,
    configurationRevision: 0,
  } satisfies GatewayBirth);
const status = (seq: number, deviceId = 'm'): void =>
  void fleet.status('g', deviceId, {
    kind: deviceId === 'pv' ? 'aas' : 'meter',
    session: 1,
    seq,
    timeMs: nowMs,
    timeQuality: 'synchronised',
    activePowerW: seq,
  });
const events = (): string[] => told.map(({ kind }) => kind);
const after = (seconds: number): void => {
  for (let second = 0; second < seconds; second += 1) {
    nowMs += 1_000;
    fleet.sweep(true);
  }
};
const shown = (key = 'g.m'): string | undefined => fleet.twin(key)?.liveness;
const begun = (deviceIds: readonly string[] = ['m']): void => {
  born(deviceIds);
  for (const id of deviceIds) {
    fleet.deviceBorn('g', id, { ...(id === 'pv' ? { ...pvBirth, switchedBy: 'm2' } : meterBirth), session: 1 });
    status(0, id);
  }
  events();
  told.length = 0;
};

test.each(['storm', 'safe'] as const)(
  'in %s a plain meter that is silent is held back, not late and not lost',
  (name) => {
    begun();
    mode = name;
    after(5);
    expect(shown()).toBe('live');
    after(800);
    expect(shown()).toBe('held-back');
    expect(events()).toEqual([]);
    expect(fleet.gateway('g')?.online).toBe(true);
    expect(asked).toEqual([]);
  },
);

test('one that is to report goes on to be late and lost in a storm', () => {
  begun(['m', 'm2', 'pv']);
  mode = 'storm';
  after(60);
  // The meter m2 takes the source off: the grid is operated with it.
  expect([shown(), shown('g.m2'), shown('g.pv')]).toEqual(['held-back', 'lost', 'lost']);
  mode = 'safe';
  after(1);
  expect([shown(), shown('g.m2'), shown('g.pv')]).toEqual(['held-back', 'held-back', 'held-back']);
});

test('it comes back with the first report after the mode, without a word', () => {
  begun();
  mode = 'storm';
  after(300);
  mode = undefined;
  after(1);
  expect(shown()).toBe('late');
  after(30);
  status(1);
  expect(shown()).toBe('live');
  after(5);
  expect([shown(), events()]).toEqual(['live', []]);
});

test('one that does not come back is late at once, and lost after a minute and three periods', () => {
  begun();
  mode = 'storm';
  after(300);
  mode = undefined;
  after(73);
  expect([shown(), events()]).toEqual(['late', []]);
  after(1);
  expect([shown(), events()]).toEqual(['lost', ['device-lost']]);
  status(1);
  expect([shown(), events()]).toEqual(['live', ['device-lost', 'device-live']]);
});

test('the clock is set meanwhile: held back all the same', () => {
  begun();
  mode = 'storm';
  after(60);
  nowMs += 3_600_000;
  fleet.clockSet(3_600_000);
  after(2);
  expect([shown(), events()]).toEqual(['held-back', []]);
});

test('a gateway that is silent with its meters is asked after a quarter of an hour, and then off line and its meters lost', () => {
  begun();
  mode = 'storm';
  after(899);
  expect(asked).toEqual([]);
  after(30);
  expect(fleet.gateway('g')).toMatchObject({ online: false, deathCause: 'silent' });
  after(80);
  expect(shown()).toBe('lost');
});

test('one that is dead is lost, mode or not', () => {
  begun();
  mode = 'storm';
  after(60);
  fleet.deviceDied('g', 'm', { session: 1, cause: 'bus-unreachable' });
  after(60);
  expect(shown()).toBe('lost');
});
