import { describe, expect, test } from 'vitest';
import { judgeCertificate, judgeConnack } from './broker-judgement.ts';
import { judgeBus, judgePlan, judgeRoundTrips, judgeUnread } from './bus-judgement.ts';
import { judgeOrder } from './check-head-end.ts';
import { judgePort } from './check-ports.ts';
import type { PortFacts } from './check-ports.ts';
import { verdictOf } from './finding.ts';
import { judgeClock, judgeDatabase, judgeDisk, judgeMemory, judgeNtp } from './machine-judgement.ts';

const good = {
  about: 'm',
  kind: 'serial',
  requests: 100,
  ok: 100,
  timeouts: 0,
  spoilt: 0,
  exceptions: 0,
  retries: 0,
  stale: 0,
} as const;

describe('a SunSpec chain', () => {
  const unread = { profiles: ['sunspec-meter@2', 'sunspec-meter@3'], models: [160] };
  test.each([
    { what: 'of one device', unread: undefined, read: [], findings: [] },
    {
      what: 'with two more that nobody reads',
      unread,
      read: ['sunspec-meter'],
      findings: [
        ['warning', '2 more such devices', 'profile sunspec-meter@2, sunspec-meter@3'],
        ['left-out', 'model 160 more than once', ''],
      ],
    },
    {
      what: 'with one more that nobody reads',
      unread: { ...unread, models: [] },
      read: ['sunspec-meter', 'sunspec-meter@3'],
      findings: [['warning', 'another such device', 'profile sunspec-meter@2']],
    },
    { what: 'all read', unread: { ...unread, models: [] }, read: unread.profiles, findings: [] },
  ])('$what', ({ unread: seen, read, findings }) => {
    const said = judgeUnread('m', seen, read).map(({ outcome, say, todo = '' }) => [outcome, say, todo]);
    expect(said).toEqual(
      findings.map(([outcome, ...texts]) => [outcome, ...texts.map((text) => expect.stringContaining(text ?? ''))]),
    );
  });
});

