import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Test networks beside the project, for tests alone. */
const folder = join(import.meta.dirname, '../../../../shared/data');

export const feedersMissing = !existsSync(join(folder, 'feeders/ieee9500'));

export const feederPath = (path: string): string => join(folder, 'feeders', path);

export const feederText = (path: string): string => readFileSync(feederPath(path), 'utf8');

/** Rows of a table that OpenDSS wrote with its solution, the heading left out. */
export function referenceRows(name: string): string[][] {
  const path = join(folder, 'reference', name);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : gunzipSync(readFileSync(`${path}.gz`)).toString();
  const rows = text
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '');
  return rows.map((line) => line.split(',').map((cell) => cell.replaceAll('"', '').trim()));
}
