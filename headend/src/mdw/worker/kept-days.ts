import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OldDays, Retention, RetentionAsked, RetentionSet, RetentionTold } from '../retention-requests.ts';
import { Refusal } from '../warehouse-request.ts';
import { sizeOf, syncFile, writingName } from './interval-files.ts';
import type { WarehouseSession } from './module.ts';
import { firstKeptDay, forgetOldDays } from './retention.ts';
import type { Sessions } from './sessions.ts';

/** Beside the database, for it outlives one that is damaged: otherwise days that are to be kept would be forgotten by the settings. */
export const keptDaysFile = (folder: string): string => join(folder, 'retention.json');

type Told = { readonly keepDays: number; readonly who: string; readonly atMs: number };
/** Longer than anybody has intervals: nothing is forgotten. */
const forEver: Told = { keepDays: 366_000, who: 'the warehouse, for retention.json cannot be read', atMs: 0 };

/** How many days are kept: as somebody has set it, else by the settings. */
export class KeptDays {
  readonly #path: string;
  readonly #configuredDays: number;
  #told: Told | undefined;

  constructor(folder: string, configuredDays: number, log: (level: 'warn', say: string) => void) {
    this.#path = keptDaysFile(folder);
    this.#configuredDays = configuredDays;
    try {
      if (sizeOf(this.#path) >= 0) this.#told = understood(readFileSync(this.#path, 'utf8'));
    } catch (error) {
      this.#told = forEver;
      log(
        'warn',
        `${this.#path} cannot be read (${String(error)}): nothing is forgotten until the retention is set anew`,
      );
    }
  }

  get days(): number {
    return this.#told?.keepDays ?? this.#configuredDays;
  }

  get retention(): Retention {
    const { who, atMs } = this.#told ?? {};
    const set = who === undefined || atMs === undefined ? {} : { set: { who, atMs } };
    return { keepDays: this.days, configuredDays: this.#configuredDays, ...set };
  }

  set(told: Told): void {
    writeFileSync(writingName(this.#path), JSON.stringify(told), { mode: 0o640, flush: true });
    renameSync(writingName(this.#path), this.#path);
    syncFile(this.#path);
    this.#told = told;
  }
}

function understood(text: string): Told {
  const { keepDays, who, atMs } = JSON.parse(text) as Told;
  if (!Number.isInteger(keepDays) || keepDays < 1) throw new Error('it tells of no days');
  return { keepDays, who: String(who), atMs: Number(atMs) };
}

type Parts = {
  readonly sessions: Sessions;
  readonly folder: string;
  readonly kept: KeptDays;
  readonly nowMs: () => number;
};

export async function retentionAsked(
  { sessions, kept, nowMs }: Parts,
  keepDays: number = kept.days,
): Promise<RetentionTold> {
  const old = await sessions.read(async (session) => await oldDays(session, keepDays, nowMs()));
  return { ...kept.retention, old };
}

export async function keepFor(
  { sessions, folder, kept, nowMs }: Parts,
  { forgetDays, ...told }: RetentionAsked,
): Promise<RetentionSet> {
  const { days } = await sessions.read(async (session) => await oldDays(session, told.keepDays, nowMs()));
  if (days > forgetDays)
    throw new Refusal(
      'precondition',
      `${days} days would be forgotten, not ${forgetDays}: look again, and confirm that`,
    );
  kept.set(told);
  return { ...kept.retention, forgotten: await forgetOldDays(sessions, folder, kept.days, nowMs()) };
}

/** Days that are there, and older than what is kept. */
export async function oldDays(
  session: Pick<WarehouseSession, 'row'>,
  keepDays: number,
  nowMs: number,
): Promise<OldDays> {
  const firstKept = await firstKeptDay(session, keepDays, nowMs);
  const { days, firstDay, lastDay } = await session.row<{
    days: number;
    firstDay: string | null;
    lastDay: string | null;
  }>(
    `SELECT count(*)::DOUBLE AS days, min(day)::VARCHAR AS "firstDay", max(day)::VARCHAR AS "lastDay" FROM interval_day WHERE day < $1::DATE`,
    [firstKept ?? '0001-01-01'],
  );
  return firstDay === null || lastDay === null ? { days } : { days, firstDay, lastDay };
}
