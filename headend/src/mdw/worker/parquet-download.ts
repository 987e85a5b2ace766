import { randomUUID } from 'node:crypto';
import { rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { DownloadAsked, DownloadMade } from '../transfer-requests.ts';
import { Refusal } from '../warehouse-request.ts';
import { temporaryFolder } from './database.ts';
import { dayOf, filesOf, sizeOf } from './interval-files.ts';
import { writeSpan } from './parquet-days.ts';
import type { OwnSession, Sessions } from './sessions.ts';

const openedWithinMs = 60_000;
const mostRows = 50_000_000;
/** A row takes five in the file, where values are as of homes, and more on the way. */
const bytesPerRow = 40;
/** So much of the disk is left to what gateways send. */
const leftBytes = 1e9;

/** What a worker that dies leaves is taken away by the next one, which empties the folder. */
export async function downloadOf(
  sessions: Sessions,
  folder: string,
  { fromS, toS, meters }: DownloadAsked,
): Promise<DownloadMade | undefined> {
  const path = join(temporaryFolder(folder), 'downloads', `${randomUUID()}.parquet`);
  const rows = await sessions.read(async (session) => {
    if (meters === undefined) await refuseTooMuch(session, folder, { fromS, toS });
    return await writeSpan(session, path, { fromS, toS }, meters);
  });
  if (rows === 0) return undefined;
  setTimeout(() => rmSync(path, { force: true }), openedWithinMs).unref();
  return { path, rows, bytes: sizeOf(path) };
}

/** By what its days have in files, and what waits: some more than there is. */
async function refuseTooMuch(
  session: OwnSession,
  folder: string,
  { fromS, toS }: { readonly fromS: number; readonly toS: number },
): Promise<void> {
  const stored = await filesOf(session, dayOf(fromS), dayOf(toS - 1));
  const { waiting } = await session.row<{ waiting: number }>(
    `SELECT count(*)::DOUBLE AS waiting FROM landing WHERE start_s >= ${fromS} AND start_s < ${toS}`,
  );
  const rows = stored.reduce((sum, file) => sum + file.rows, waiting);
  if (rows > mostRows)
    throw new Refusal(
      'invalid',
      `the days of this time hold ${rows} intervals, and a download ${mostRows} at most: ask for fewer days or for a meter, or take \`headend mdw export\``,
    );
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < rows * bytesPerRow + leftBytes)
    throw new Refusal('busy', 'the disk has no room for a file of this time: ask for fewer days, or make room');
}
