import { join } from 'node:path';
import { moveFileAway } from './faults.ts';
import { isWhole } from './interval-files.ts';
import { unregister } from './recovery.ts';
import type { Sessions } from './sessions.ts';

export type FilesChecked = { readonly files: number; readonly bytes: number; readonly lost: readonly string[] };

/**
 * Looks through files, those first that were not looked through for longest, up to so many bytes: are they as they were written? Who is not
 * is moved away. `lost` are sentences.
 */
export async function checkFiles(
  sessions: Sessions,
  folder: string,
  { maxBytes, notSinceS, nowMs }: { maxBytes: number; notSinceS: number; nowMs: number },
): Promise<FilesChecked> {
  const due = await sessions.read(
    async (session) =>
      await session.rows<{ file: string; bytes: number }>(
        'SELECT file, bytes::DOUBLE AS bytes FROM interval_file WHERE checked_s < $1 ORDER BY checked_s, file LIMIT 1000',
        [notSinceS],
      ),
  );
  let bytes = 0;
  const good: string[] = [];
  const bad: string[] = [];
  for (const each of due) {
    if (bytes > 0 && bytes + each.bytes > maxBytes) break;
    bytes += each.bytes;
    ((await isWhole(join(folder, each.file))) ? good : bad).push(each.file);
  }
  const lost = await sessions.write(async (session) => {
    // A day that was written anew meanwhile has other files, and nothing is lost with those before.
    const still = await session.rows<{ file: string }>(
      'SELECT file FROM interval_file WHERE list_contains($1::VARCHAR[], file)',
      [`[${bad.join(', ')}]`],
    );
    await session.run('UPDATE interval_file SET checked_s = $1 WHERE list_contains($2::VARCHAR[], file)', [
      Math.floor(nowMs / 1_000),
      `[${good.join(', ')}]`,
    ]);
    return {
      files: still.map(({ file }) => file),
      says: await unregister(
        session,
        still.map(({ file }) => file),
      ),
    };
  });
  for (const file of lost.files) moveFileAway(join(folder, file), nowMs);
  return { files: good.length + bad.length, bytes, lost: lost.says };
}
