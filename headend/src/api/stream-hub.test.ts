import { describe, expect, test } from 'vitest';
import type { EventRow, FleetRow, StreamFrame } from './contract.ts';
import { rowDelta } from './fleet-row.ts';
import { hubLimits, StreamHub } from './stream-hub.ts';
import type { StreamClient, StreamViewer } from './stream-hub.ts';

const row = (id: string, changes: Partial<FleetRow> = {}): FleetRow => ({
  id,
  gatewayId: 'g',
  deviceId: id,
  title: id,
  kind: 'meter',
  capabilities: ['meter'],
  profile: 'p',
  readOnly: false,
  liveness: 'live',
  stale: false,
  ...changes,
});

const everything: StreamViewer = {
  operator: 'ada',
  all: true,
  sees: () => true,
  seesGateway: () => true,
  over: () => undefined,
};

class Reader implements StreamClient {
  text = '';
  ended = false;
  waiting = 0;
  write(text: string): number {
    this.text += text;
    return this.waiting;
  }
  end(text: string): void {
    this.text += text;
    this.ended = true;
  }
  frames(): StreamFrame[] {
    return this.text
      .split('\n')
      .flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6)) as StreamFrame] : []));
  }
  types(): string[] {
    return this.frames().map(({ type }) => type);
  }
  lastId(): string | undefined {
    return [...this.text.matchAll(/^id: (.+)$/gm)].at(-1)?.[1];
  }
}

function hubOf(rows: Map<string, FleetRow>, limits = hubLimits): { hub: StreamHub; clock: { nowMs: number } } {
  const clock = { nowMs: 0 };
  const source = {
    rows: () => rows.values(),
    row: (key: string) => rows.get(key),
    gateways: () => [],
    gateway: () => undefined,
    commands: () => [],
    events: () => [],
    approvals: () => [],
    broker: () => 'up' as const,
    now: () => clock.nowMs,
  };
  return { hub: new StreamHub(source, 'run', limits), clock };
}

function change(rows: Map<string, FleetRow>, hub: StreamHub, id: string, changes: Partial<FleetRow>): void {
  rows.set(id, { ...(rows.get(id) ?? row(id)), ...changes });
  hub.device(id);
}

describe('row deltas', () => {
  test.each([
    { before: {}, after: {}, is: undefined },
    { before: { activePowerW: 1 }, after: { activePowerW: 2 }, is: { id: 'a', activePowerW: 2 } },
    { before: { activePowerW: 1 }, after: {}, is: { id: 'a', activePowerW: null } },
    { before: { alarms: [] }, after: { alarms: [] }, is: undefined },
    { before: { alarms: [] }, after: { alarms: ['tamper'] }, is: { id: 'a', alarms: ['tamper'] } },
    { before: {}, after: { activePowerW: 0 }, is: { id: 'a', activePowerW: 0 } },
  ] as { before: Partial<FleetRow>; after: Partial<FleetRow>; is: object | undefined }[])(
    '$before to $after',
    ({ before, after, is }) => {
      expect(rowDelta(row('a', before), row('a', after))).toEqual(is);
    },
  );
});

test('a snapshot, then only what changed, in one frame for all', () => {
  const rows = new Map([['a', row('a', { activePowerW: 1 })]]);
  const { hub } = hubOf(rows);
  const reader = new Reader();
  hub.connect(reader, everything);
  hub.tick();
  change(rows, hub, 'a', { activePowerW: 2 });
  change(rows, hub, 'a', { activePowerW: 3 });
  change(rows, hub, 'b', {});
  hub.tick();
  hub.tick();
  expect(reader.frames()).toMatchObject([
    { type: 'snapshot', rows: [{ id: 'a', activePowerW: 1 }] },
    { type: 'delta', rows: [{ id: 'a', activePowerW: 3 }, row('b')] },
  ]);
  expect(reader.frames()[1]).toHaveProperty('rows.0', { id: 'a', activePowerW: 3 });
});

test('a device that leaves is told once, and comes back whole', () => {
  const rows = new Map([['a', row('a')]]);
  const { hub } = hubOf(rows);
  const reader = new Reader();
  hub.connect(reader, everything);
  rows.delete('a');
  for (const id of ['a', 'never-seen']) hub.device(id);
  hub.tick();
  hub.device('a');
  hub.tick();
  const late = new Reader();
  hub.connect(late, everything);
  change(rows, hub, 'a', {});
  hub.tick();
  expect(reader.frames().slice(1)).toMatchObject([
    { type: 'delta', rows: [], removed: ['a'] },
    { type: 'delta', rows: [row('a')], removed: [] },
  ]);
  expect(late.frames()[0]).toMatchObject({ type: 'snapshot', rows: [] });
});

