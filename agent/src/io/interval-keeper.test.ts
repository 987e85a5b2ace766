import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { encodePoint, findProfile, layOut } from '@tiepoint/hardware-profiles';
import type { Profile } from '@tiepoint/hardware-profiles';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from './disk/database.ts';
import type { Statement } from './disk/gateway-database.ts';
import { IntervalTable } from './disk/interval-table.ts';
import { IntervalKeeper } from './interval-keeper.ts';
import type { IntervalBounds } from './interval-keeper.ts';

const tenMs = Date.UTC(2026, 0, 5, 10);
const minuteMs = 60_000;
const none = (): void => undefined;
const log = { debug: none, info: none, warn: none, error: none, child: () => log };
const { model, image } = layOut(findProfile('ami-meter-200a') as Profile);

let directory: string;
let database: DatabaseSync;
let nowMs: number;
let keeper: IntervalKeeper;
let commits: number;
let wanted: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tiepoint-intervals-'));
  database = openDatabase(directory);
  [nowMs, commits, wanted] = [0, 0, 0];
  keeper = made();
});
afterEach(() => {
  database.close();
  rmSync(directory, { recursive: true, force: true });
});

function made({
  bounds = { keepDays: 60, maxRows: 750_000 },
  meters = ['meter-1'],
}: { bounds?: IntervalBounds; meters?: string[] } = {}): IntervalKeeper {
  const counted = {
    // Bound to no file, as the gateway's own.
    prepare: (sql: string): Statement => ({
      run: (...values) => database.prepare(sql).run(...values),
      get: (...values) => database.prepare(sql).get(...values),
      all: (...values) => database.prepare(sql).all(...values),
    }),
    exec: (sql: string) => {
      database.exec(sql);
      if (sql === 'COMMIT') commits += 1;
    },
    get isTransaction() {
      return database.isTransaction;
    },
  };
  const made = new IntervalKeeper({
    table: new IntervalTable(counted),
    clock: { nowMs: () => tenMs + nowMs, monotonicMs: () => nowMs },
    timeQuality: () => 'synchronised',
    bounds,
    meters,
    flushSoon: () => (wanted += 1),
    log,
  });
  made.load();
  return made;
}

/** A load of 6 kW since ten o'clock. */
function look(deviceId = 'meter-1', { intervalS = 3_600, reads = true } = {}): void {
  const told = { importedEnergyWh: 1_000_000 + nowMs / 600, exportedEnergyWh: 12, activePowerW: 6_000, voltageV: 240 };
  const beganMs = nowMs;
  for (const [name, value] of Object.entries(told)) {
    const point = model.points.find((each) => each.name === name);
    const isEnergy = name.endsWith('EnergyWh');
    if (point === undefined || !encodePoint(point, Math.floor(value), image, isEnergy && !reads ? beganMs - 1 : nowMs))
      throw new Error(`the meter cannot tell ${name}`);
  }
  keeper.looked(
    deviceId,
    { model, image, measured: { activePowerW: 6_000, voltageV: 240 }, beganMs },
    { intervalS, pollMs: 20_000 },
  );
  if (wanted > 0) keeper.flush();
  wanted = 0;
}

function watch(untilMinute: number, ...args: Parameters<typeof look>): void {
  for (; nowMs < untilMinute * minuteMs; nowMs += 20_000) look(...args);
}

const all = (deviceId = 'meter-1'): string[] =>
  keeper
    .range(deviceId, { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 1e6 })
    .map(({ endMs, importedWh, flags }) =>
      [new Date(endMs).toISOString().slice(11, 16), importedWh, ...flags].join(' '),
    );

test('what was counted is on the disk, with one write an interval', () => {
  watch(250);
  expect(all()).toEqual(['11:00 6000', '12:00 6000', '13:00 6000', '14:00 6000']);
  expect(
    keeper.range('meter-1', { fromMs: tenMs + 60 * minuteMs, toMs: tenMs + 120 * minuteMs, limit: 9 }),
  ).toMatchObject([
    {
      lengthS: 3_600,
      importedWh: 6_000,
      exportedWh: 0,
      voltageV: 240,
      importedRegisterWh: 1_012_000,
      exportedRegisterWh: 12,
    },
  ]);
  // One for the beginning.
  expect(commits).toBe(5);
});

test('a register that was not read in this look is no reading', () => {
  watch(30);
  watch(90, 'meter-1', { reads: false });
  expect(all()).toEqual([]);
  watch(121);
  expect(all()).toEqual(['11:00 6000 interpolated', '12:00 6000 interpolated']);
});

describe('a restart', () => {
  test('a clean one goes on from the last look', () => {
    watch(50);
    keeper.leave();
    nowMs += 5 * minuteMs;
    keeper = made();
    watch(70);
    expect(all()).toEqual(['11:00 6000']);
  });

  test('a kill goes on from the last boundary', () => {
    watch(50);
    nowMs += 30 * minuteMs;
    keeper = made();
    watch(121);
    expect(all()).toEqual(['11:00 6000 interpolated', '12:00 6000 interpolated']);
  });
});

describe('the bound', () => {
  test('is so many rows a meter, and the oldest go', () => {
    keeper = made({ bounds: { keepDays: 60, maxRows: 10 }, meters: ['meter-1', 'meter-2'] });
    watch(10 * 60 + 1);
    expect(all().map((row) => row.slice(0, 2))).toEqual(['16', '17', '18', '19', '20']);
  });

  test.each([
    [3_600, 1_440],
    [300, 17_280],
  ])('60 days of intervals of %d s are %d rows', (lengthS, rows) => {
    expect(keeper.keptRows(lengthS)).toBe(rows);
  });

  test('512 meters share it', () => {
    keeper = made({ meters: Array.from({ length: 512 }, (_, index) => `meter-${index}`) });
    expect([keeper.keptRows(3_600), keeper.keptRows(900)]).toEqual([1_440, 1_464]);
  });

  test('meters that went away are kept as long as there is room', () => {
    watch(4 * 60 + 1, 'meter-old');
    keeper.prune();
    expect(all('meter-old')).toHaveLength(4);
    keeper = made({ bounds: { keepDays: 60, maxRows: 3 } });
    keeper.prune();
    expect(all('meter-old')).toEqual(['12:00 6000', '13:00 6000', '14:00 6000']);
  });
});

test('what a disk did not take is written when it does', () => {
  watch(59);
  database.exec('PRAGMA query_only = 1');
  for (; nowMs < 125 * minuteMs; nowMs += 20_000) {
    try {
      look();
    } catch {
      wanted = 0;
    }
  }
  database.exec('PRAGMA query_only = 0');
  expect(all()).toEqual(['11:00 6000', '12:00 6000']);
});

test('a database that was begun anew goes on where the meter stands: no energy is lost', () => {
  watch(90);
  database.close();
  rmSync(directory, { recursive: true });
  database = openDatabase(directory);
  keeper.rewrite();
  keeper.flush();
  keeper = made();
  watch(121);
  expect(all()).toEqual(['12:00 6000']);
});

describe('registers near a boundary', () => {
  const asked = (minute: number): boolean => {
    nowMs = minute * minuteMs;
    return keeper.wantsRegisters('meter-1', 4_000, 3_600);
  };

  test('are wanted once before and once after, whatever comes of it', () => {
    look();
    expect([asked(0.1), asked(30), asked(59.95), asked(60.01), asked(60.1), asked(61)]).toEqual([
      true,
      false,
      true,
      true,
      false,
      false,
    ]);
  });
});
