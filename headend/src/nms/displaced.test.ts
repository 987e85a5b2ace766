import { inquiry } from '@tiepoint/protocol';
import { beforeEach, expect, test } from 'vitest';
import { TelemetryWriter } from '../store/telemetry-writer.ts';
import type { TelemetryStore } from '../store/store.ts';
import { Fleet } from './fleet.ts';
import { Inquirer } from './inquirer.ts';
import { meterBirth } from './testing/fake-agent.ts';

let nowMs: number;
/** What each question that asked for a birth says of its time. */
let asked: (number | undefined)[];
let fleet: Fleet;
const none = (): void => undefined;
const born = (session: number, deviceIds: readonly string[], askedAtMs?: number): unknown =>
  fleet.gatewayBorn('g', {
    protocolVersion: 1,
    session,
    timeMs: nowMs,
    firmware: 'f',
    deviceIds,
    readOnly: false,
    configurationRevision: 0,
    askedAtMs,
  });
const status = (session: number, seq: number): unknown =>
  fleet.status('g', 'm', { kind: 'meter', session, seq, timeMs: nowMs, timeQuality: 'synchronised' });
const shown = (): unknown[] => [fleet.gateway('g')?.session, fleet.twin('g.m')?.liveness];

/** A gateway is live, and somebody tells the birth of another in its name. */
beforeEach(() => {
  nowMs = 1_000_000;
  asked = [];
  const inquirer = new Inquirer(
    (_topic, payload) => {
      const read = inquiry.fromBytes(payload);
      if (read.ok && read.value.rebirth === true) asked.push(read.value.askedAtMs);
    },
    () => nowMs,
  );
  fleet = new Fleet({
    writer: new TelemetryWriter({} as TelemetryStore, none),
    inquirer,
    onDevice: none,
    onGateway: none,
    onGatewayBorn: (gatewayId, birth) => inquirer.tellTime(gatewayId, birth),
    onAcknowledged: none,
    heldMode: () => undefined,
    now: () => nowMs,
  });
  born(1, ['m']);
  fleet.deviceBorn('g', 'm', { ...meterBirth, session: 1 });
  status(1, 0);
  born(2, ['n']);
  nowMs += 4_000;
});

test('it reports on, is asked, and with its answer it is live again; the other counts no more', () => {
  status(1, 1);
  expect([...shown(), asked]).toEqual([2, 'lost', [nowMs]]);
  born(1, ['m'], nowMs);
  fleet.deviceBorn('g', 'm', { ...meterBirth, session: 1 });
  status(1, 2);
  expect(shown()).toEqual([1, 'live']);
  expect(born(2, ['n'])).toMatchObject({ reason: 'other-session' });
  expect(born(2, ['n'], asked[0])).toMatchObject({ reason: 'other-session' });
  expect(shown()).toEqual([1, 'live']);
});

test('what it said before is no answer, and what answers another question than was asked is none', () => {
  status(1, 1);
  for (const answers of [undefined, nowMs - 4_000, nowMs - 1])
    expect(born(1, ['m'], answers)).toMatchObject({ reason: 'other-session' });
  expect(shown()).toEqual([2, 'lost']);
});

test('over a line so slow that it is asked again before its answer is here, it is live again all the same', () => {
  status(1, 1);
  for (let more = 2; more < 5; more += 1) {
    nowMs += 10_000;
    status(1, more);
  }
  expect(asked).toHaveLength(4);
  expect(born(1, ['m'], asked[1])).toBeUndefined();
  expect(shown()[0]).toBe(1);
  // With it all are answered: told again it is a word of before.
  born(3, ['m']);
  expect(born(1, ['m'], asked[3])).toMatchObject({ reason: 'other-session' });
});

test('an answer that comes after the birth of its next session is late', () => {
  status(1, 1);
  born(3, ['m']);
  expect(born(1, ['m'], asked[0])).toMatchObject({ reason: 'other-session' });
  expect(shown()[0]).toBe(3);
});

test('of a session that ended with its death nothing is asked', () => {
  fleet.gatewayDied('g', { session: 1, cause: 'line-lost' });
  status(1, 1);
  expect(asked).toEqual([]);
});
