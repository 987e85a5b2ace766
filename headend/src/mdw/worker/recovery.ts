import { join } from 'node:path';
import type { OpenWarehouse } from './database.ts';
import { moveFileAway } from './faults.ts';
import { filesOf, isWhole, lostFiles, newestFiles, removeStrays, sizeOf } from './interval-files.ts';
import { takeListed } from './meters.ts';
import type { OwnSession } from './sessions.ts';

/** Brings tables and files together after a death, or a database or files that were damaged. Gives what was lost, as sentences. */
export async function recover(
  session: OwnSession,
  folder: string,
  begunAnew: OpenWarehouse['begunAnew'],
  nowMs: number,
): Promise<readonly string[]> {
  const [known] = await session.rows(`SELECT value FROM fact WHERE name = 'files'`);
  if (known === undefined) await adopt(session, folder, nowMs);
  const registered = await filesOf(session, '0001-01-01', '9999-12-31');
  const lost = lostFiles(folder, registered).map(({ file }) => file);
  for (const file of lost) moveFileAway(join(folder, file), nowMs);
  removeStrays(folder, new Set(registered.map(({ file }) => file)));
  return [...anewSays(begunAnew), ...(await unregister(session, lost))];
}

/** Gives a sentence of what is lost with these files. */
export async function unregister(session: OwnSession, files: readonly string[]): Promise<readonly string[]> {
  if (files.length === 0) return [];
  const days = new Set<string>();
  for (const file of files) {
    const gone = await session.rows<{ day: string }>(
      'DELETE FROM interval_file WHERE file = $1 RETURNING day::VARCHAR AS day',
      [file],
    );
    for (const { day } of gone) days.add(day);
  }
  for (const day of days) await session.run(`INSERT INTO changed_day VALUES ($1::DATE, NULL, 0)`, [day]);
  return [
    `Files of the warehouse were damaged and moved away (${files.join(', ')}): intervals of ${[...days].join(', ')} are lost from it. They are gaps now, which are read again as far as gateways still have them; or restore a backup`,
  ];
}

function anewSays(begunAnew: OpenWarehouse['begunAnew']): readonly string[] {
  if (begunAnew === undefined) return [];
  const { movedTo, saved } = begunAnew;
  const held = saved.includes('landing')
    ? 'Landed intervals were saved out of it'
    : 'What was landed within the last minutes before is lost, and so are edits';
  return [
    `The warehouse's database was damaged, moved to ${movedTo} and begun anew from the files of intervals. ${held}; results of the load engine are computed anew`,
  ];
}

/** A database that has just been made takes over what lies in its folder. */
async function adopt(session: OwnSession, folder: string, nowMs: number): Promise<void> {
  const [has] = await session.rows('SELECT meter FROM meter LIMIT 1');
  if (has === undefined) await takeListed(session, folder);
  for (const { day, file, generation } of newestFiles(folder)) {
    const path = join(folder, file);
    const whole = await isWhole(path);
    const { rows } = whole
      ? await session.row<{ rows: bigint }>('SELECT count(*) AS rows FROM read_parquet($1)', [path])
      : { rows: 0n };
    await session.run('INSERT INTO interval_file VALUES ($1::DATE, $2, $3, $4, $5, $6)', [
      day,
      file,
      generation,
      rows,
      // One that was changed is given a size that it has not, so that it counts as lost.
      whole ? BigInt(sizeOf(path)) : 0n,
      Math.floor(nowMs / 1_000),
    ]);
    await session.run('INSERT OR IGNORE INTO interval_day VALUES ($1::DATE, 0)', [day]);
  }
  await session.run('INSERT INTO changed_day SELECT day, NULL, 0 FROM interval_day');
  await session.run(`INSERT INTO fact VALUES ('files', 'registered')`);
}