test('who comes back gets what was missed; who was away too long, or in another run, a snapshot', () => {
  const rows = new Map([['a', row('a')]]);
  const { hub } = hubOf(rows, { ...hubLimits, ringFrames: 2 });
  const first = new Reader();
  hub.connect(first, everything);
  const ids: (string | undefined)[] = [first.lastId()];
  for (const activePowerW of [1, 2, 3]) {
    change(rows, hub, 'a', { activePowerW });
    hub.tick();
    ids.push(first.lastId());
  }
  expect(ids).toEqual(['run-0', 'run-1', 'run-2', 'run-3']);
  const back = (id: string): unknown[] => {
    const reader = new Reader();
    hub.connect(reader, everything, id);
    return reader.frames().map((frame) => (frame.type === 'delta' ? frame.rows[0]?.activePowerW : frame.type));
  };
  expect(back('run-1')).toEqual([2, 3]);
  expect(back('run-3')).toEqual([]);
  for (const id of ['run-0', 'run-4', 'other-2', 'run-x', 'run', '', 'run-2-2', `run-${'9'.repeat(40)}`])
    expect(back(id)).toEqual(['snapshot']);
});

test('events beyond a frame are said to be left out', () => {
  const { hub } = hubOf(new Map(), { ...hubLimits, eventsPerFrame: 2 });
  const reader = new Reader();
  hub.connect(reader, everything);
  hub.events([1, 2, 3].map((seq) => ({ seq }) as EventRow));
  hub.tick();
  expect(reader.frames()[1]).toMatchObject({ events: [{ seq: 2 }, { seq: 3 }], eventsLeftOut: 1 });
});

test.each([
  { name: 'too much waits', waiting: hubLimits.maxBacklogBytes + 1, seconds: 0 },
  { name: 'it reads nothing for long', waiting: 1_000_000, seconds: 16 },
])('a client that does not read is dropped, the others go on: $name', ({ waiting, seconds }) => {
  const rows = new Map([['a', row('a')]]);
  const { hub, clock } = hubOf(rows);
  const [slow, quick] = [new Reader(), new Reader()];
  hub.connect(slow, everything);
  hub.connect(quick, everything);
  slow.waiting = waiting;
  for (let second = 0; second <= seconds; second += 1) {
    clock.nowMs = second * 1_000;
    change(rows, hub, 'a', { activePowerW: second });
    hub.tick();
  }
  expect(slow.ended).toBe(true);
  expect(slow.frames().at(-1)).toMatchObject({ type: 'goodbye', reason: 'slow' });
  expect(hub).toMatchObject({ dropped: 1, clients: 1 });
  expect(quick.types().at(-1)).toBe('delta');
});

test('one account does not take the places of all', () => {
  const { hub } = hubOf(new Map(), { ...hubLimits, maxClientsOfOne: 2 });
  const connected = ['ada', 'ada', 'ada', 'ben'].map((operator) =>
    hub.connect(new Reader(), { ...everything, operator }),
  );
  expect(connected).toEqual([true, true, false, true]);
});

test('the number of clients is bounded, and a stop says goodbye', () => {
  const { hub } = hubOf(new Map(), { ...hubLimits, maxClients: 1 });
  const reader = new Reader();
  expect([hub.connect(reader, everything), hub.connect(new Reader(), everything)]).toEqual([true, false]);
  hub.heartbeat();
  hub.stop();
  expect(reader.types()).toEqual(['snapshot', 'heartbeat', 'goodbye']);
});

test('10,000 devices that all change make one frame of changes only', () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => `d${index}`);
  const rows = new Map(ids.map((id) => [id, row(id, { activePowerW: 0 })]));
  const { hub } = hubOf(rows);
  const reader = new Reader();
  hub.connect(reader, everything);
  reader.text = '';
  for (const id of ids) change(rows, hub, id, { activePowerW: 1 });
  hub.tick();
  expect(reader.types()).toEqual(['delta']);
  expect(reader.text.length).toBeLessThan(50 * ids.length);
});
