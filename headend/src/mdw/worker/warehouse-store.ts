import { join } from 'node:path';
import { landIntervals, meterIntervals, numberMeters, settleDays } from '../requests.ts';
import type { WorkerSettings } from '../worker-message.ts';
import { openWarehouse } from './database.ts';
import { filesOf, intervalRelation, lostFiles, newestFiles, removeStrays, sizeOf } from './interval-files.ts';
import { Landing } from './landing.ts';
import { meterList, Meters } from './meters.ts';
import { answers } from './module.ts';
import type { RequestHandler, WarehouseAccess, WarehouseModule, WarehouseSession } from './module.ts';
import { intervalsOfMeter } from './reading.ts';
import { Sessions } from './sessions.ts';
import { Settler } from './settler.ts';

export type WarehouseStore = {
  /** A damaged database was moved away: a sentence. */
  readonly setAside: string | undefined;
  readonly access: WarehouseAccess;
  readonly requests: readonly RequestHandler[];
  stop(): Promise<void>;
};

export type StoreParts = {
  readonly nowMs: () => number;
  readonly log: (level: 'info' | 'warn', say: string) => void;
};

/** Everything of the warehouse in this process. Throws an Error for people where it cannot be opened. */
export async function startStore(
  settings: WorkerSettings,
  modules: readonly WarehouseModule[],
  { nowMs, log }: StoreParts,
): Promise<WarehouseStore> {
  const { folder } = settings;
  const { instance, setAside } = await openWarehouse(settings, modules, nowMs());
  const sessions = new Sessions(instance, intervalRelation(folder));
  const says: string[] = [];
  if (setAside !== undefined)
    says.push(`${setAside} was damaged and moved away: the warehouse is begun anew from its files of intervals`);
  says.push(...(await sessions.write((session) => recover(session, folder))));
  const meters = new Meters(sessions, folder);
  const settler = new Settler({ sessions, folder, meters, nowMs, log });
  const landing = new Landing(sessions, () => settler.landed());
  const access: WarehouseAccess = {
    timeZone: settings.timeZone,
    read: async (work) => await sessions.read(work),
    write: async (work) => await sessions.write(work),
    nowMs,
  };
  settler.start();
  return {
    setAside: says.length === 0 ? undefined : says.join('. '),
    access,
    requests: [
      answers(numberMeters, async (entries) => await meters.number(entries)),
      answers(landIntervals, async (columns) => await landing.land(columns)),
      answers(meterIntervals, async (asked, { warehouse }) => await intervalsOfMeter(warehouse, asked)),
      answers(settleDays, async ({ days }) => await settler.settle(days)),
      ...modules.flatMap(({ requests }) => requests),
    ],
    stop: async () => {
      await settler.stop();
      sessions.close();
      instance.closeSync();
    },
  };
}

/** Brings tables and files together again after a death, a damaged database or damaged files. Gives what was lost. */
async function recover(session: WarehouseSession, folder: string): Promise<readonly string[]> {
  const [begun] = await session.rows(`SELECT value FROM fact WHERE name = 'files'`);
  if (begun === undefined) await adopt(session, folder);
  const registered = await filesOf(session, '0001-01-01', '9999-12-31');
  const lost = lostFiles(folder, registered);
  for (const { file } of lost) await session.run('DELETE FROM interval_file WHERE file = $1', [file]);
  removeStrays(folder, new Set(registered.map(({ file }) => file)));
  if (lost.length === 0) return [];
  const days = [...new Set(lost.map(({ day }) => day))];
  return [
    `intervals of ${days.join(', ')} are lost (${lost.map(({ file }) => file).join(', ')}): they are gaps now, to be read again`,
  ];
}

async function adopt(session: WarehouseSession, folder: string): Promise<void> {
  if (sizeOf(join(folder, meterList)) > 0)
    await session.run('INSERT INTO meter SELECT meter, name, multiplier FROM read_parquet($1)', [
      join(folder, meterList),
    ]);
  for (const { day, file, generation } of newestFiles(folder)) {
    const path = join(folder, file);
    await session.run(`INSERT INTO interval_file SELECT $1::DATE, $2, $3, count(*), $4 FROM read_parquet($5)`, [
      day,
      file,
      generation,
      BigInt(sizeOf(path)),
      path,
    ]);
    await session.run('INSERT OR IGNORE INTO interval_day VALUES ($1::DATE, 0)', [day]);
  }
  await session.run(`INSERT INTO fact VALUES ('files', 'registered')`);
}