describe('bus', () => {
  test.each([
    { what: 'all answered', figures: {}, outcome: 'ok', say: '100 requests, all answered' },
    { what: 'one lost', figures: { ok: 99, timeouts: 1, retries: 1 }, outcome: 'warning', say: '1.0 %' },
    { what: 'one in twenty lost', figures: { ok: 95, timeouts: 5 }, outcome: 'warning', say: '5.0 %' },
    { what: 'more than that', figures: { ok: 94, timeouts: 6 }, outcome: 'bad', say: '6.0 %' },
    { what: 'spoilt ones', figures: { ok: 90, spoilt: 10 }, outcome: 'bad', say: '10 spoilt', todo: '120 Ω' },
    { what: 'exceptions', figures: { ok: 97, exceptions: 3 }, outcome: 'warning', say: '3 of them', todo: 'trace' },
    { what: 'copies', figures: { stale: 2 }, outcome: 'warning', say: 'nobody asked', todo: 'timeoutMs' },
    { what: 'silence', figures: { ok: 0, timeouts: 100 }, outcome: 'bad', say: 'no reply', todo: 'baud' },
    {
      what: 'nothing but noise',
      figures: { ok: 0, spoilt: 100 },
      outcome: 'bad',
      say: 'nothing but spoilt',
      todo: 'parity',
    },
    { what: 'nothing asked', figures: { requests: 0, ok: 0 }, outcome: 'left-out', say: 'nothing was asked' },
  ] as const)('$what', ({ figures, outcome, say, ...rest }) => {
    const finding = judgeBus({ ...good, ...figures });
    expect(finding).toMatchObject({ outcome, say: expect.stringContaining(say) as string });
    expect(finding.todo ?? '').toContain('todo' in rest ? rest.todo : '');
    // Whoever reads of something that is not good reads what to do.
    expect(finding.todo === undefined).toBe(outcome === 'ok' || outcome === 'left-out');
  });

  const trips = { count: 10, p50Ms: 230, p95Ms: 240, maxMs: 250, wireP50Ms: 206, beyondWireP50Ms: 24 };
  test.each([
    { what: 'near the wire', trips, settings: {}, outcome: 'ok' },
    {
      what: 'a slow device',
      trips: { ...trips, beyondWireP50Ms: 90 },
      settings: {},
      outcome: 'warning',
      todo: 'reply delay',
    },
    {
      what: 'a slow adapter',
      trips: { ...trips, beyondWireP50Ms: 90 },
      settings: { latencyTimerMs: 16 },
      outcome: 'warning',
      todo: 'latency timer',
    },
    { what: 'near the time-out', trips: { ...trips, maxMs: 900 }, settings: {}, outcome: 'warning', todo: 'timeoutMs' },
    { what: 'nothing answered', trips: undefined, settings: {}, outcome: 'left-out' },
  ])('round trips: $what', ({ trips: figures, settings, outcome, todo }) => {
    const finding = judgeRoundTrips('m', figures, { kind: 'serial', timeoutMs: 1_000, ...settings });
    expect(finding.outcome).toBe(outcome);
    expect(finding.todo ?? '').toContain(todo ?? '');
  });

  test.each([
    {
      shares: [{ device: 'a', readMs: 206, everyMs: 1_000 }],
      outcome: 'ok',
      say: 'busy 21 % of the time (a 206 ms every 1000 ms); everything fits 19.4 times into 4 s',
    },
    {
      shares: [
        { device: 'a', readMs: 400, everyMs: 1_000 },
        { device: 'b', readMs: 400, everyMs: 1_000 },
      ],
      outcome: 'warning',
      say: '80 %',
    },
    { shares: [{ device: 'a', readMs: 2_500, everyMs: 1_000 }], outcome: 'bad', say: '250 %' },
    { shares: [], outcome: 'left-out', say: 'no device' },
  ])('plan: $say', ({ shares, outcome, say }) => {
    expect(judgePlan('yard', shares, 'serial')).toMatchObject({ outcome, say: expect.stringContaining(say) as string });
  });
});

describe('machine', () => {
  test.each([
    { offsetMs: 100, uncertainMs: 50, outcome: 'ok' },
    { offsetMs: -900, uncertainMs: 50, outcome: 'warning' },
    { offsetMs: -2_500, uncertainMs: 50, outcome: 'bad' },
    { offsetMs: 2_500, uncertainMs: 50, outcome: 'bad' },
    // A word that may be a minute old proves nothing of two seconds.
    { offsetMs: 0, uncertainMs: 30_000, outcome: 'left-out' },
    { offsetMs: -20_000, uncertainMs: 30_000, outcome: 'left-out' },
    { offsetMs: -40_000, uncertainMs: 30_000, outcome: 'bad' },
  ])('clock $offsetMs ± $uncertainMs: $outcome', ({ outcome, ...facts }) => {
    expect(judgeClock({ ...facts, by: 'x' }).outcome).toBe(outcome);
  });

  test('disk, memory, NTP', () => {
    const disk = { directory: '/d', syncMs: 5 };
    expect([1_000, 150, 20].map((mb) => judgeDisk({ ...disk, freeBytes: mb * 1e6 }).outcome)).toEqual([
      'ok',
      'warning',
      'bad',
    ]);
    expect(judgeDisk({ ...disk, freeBytes: 1e9, syncMs: 900 }).outcome).toBe('warning');
    expect([500, 60, 20].map((mb) => judgeMemory({ availableBytes: mb * 1e6 }).outcome)).toEqual([
      'ok',
      'warning',
      'bad',
    ]);
    expect(judgeMemory({ availableBytes: 60e6, gatewayBytes: 62e6 })).toMatchObject({
      outcome: 'ok',
      measured: { gatewayMB: 62 },
    });
    expect([true, false, undefined].map((synchronised) => judgeNtp({ synchronised, by: 'x' }).outcome)).toEqual([
      'ok',
      'warning',
      'left-out',
    ]);
  });

  test.each([
    { change: {}, outcome: 'ok' },
    { change: { integrity: 'row 3 missing from index' }, outcome: 'bad' },
    { change: { outbox: 900 }, outcome: 'warning' },
    { change: { openCommands: 1 }, outcome: 'warning' },
    { change: { modeInForce: { mode: 'storm', untilMs: 0 } }, outcome: 'ok' },
  ] as const)('database $change', ({ change, outcome }) => {
    const sound = {
      integrity: 'ok',
      version: 2,
      outbox: 3,
      outboxMax: 1_000,
      openCommands: 0,
      unsentAcknowledgements: 0,
      intervals: 1_440,
    };
    expect(judgeDatabase('/d/agent.sqlite', { ...sound, ...change }).outcome).toBe(outcome);
  });
});

