import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Audit } from './operators/audit.ts';
import type { Conditions } from './store/conditions.ts';
import { manifestFile } from './store/backup.ts';

export type BackupSettings = { readonly folder: string; readonly everyHours: number; readonly keep: number };
export type BackupDone = { readonly ok: boolean; readonly say: string };

export type BackupsParts = {
  readonly settings: BackupSettings;
  readonly data: string;
  readonly audit: Pick<Audit, 'system'>;
  readonly conditions: Conditions;
  readonly now: () => number;
  /** Makes a backup of `data` into a folder that is not there. Never rejects. */
  readonly run: (folder: string, data: string) => Promise<BackupDone>;
};

const hourMs = 3_600_000;
const againAfterMs = 900_000;
/** So much later than wanted it is told. */
const lateFactor = 1.5;
const name = /^headend-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)Z$/;

/**
 * Backups by the clock, each into a folder of its own that tells when, the oldest given up. What counts is what lies there: one that failed,
 * is late, or was taken away is told until there is a newer one.
 */
export class Backups {
  readonly #parts: BackupsParts;
  #running = false;
  #triedAtMs = Number.NEGATIVE_INFINITY;
  #failure: string | undefined;
  readonly #startedAtMs: number;

  constructor(parts: BackupsParts) {
    this.#parts = parts;
    this.#startedAtMs = parts.now();
  }

  /** Called about once a minute. Resolves when what it began is done. */
  async tick(): Promise<void> {
    const { settings, now } = this.#parts;
    const nowMs = now();
    const newestMs = this.#newestMs(nowMs);
    this.#tell(newestMs, nowMs);
    const isFresh = newestMs !== undefined && nowMs - newestMs < settings.everyHours * hourMs;
    if (isFresh || this.#running || Math.abs(nowMs - this.#triedAtMs) < againAfterMs) return;
    this.#triedAtMs = nowMs;
    this.#running = true;
    try {
      await this.#make(nowMs);
    } finally {
      this.#running = false;
    }
    this.#tell(this.#newestMs(now()), now());
  }

  async #make(nowMs: number): Promise<void> {
    const { settings, data, audit, run, now } = this.#parts;
    const stamp = new Date(nowMs).toISOString().slice(0, 19).replaceAll(':', '-');
    const folder = join(settings.folder, `headend-${stamp}Z`);
    const done = await this.#attempt(async () => {
      const ran = await run(folder, data);
      return ran.ok ? this.#giveUpOld() : ran;
    });
    this.#failure = done.ok ? undefined : done.say;
    audit.system(
      done.ok ? 'backed-up' : 'backup-failed',
      done.ok ? `Backup ${folder}` : `Backup failed: ${done.say}`,
      now(),
    );
  }

  async #attempt(work: () => Promise<BackupDone>): Promise<BackupDone> {
    try {
      mkdirSync(this.#parts.settings.folder, { recursive: true, mode: 0o700 });
      return await work();
    } catch (error) {
      return { ok: false, say: wordsOf(error) };
    }
  }

  #tell(newestMs: number | undefined, nowMs: number): void {
    const { settings, conditions } = this.#parts;
    const lateMs = settings.everyHours * hourMs * lateFactor;
    const newest = newestMs === undefined ? 'there is none' : `the newest is of ${new Date(newestMs).toISOString()}`;
    const isLate = nowMs - (newestMs ?? this.#startedAtMs) > lateMs;
    const say =
      this.#failure === undefined
        ? isLate
          ? `Backups are late: in ${settings.folder} ${newest}.`
          : undefined
        : `The last backup failed: ${this.#failure}. In ${settings.folder} ${newest}; it is tried again every 15 minutes.`;
    conditions.set('backup', say);
  }

  /** One of the future, made before the clock was set back, is of nobody knows when. */
  #newestMs(nowMs: number): number | undefined {
    return this.#folders()
      .map(madeAtMs)
      .findLast((atMs) => atMs <= nowMs + hourMs);
  }

  /** Whole ones, oldest first; none where the folder cannot be looked at, which the next try tells. */
  #folders(): readonly string[] {
    const { folder } = this.#parts.settings;
    try {
      return readdirSync(folder)
        .filter((each) => name.test(each) && existsSync(join(folder, each, manifestFile)))
        .toSorted();
    } catch {
      return [];
    }
  }

  #giveUpOld(): BackupDone {
    const { folder, keep } = this.#parts.settings;
    try {
      for (const each of this.#folders().slice(0, -keep)) rmSync(join(folder, each), { recursive: true, force: true });
      return { ok: true, say: '' };
    } catch (error) {
      return { ok: false, say: `it was made, but an old one cannot be removed: ${wordsOf(error)}` };
    }
  }
}

function madeAtMs(folder: string): number {
  const stamp = name.exec(folder)?.[1] ?? '';
  return Date.parse(`${stamp.slice(0, 11)}${stamp.slice(11).replaceAll('-', ':')}Z`);
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const longestMs = 6 * hourMs;

/** In a process of its own, so that copying and hashing a large history holds nobody up. */
export async function backUpApart(folder: string, data: string): Promise<BackupDone> {
  const program = fileURLToPath(new URL('./main.ts', import.meta.url));
  const child = spawn(process.execPath, [program, 'backup', folder, '--data', data], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: longestMs,
  });
  let say = '';
  child.stderr.on('data', (chunk: Buffer) => (say = `${say}${chunk.toString()}`.slice(-2_000)));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ ok: false, say: error.message }));
    child.once('close', (code, signal) =>
      resolve({ ok: code === 0, say: say.trim() || `it ended with ${signal ?? `code ${code}`}` }),
    );
  });
}
