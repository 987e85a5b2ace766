import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { IntervalRow } from './interval-row.ts';
import { editIntervals } from './edit-requests.ts';
import { meterIntervals, settleDays } from './requests.ts';
import { WarehouseProcess } from './warehouse-process.ts';
import { temporaryFolder } from './worker/store.fixture.ts';

const program = fileURLToPath(new URL('../main-warehouse-worker.ts', import.meta.url));
const yearS = 366 * 86_400;

let place: ReturnType<typeof temporaryFolder>;
let running: WarehouseProcess[];
let says: string[];

beforeEach(() => {
  place = temporaryFolder();
  running = [];
  says = [];
});
afterEach(async () => {
  for (const each of running) await each.stop();
  place.remove();
});

function begin(backOffMs?: readonly number[]): WarehouseProcess {
  const made = new WarehouseProcess({
    program,
    settings: { folder: place.folder, memoryMb: 512, threads: 2, timeZone: 'UTC', keepDays: 1_000 },
    onCondition: (id, say) => void says.push(`${id}: ${say ?? 'well'}`),
    log: (level, say) => void says.push(`${level}: ${say}`),
    ...(backOffMs === undefined ? {} : { backOffMs }),
  });
  running.push(made);
  made.start();
  return made;
}

const row = (hour: number, readS: number): IntervalRow => ({
  meter: 1,
  startS: hour * 3_600,
  lengthS: 3_600,
  importWh: readS * 1_000 + hour,
  flags: 0,
  source: 'meter',
  readS,
});

async function told(warehouse: WarehouseProcess): Promise<Map<number, number | undefined>> {
  const read = await warehouse.ask(meterIntervals, { meter: 'm', fromS: 0, toS: yearS });
  if (!read.ok) throw new Error(read.say);
  return new Map(read.value?.map(({ startS, importWh }) => [startS / 3_600, importWh]));
}

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('kill -9', () => {
  test.each([1, 2, 3])(
    'of the worker in the middle of landings and settlings, seed %i: what was acknowledged is there',
    async (seed) => {
      const random = randomOf(seed);
      const warehouse = begin([20]);
      await warehouse.numberMeters([{ name: 'm' }]);
      const latest = new Map<number, number>();
      let killed = 0;
      for (let round = 1; round <= 25; round += 1) {
        const rows = Array.from({ length: 50 }, () => row(Math.floor(random() * 100), round));
        const landing = warehouse.land(rows);
        const settling = round % 5 === 0 ? warehouse.ask(settleDays, {}) : undefined;
        const { pid } = warehouse;
        if (random() < 0.2 && pid !== undefined) {
          await new Promise((resolve) => setTimeout(resolve, random() * 12));
          process.kill(pid, 'SIGKILL');
          killed += 1;
        }
        const landed = await landing;
        // Landing may be repeated, so a death in its middle is nothing that its caller sees.
        expect(landed).toMatchObject({ ok: true });
        for (const { startS, readS } of rows) latest.set(startS / 3_600, readS);
        expect((await settling)?.ok).not.toBe(false);
      }
      const expected = new Map([...latest].map(([hour, readS]) => [hour, readS * 1_000 + hour]));
      expect(new Map([...(await told(warehouse))].toSorted(([a], [b]) => a - b))).toEqual(
        new Map([...expected].toSorted(([a], [b]) => a - b)),
      );
      expect(killed).toBeGreaterThan(1);
    },
    120_000,
  );

  test.each([{ also: false }, { also: true }])(
    'of the head-end, and of its worker at once: $also',
    async ({ also }) => {
      const fixture = fileURLToPath(new URL('landing-forever.fixture.ts', import.meta.url));
      const headend = spawn(process.execPath, [fixture, place.folder], { stdio: ['ignore', 'pipe', 'inherit'] });
      const lines: string[] = [];
      const ended = once(headend, 'exit');
      for await (const line of createInterface({ input: headend.stdout })) {
        lines.push(line);
        if (lines.length === 30) {
          headend.kill('SIGKILL');
          if (also) process.kill(Number(lines[0]?.split(' ')[1]), 'SIGKILL');
        }
      }
      await ended;
      const acknowledged = lines.slice(1).map((line) => Number(line.split(' ')[1]) / 3_600);
      expect(acknowledged.length).toBeGreaterThan(28);
      const found = await told(begin());
      for (const hour of acknowledged) expect(found.get(hour)).toBe(hour * 3_600);
    },
  );
});

test('what may not be repeated is answered with a failure that says so, when the worker dies over it', async () => {
  const warehouse = begin();
  await warehouse.numberMeters([{ name: 'm' }]);
  const asked = warehouse.ask(editIntervals, {
    meter: 'm',
    changes: [{ startS: 0, lengthS: 3_600, importWh: 1 }],
    who: 'anna',
    reason: 'why',
    atMs: 0,
  });
  process.kill(warehouse.pid ?? 0, 'SIGKILL');
  expect(await asked).toMatchObject({ ok: false, reason: 'interrupted', say: expect.stringContaining('mdw.edit') });
});

test('a stop is ordered: what was asked before is answered, nothing is taken after', async () => {
  const warehouse = begin();
  const numbers = warehouse.numberMeters([{ name: 'm' }]);
  await numbers;
  const landing = warehouse.land([row(1, 1)]);
  const stopped = warehouse.stop();
  expect(await landing).toMatchObject({ ok: true });
  await stopped;
  expect(await warehouse.land([row(2, 1)])).toMatchObject({ ok: false, reason: 'stopped' });
  expect(await told(begin())).toEqual(new Map([[1, 1_001]]));
});

test('a folder that another has: a sentence, at the asking and as a condition; it waits until it can', async () => {
  const first = begin();
  await first.numberMeters([{ name: 'm' }]);
  const second = begin();
  expect(await second.numberMeters([{ name: 'm' }])).toMatchObject({
    ok: false,
    reason: 'not-running',
    say: expect.stringContaining('is in use by another process'),
  });
  expect(says.at(-1)).toContain('is in use by another process');
}, 40_000);
