import { relative } from 'node:path';
import { Refusal } from '../warehouse-request.ts';
import type { WarehouseCondition, WorkerSettings } from '../worker-message.ts';
import { databasePath, openWarehouse } from './database.ts';
import { isDamage, isDiskFault, isFatal, damagedFiles, moveFileAway, noteDamage } from './faults.ts';
import { checkFiles } from './file-check.ts';
import type { FilesChecked } from './file-check.ts';
import { KeptDays } from './kept-days.ts';
import { Landing } from './landing.ts';
import { Meters } from './meters.ts';
import { ownRequests } from './own-requests.ts';
import type { RequestHandler, WarehouseAccess, WarehouseModule } from './module.ts';
import { recover, unregister } from './recovery.ts';
import { Sessions } from './sessions.ts';
import type { FaultHearer } from './sessions.ts';
import { Settler } from './settler.ts';

export type WarehouseStore = {
  readonly access: WarehouseAccess;
  readonly requests: readonly RequestHandler[];
  stop(): Promise<void>;
};

export type StoreParts = {
  readonly nowMs: () => number;
  readonly log: (level: 'info' | 'warn', say: string) => void;
  /** Without a sentence: it is well again. */
  readonly onCondition: (id: WarehouseCondition, say: string | undefined) => void;
  /** This process cannot go on: its files are to be opened by another. */
  readonly onFatal: (say: string) => void;
};

/** Every file is looked through once in so long, a few at a time, so that a disk that changes something is found before it is asked for. */
const checkedEveryMs = 30 * 86_400_000;
const checkEveryMs = 600_000;
const checkedBytesAtOnce = 500e6;

/** Everything of the warehouse in this process. Throws an Error for people where it cannot be opened. */
export async function startStore(
  settings: WorkerSettings,
  modules: readonly WarehouseModule[],
  parts: StoreParts,
): Promise<WarehouseStore> {
  const { folder, keepDays } = settings;
  const { nowMs, log } = parts;
  const { instance, begunAnew } = await openWarehouse(settings, modules, nowMs());
  const told = new Told(parts);
  const sessions: Sessions = new Sessions({
    instance,
    folder,
    onFault: faultHearer({ folder, told, ...parts }, () => sessions),
  });
  told.lost(await sessions.write((session) => recover(session, folder, begunAnew, nowMs())));
  const meters = new Meters(sessions, folder, nowMs);
  await meters.start();
  const kept = new KeptDays(folder, keepDays, log);
  const settler = new Settler({ sessions, folder, kept, nowMs, log, onWritten: () => told.written() });
  const landing = new Landing(sessions, () => (settler.landed(), told.written()));
  const access: WarehouseAccess = {
    timeZone: settings.timeZone,
    read: async (work) => await sessions.read(work),
    write: async (work) => {
      const result = await sessions.write(work);
      told.written();
      return result;
    },
    nowMs,
  };
  const check = async (maxBytes: number, notSinceS: number): Promise<FilesChecked> => {
    const checked = await checkFiles(sessions, folder, { maxBytes, notSinceS, nowMs: nowMs() });
    told.lost(checked.lost);
    return checked;
  };
  const checking = setInterval(() => {
    check(checkedBytesAtOnce, Math.floor((nowMs() - checkedEveryMs) / 1_000)).catch((error: unknown) =>
      log('warn', `files could not be looked through: ${String(error)}`),
    );
  }, checkEveryMs);
  settler.start();
  return {
    access,
    requests: [
      ...ownRequests({ sessions, settings, kept, meters, landing, settler, check, nowMs }),
      ...modules.flatMap(({ requests }) => requests),
    ],
    stop: async () => {
      clearInterval(checking);
      await settler.stop();
      sessions.close();
      instance.closeSync();
    },
  };
}

/** What was told already is not told with every row. */
class Told {
  readonly #parts: Pick<StoreParts, 'onCondition'>;
  readonly #lost: string[] = [];
  #disk = false;

  constructor(parts: Pick<StoreParts, 'onCondition'>) {
    this.#parts = parts;
  }

  lost(says: readonly string[]): void {
    if (says.length === 0) return;
    this.#lost.push(...says);
    this.#parts.onCondition('warehouse-set-aside', this.#lost.slice(-5).join('. '));
  }

  disk(say: string): void {
    this.#disk = true;
    this.#parts.onCondition('warehouse', say);
  }

  written(): void {
    if (this.#disk) this.#parts.onCondition('warehouse', undefined);
    this.#disk = false;
  }
}

type Hearing = Pick<StoreParts, 'nowMs' | 'onFatal'> & {
  readonly folder: string;
  readonly told: Told;
};

function faultHearer({ folder, told, nowMs, onFatal }: Hearing, sessions: () => Sessions): FaultHearer {
  return async (error, files) => {
    // What is said of somebody's file is not said of the warehouse.
    if (error instanceof Refusal) return false;
    const text = error instanceof Error ? error.message : String(error);
    if (isDiskFault(error))
      told.disk(
        `${folder} cannot be written (${text}): is the disk full or read-only? Intervals are not kept until then`,
      );
    const bad = await damagedFiles(error, files);
    if (bad.length > 0) {
      const names = bad.map((file) => relative(folder, file));
      told.lost(await sessions().write((session) => unregister(session, names)));
      for (const file of bad) moveFileAway(file, nowMs());
      return true;
    }
    if (isDamage(error)) noteDamage(databasePath(folder));
    if (isDamage(error) || isFatal(error)) {
      onFatal(`the warehouse's database cannot be used any more: ${text}`);
      // Nobody is answered by this process any more; the next one is asked again.
      await new Promise(() => undefined);
    }
    return false;
  };
}