describe('ports', () => {
  const there = { path: '/dev/serial/by-id/usb-FTDI', device: '/dev/ttyUSB0', isTerminal: true, allowed: true };
  const seen = { path: '/dev/serial/by-id/usb-FTDI', device: '/dev/ttyUSB0', state: 'free' } as const;
  test.each([
    { what: 'by id', facts: { ...there, seen }, is: ['port ok'] },
    {
      what: 'by number',
      facts: { ...there, seen, path: '/dev/ttyUSB0' },
      is: ['port warning'],
      todo: '/dev/serial/by-id/usb-FTDI',
    },
    {
      what: 'nothing there',
      facts: { path: '/dev/x', isTerminal: false, allowed: false },
      is: ['port bad'],
      todo: 'ports',
    },
    { what: 'no terminal', facts: { ...there, isTerminal: false }, is: ['port bad'] },
    { what: 'not allowed', facts: { ...there, allowed: false }, is: ['port bad'], todo: 'group' },
    {
      what: 'in use',
      facts: { ...there, seen: { ...seen, state: 'in-use', say: 'held by modpoll' } },
      is: ['port warning'],
      todo: 'modpoll',
    },
    { what: 'a slow adapter', facts: { ...there, latencyTimerMs: 16 }, is: ['port ok', 'adapter warning'] },
    { what: 'a quick adapter', facts: { ...there, latencyTimerMs: 1 }, is: ['port ok', 'adapter ok'] },
  ] satisfies { what: string; facts: PortFacts; is: string[]; todo?: string }[])('$what', ({ facts, is, todo }) => {
    const findings = judgePort(facts);
    expect(findings.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual(is);
    expect(findings[0]?.todo ?? '').toContain(todo ?? '');
  });
});

describe('broker', () => {
  test.each([
    { code: 0, outcome: 'ok', say: 'connected' },
    { code: 1, outcome: 'bad', say: '3.1.1' },
    { code: 2, outcome: 'bad', say: 'another agent' },
    { code: 3, outcome: 'bad', say: 'serves nobody' },
    { code: 4, outcome: 'bad', say: 'by their certificates' },
    { code: 5, outcome: 'bad', say: 'may not connect' },
    { code: 99, outcome: 'bad', say: 'code 99' },
  ])('CONNACK $code', ({ code, outcome, say }) => {
    expect(judgeConnack('b', { code, tookMs: 5 })).toMatchObject({
      outcome,
      say: expect.stringContaining(say) as string,
    });
  });

  test('no CONNACK at all', () => {
    expect(judgeConnack('b', { error: 'socket hang up', tookMs: 5 })).toMatchObject({
      outcome: 'bad',
      say: 'no MQTT there: socket hang up',
    });
  });

  const nowMs = Date.UTC(2026, 5, 1);
  const day = 86_400_000;
  const facts = {
    host: 'b.example',
    subject: 'b.example',
    issuer: 'CA',
    names: 'DNS:b.example',
    validFromMs: nowMs - day,
    validToMs: nowMs + 90 * day,
    protocol: 'TLSv1.3',
  };
  test.each([
    { change: {}, outcome: 'ok', say: 'good until 2026-08-30' },
    { change: { validToMs: nowMs + 5 * day }, outcome: 'warning', say: '5 days' },
    { change: { validToMs: nowMs - 1 }, outcome: 'bad', say: 'expired' },
    { change: { validFromMs: nowMs + 1 }, outcome: 'bad', say: 'not valid before' },
    { change: { error: 'ERR_TLS_CERT_ALTNAME_INVALID' }, outcome: 'bad', say: 'not to b.example' },
    { change: { error: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, outcome: 'bad', say: 'signed by itself' },
    // Expired is told as expired, whatever else the chain lacks.
    { change: { error: 'CERT_HAS_EXPIRED', validToMs: nowMs - 1 }, outcome: 'bad', say: 'expired on' },
  ])('certificate: $say', ({ change, outcome, say }) => {
    expect(judgeCertificate({ ...facts, ...change }, nowMs)).toMatchObject({
      outcome,
      say: expect.stringContaining(say) as string,
    });
  });
});

test('what was ordered, against the file and the device; what was not said is not compared', () => {
  const devices = [{ id: 'm', profile: 'eastron-sdm630', unit: 1 }];
  const order = (fields: object) => [
    { ordered: { deviceId: 'm', profile: 'eastron-sdm630', ...fields }, contracts: [] },
  ];
  const says = (ordered: ReturnType<typeof order>, serialNumber?: string, toldLimits = {}) =>
    judgeOrder(
      { devices: ordered },
      { devices, seen: serialNumber === undefined ? [] : [{ id: 'm', serialNumber, toldLimits }] },
    )[0]?.say;
  expect(says(order({}))).toContain('as they were ordered');
  expect(says(order({ serialNumber: 'A1' }))).toContain('as they were ordered');
  expect(says(order({ serialNumber: 'A1' }), 'B2')).toBe('m has serial number B2, ordered was A1');
  expect(says(order({ ratedPowerW: 6_000 }), 'A1', { ratedPowerW: 6_050 })).toContain('as they were ordered');
  expect(says(order({ ratedPowerW: 6_000 }), 'A1', { ratedPowerW: 50_000 })).toBe(
    'm tells rated power 50000 W, ordered was 6000 W',
  );
  expect(says(order({ unit: 7 }))).toBe('m has unit 1, ordered was 7');
  expect(says([])).toBe('m was not ordered');
  expect(says([...order({}), { ordered: { deviceId: 'x', profile: 'p' }, contracts: [] }])).toContain(
    'x was ordered, and is not',
  );
});

test('the verdict is the worst; what was left out counts for nothing', () => {
  const of = (...outcomes: ('ok' | 'warning' | 'bad' | 'left-out')[]) =>
    verdictOf(outcomes.map((outcome) => ({ id: 'bus', outcome, say: '' })));
  expect([of('ok', 'left-out'), of('ok', 'warning'), of('warning', 'bad')]).toEqual(['ok', 'warning', 'bad']);
});

test('on a network nobody is told to look at a baud rate', () => {
  const figures = { about: 'm', kind: 'tcp', requests: 9, ok: 0, timeouts: 0, spoilt: 0, exceptions: 0, retries: 0 };
  const findings = [
    judgeBus({ ...figures, kind: 'tcp', timeouts: 9, stale: 0 }),
    judgeBus({ ...figures, kind: 'tcp', spoilt: 9, stale: 0 }),
    judgeBus({ ...figures, kind: 'tcp', ok: 5, spoilt: 4, stale: 0 }),
    judgePlan('b', [{ device: 'm', readMs: 900, everyMs: 500 }], 'tcp'),
    judgePlan('b', [{ device: 'm', readMs: 400, everyMs: 500 }], 'tcp'),
  ];
  for (const { outcome, todo = '' } of findings) {
    expect(outcome).not.toBe('ok');
    expect(todo).not.toMatch(/baud|parity/);
  }
});
