import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceBirth, DeviceEvent, MeterStatus } from '@tiepoint/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqliteStore } from './sqlite-store.ts';
import type { EventEntry, Sample, Store, TelemetryBatch } from './store.ts';

/** `open` gives the same store each time: what one wrote the next finds. Retention: raw 2 h, minutes 48 h, quarters 400 days. */
type StoreUnderTest = { open(): Store; remove(): void };

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const t0 = 1_800_000_000_000 - (1_800_000_000_000 % day);
const nothing: TelemetryBatch = {
  gateways: [],
  devices: [],
  removedDevices: [],
  lastStatuses: [],
  events: [],
  samples: [],
};
const birth: DeviceBirth = {
  session: 1,
  timeMs: 0,
  nextSeq: 0,
  kind: 'meter',
  profile: 'p',
  profileHash: 'h',
  capabilities: ['meter'],
  commands: ['disconnect'],
  limits: { switchRatingA: 200 },
  periodMs: 4_000,
  reporting: 'periodic',
  readOnly: false,
};

function sample(atMs: number, seq: number, activePowerW: number, deviceKey = 'g.d'): Sample {
  const status: MeterStatus = { session: 1, seq, timeMs: atMs, timeQuality: 'synchronised', activePowerW };
  return { deviceKey, atMs, status: { kind: 'meter', ...status } };
}

