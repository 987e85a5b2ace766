import { constants, existsSync, mkdirSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { Refusal } from '../warehouse-request.ts';
import { databasePath } from './database.ts';
import { filesOf, isWhole, sizeOf, syncFile } from './interval-files.ts';
import { keptDaysFile } from './kept-days.ts';
import { listFile } from './meters.ts';
import type { Sessions } from './sessions.ts';

/**
 * The database as of one instant, while nobody writes, then the files of intervals that it names, which nobody changes; they are not removed
 * before the session ends. Throws where the copy is not what was copied.
 */
export async function copyEverything(
  sessions: Sessions,
  folder: string,
  to: string,
): Promise<{ files: number; bytes: number }> {
  if (existsSync(to)) throw new Refusal('invalid', `${to} is there already: nothing is written over`);
  return await sessions.read(async () => {
    mkdirSync(to, { recursive: true, mode: 0o700 });
    const database = databasePath(folder);
    const own = [database, `${database}.wal`, listFile(folder), keptDaysFile(folder)];
    await sessions.alone(async () => {
      for (const path of own)
        if (existsSync(path)) await copyFile(path, join(to, relative(folder, path)), constants.COPYFILE_FICLONE);
    });
    const files = await checkedFiles(databasePath(to));
    let bytes = sizeOf(databasePath(to));
    for (const { file } of files) {
      const target = join(to, file);
      mkdirSync(dirname(target), { recursive: true, mode: 0o750 });
      await copyFile(join(folder, file), target, constants.COPYFILE_FICLONE);
      syncFile(target);
      if (!(await isWhole(target))) throw new Error(`${join(folder, file)} is damaged, so that its copy is no backup`);
      bytes += sizeOf(target);
    }
    for (const path of own)
      if (existsSync(join(to, relative(folder, path)))) syncFile(join(to, relative(folder, path)));
    return { files: files.length, bytes };
  });
}

/** Opens the copy, which writes what its log held into it, and reads what it names. */
async function checkedFiles(database: string): Promise<readonly { file: string }[]> {
  const instance = await DuckDBInstance.create(database, { memory_limit: '512MB', threads: '1' });
  try {
    const connection = await instance.connect();
    try {
      return await filesOf(
        {
          rows: async <Row>(sql: string, values?: Parameters<typeof connection.runAndReadAll>[1]) =>
            (await connection.runAndReadAll(sql, values)).getRowObjectsJS() as Row[],
        },
        '0001-01-01',
        '9999-12-31',
      );
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}
