import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dayOf, dayStartS, daySeconds, filesOf } from './interval-files.ts';
import { forgetOldRegisters } from './registers.ts';
import type { WarehouseSession } from './module.ts';
import type { Sessions } from './sessions.ts';

/**
 * Removes days that are older than `keepDays`, counted back from today or from the newest day that is there, whichever is earlier: a clock
 * that leaps years ahead forgets nothing. Gives the days.
 */
export async function forgetOldDays(
  sessions: Sessions,
  folder: string,
  keepDays: number,
  nowMs: number,
): Promise<readonly string[]> {
  const forgotten = await sessions.write(async (session) => {
    await forgetOldRegisters(session);
    const firstKept = await firstKeptDay(session, keepDays, nowMs);
    if (firstKept === undefined) return { days: [], files: [] };
    const days = await session.rows<{ day: string }>(
      'DELETE FROM interval_day WHERE day < $1::DATE RETURNING day::VARCHAR AS day',
      [firstKept],
    );
    if (days.length === 0) return { days: [], files: [] };
    const files = (await filesOf(session, '0001-01-01', firstKept)).filter(({ day }) => day < firstKept);
    const beforeS = dayStartS(firstKept);
    for (const table of ['interval_file', 'changed_day', 'fault', 'judged_day'])
      await session.run(`DELETE FROM ${table} WHERE day < $1::DATE`, [firstKept]);
    for (const table of ['landing', 'replaced', 'edited'])
      await session.run(`DELETE FROM ${table} WHERE start_s < ${beforeS}`);
    await session.run(`DELETE FROM register WHERE at_s < ${beforeS}`);
    await session.run('DELETE FROM edit WHERE NOT EXISTS (FROM edited e WHERE e.edit = edit.edit)');
    return { days: days.map(({ day }) => day), files: files.map(({ file }) => file) };
  });
  if (forgotten.files.length > 0)
    void sessions.afterThose().then(() => {
      for (const file of forgotten.files) rmSync(dirname(join(folder, file)), { recursive: true, force: true });
    });
  return forgotten.days;
}

/** Days before it are not kept. Undefined: there is none at all. */
export async function firstKeptDay(
  session: Pick<WarehouseSession, 'row'>,
  keepDays: number,
  nowMs: number,
): Promise<string | undefined> {
  const { newest } = await session.row<{ newest: string | null }>(
    'SELECT max(day)::VARCHAR AS newest FROM interval_day',
  );
  if (newest === null) return undefined;
  const lastS = Math.min(dayStartS(newest), Math.floor(nowMs / 1_000));
  return dayOf(Math.max(0, lastS - keepDays * daySeconds));
}