/** What the telemetry of every store must do. */
function telemetryConformance(name: string, make: () => StoreUnderTest): void {
  describe(`${name}: telemetry`, () => {
    let under: StoreUnderTest;
    let store: Store;
    beforeEach(() => {
      under = make();
      store = under.open();
      store.start();
    });
    afterEach(() => {
      store.stop();
      under.remove();
    });
    const write = (...samples: Sample[]): unknown => store.telemetry.write({ ...nothing, samples });
    const rollUp = (nowMs: number): void => {
      while (store.telemetry.rollUp(nowMs, 1));
    };
    const read = (fromMs: number, toMs: number, nowMs: number) => {
      const { resolution, rows } = store.telemetry.history({
        deviceKey: 'g.d',
        fromMs,
        toMs,
        nowMs,
        points: ['activePowerW'],
        maxRows: 100,
      });
      return {
        resolution,
        rows: rows.map(({ atMs, values: [value] }) => [
          (atMs - t0) / minute,
          value?.n,
          value?.min,
          value?.mean,
          value?.max,
        ]),
      };
    };

    test('gateways, devices and last statuses are found again; a removed device is not', () => {
      const gateway = {
        gatewayId: 'g',
        birth: {
          protocolVersion: 1,
          session: 1,
          timeMs: 0,
          firmware: 'f',
          deviceIds: ['d'],
          readOnly: false,
          configurationRevision: 0,
        },
        bornAtMs: t0,
      };
      const { status } = sample(t0, 4, 7);
      const devices = ['g.d', 'g.e'].map((deviceKey) => ({ deviceKey, birth, bornAtMs: t0 }));
      store.telemetry.write({
        ...nothing,
        gateways: [gateway],
        devices,
        lastStatuses: [{ deviceKey: 'g.d', status, receivedAtMs: t0 }],
      });
      store.telemetry.write({ ...nothing, removedDevices: ['g.e'] });
      store.stop();
      store = under.open();
      store.start();
      expect(store.telemetry.gateways()).toEqual([gateway]);
      expect(store.telemetry.devices()).toEqual([
        { deviceKey: 'g.d', birth, bornAtMs: t0, lastStatus: { status, receivedAtMs: t0 } },
      ]);
    });

    test('a device’s event is kept once by its session and sequence; the head-end’s own always', () => {
      const detail: DeviceEvent = {
        session: 1,
        seq: 5,
        timeMs: 0,
        timeQuality: 'unknown',
        kind: 'switch-changed',
        to: 'open',
      };
      const told: EventEntry = {
        atMs: t0,
        gatewayId: 'g',
        deviceKey: 'g.d',
        source: 'device',
        kind: 'switch-changed',
        late: false,
        say: 'open',
        detail,
      };
      const own: EventEntry = {
        atMs: t0,
        gatewayId: 'g',
        source: 'head-end',
        kind: 'gateway-died',
        late: false,
        say: 'gone',
      };
      const first = store.telemetry.write({ ...nothing, events: [told, own] });
      const second = store.telemetry.write({ ...nothing, events: [{ ...told, late: true }, own] });
      expect([first, second].map((each) => (each.ok ? each.value.events.length : each))).toEqual([2, 1]);
      expect(store.telemetry.events({ limit: 10 })).toHaveLength(3);
      expect(store.telemetry.events({ deviceKey: 'g.d', limit: 10 })).toEqual([{ ...told, seq: 1 }]);
      expect(store.telemetry.events({ beforeSeq: 2, limit: 10 })).toHaveLength(1);
    });

    test('raw, then minutes, then quarters; what is not rolled up yet is there too', () => {
      write(sample(t0, 0, 10), sample(t0 + 30_000, 1, 30), sample(t0 + minute, 2, 50), sample(t0 + 16 * minute, 3, 70));
      expect(read(t0, t0 + hour, t0 + hour)).toEqual({
        resolution: 'raw',
        rows: [
          [0, 1, 10, 10, 10],
          [0.5, 1, 30, 30, 30],
          [1, 1, 50, 50, 50],
          [16, 1, 70, 70, 70],
        ],
      });
      const minutes = {
        resolution: 'minute',
        rows: [
          [0, 2, 10, 20, 30],
          [1, 1, 50, 50, 50],
          [16, 1, 70, 70, 70],
        ],
      };
      const quarters = {
        resolution: 'quarter-hour',
        rows: [
          [0, 3, 10, 30, 50],
          [15, 1, 70, 70, 70],
        ],
      };
      for (const rolledTo of [t0 + 20_000, t0 + 2 * minute, t0 + 17 * minute, t0 + 31 * minute]) {
        rollUp(rolledTo);
        expect(read(t0, t0 + hour, t0 + 3 * hour)).toEqual(minutes);
        expect(read(t0, t0 + hour, t0 + 49 * hour)).toEqual(quarters);
      }
    });

    test.each([
      { name: 'before it is rolled up', rolledTo: t0 + 30_000 },
      { name: 'after its minute', rolledTo: t0 + 5 * minute },
      { name: 'after its quarter', rolledTo: t0 + 20 * minute },
      { name: 'after its raw samples are gone', rolledTo: t0 + 4 * hour },
      { name: 'after its minutes are gone', rolledTo: t0 + 60 * hour },
    ])('late history counts once, told twice: $name', ({ rolledTo }) => {
      write(sample(t0, 0, 10), sample(t0 + 10_000, 2, 30));
      for (let nowMs = t0 + minute; nowMs < rolledTo; nowMs += 20 * minute) rollUp(nowMs);
      rollUp(rolledTo);
      const late = [sample(t0, 0, 10), sample(t0 + 5_000, 1, 80), sample(t0 + 10_000, 2, 30)];
      expect(write(...late)).toMatchObject({ ok: true, value: { samples: 1, known: 2 } });
      expect(write(...late)).toMatchObject({ ok: true, value: { samples: 0, known: 3 } });
      rollUp(rolledTo + 20 * minute);
      expect(write(...late)).toMatchObject({ ok: true, value: { samples: 0, known: 3 } });
      expect(read(t0, t0 + minute, t0 + 100 * hour).rows).toEqual([[0, 3, 10, 40, 80]]);
    });

    test('late between two parts of one roll-up, for a device done and for one to come', () => {
      write(sample(t0, 0, 1, 'g.a'), sample(t0, 0, 10));
      store.telemetry.rollUp(t0 + 2 * minute, 1);
      write(sample(t0 + 1_000, 1, 3, 'g.a'), sample(t0 + 1_000, 1, 30), sample(t0, 0, 5, 'g.new'));
      rollUp(t0 + 2 * minute);
      const n = (deviceKey: string): unknown =>
        store.telemetry
          .history({
            deviceKey,
            fromMs: t0,
            toMs: t0 + minute,
            nowMs: t0 + 3 * hour,
            points: ['activePowerW'],
            maxRows: 9,
          })
          .rows.map(({ values }) => values[0]?.n);
      expect(['g.a', 'g.d', 'g.new'].map(n)).toEqual([[2], [2], [1]]);
    });

    test('a roll-up that a restart interrupts is done again, and counts once', () => {
      write(sample(t0, 0, 1, 'g.a'), sample(t0, 0, 10), sample(t0 + 1_000, 1, 30));
      store.telemetry.rollUp(t0 + 2 * minute, 1);
      store.stop();
      store = under.open();
      store.start();
      rollUp(t0 + 20 * minute);
      expect(read(t0, t0 + minute, t0 + 3 * hour).rows).toEqual([[0, 2, 10, 20, 30]]);
    });

    test('what is older than all that is kept is counted and not stored', () => {
      rollUp(t0);
      write(sample(t0, 0, 1));
      rollUp(t0 + 2 * minute);
      expect(write(sample(t0 - 401 * day, 1, 1))).toMatchObject({ ok: true, value: { tooOld: 1, samples: 0 } });
    });

    test('an unknown value makes no number, and more rows than asked are said to be left out', () => {
      write(...[0, 1, 2].map((seq) => sample(t0 + seq * 1_000, seq, seq)));
      const query = {
        deviceKey: 'g.d',
        fromMs: t0,
        toMs: t0 + hour,
        nowMs: t0 + hour,
        points: ['frequencyHz', 'activePowerW'] as const,
      };
      const { rows, truncated } = store.telemetry.history({ ...query, maxRows: 2 });
      expect(truncated).toBe(true);
      expect(rows.map(({ values }) => [values[0], values[1]?.mean])).toEqual([
        [undefined, 1],
        [undefined, 2],
      ]);
    });
  });
}

telemetryConformance('SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'store-'));
  return { open: () => new SqliteStore(folder), remove: () => rmSync(folder, { recursive: true }) };
});
