import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import type { ChainHead, ChainVerdict } from './audit-chain.ts';
import { verifyAudit } from './audit-tables.ts';
import { openToRead } from './database.ts';
import { operationsId, telemetryId } from './sqlite-store.ts';

/** `path` with slashes, below the folder; `mode` are the permissions that restoring gives back. */
export type BackedUpFile = {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly mode: number;
};

export type BackupManifest = {
  readonly format: 1;
  readonly madeAtMs: number;
  readonly version: string;
  /** The last row of the audit that it holds; absent where the audit does not fit. */
  readonly auditHead?: ChainHead;
  readonly folders: readonly { readonly path: string; readonly mode: number }[];
  readonly files: readonly BackedUpFile[];
};
export type BackupParts = {
  readonly nowMs: number;
  readonly version: string;
  /** Copies the meters' intervals into this folder, which it makes, as of one instant and looked through: another process may be writing them. */
  readonly copyWarehouse: (folder: string) => Promise<void>;
};
/** `warning`: it was made, and something of what it holds is not as it should be. */
export type BackupMade = { readonly manifest: BackupManifest; readonly warning?: string };

export const manifestFile = 'manifest.json';
const databases = [
  { file: 'telemetry.db', id: telemetryId },
  // Last, so that what it names, reports above all, is there already when the rest is copied after it.
  { file: 'operations.db', id: operationsId },
] as const;
/** What belongs to the running program or to a file that is being written, or was given up. */
const leftOut = /^(warehouse|head-end\.lock.*|(operations|telemetry)\.db.*|\.restoring|.*\.part)$/;
const warehouseFolder = 'warehouse';
const attempts = 5;
const everyPage = 0x7fff_ffff;

/**
 * Copies the whole data folder of a head-end, which may be running, into a new folder: databases by SQLite's own online backup, each as it
 * was at one instant, then reports, keys and whatever else lies there, with a list of everything and its hashes. The copy is looked
 * through before it counts; an interrupted one leaves `<folder>.part`. Throws an Error for people.
 */
export async function backUp(
  data: string,
  folder: string,
  { nowMs, version, copyWarehouse }: BackupParts,
): Promise<BackupMade> {
  const [from, to] = [resolve(data), resolve(folder)];
  if (!existsSync(join(from, 'operations.db')))
    throw new Error(`There is no ${join(from, 'operations.db')}: name the data folder of a head-end with --data`);
  if (existsSync(to))
    throw new Error(`${to} is there already: name a folder that is not, a backup is never written over another`);
  if (`${to}${sep}`.startsWith(`${from}${sep}`))
    throw new Error(`${to} lies in the data folder itself: name one elsewhere, best on another disk`);
  const part = `${to}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true, mode: 0o700 });
  for (const { file, id } of databases) await copyDatabase(join(from, file), join(part, file), id);
  checkPages(part);
  const audit = auditOf(part);
  await copyRest(from, part);
  const lacking = await withoutIntervals(from, part, copyWarehouse);
  const manifest: BackupManifest = {
    format: 1,
    madeAtMs: nowMs,
    version,
    ...(audit.ok ? { auditHead: audit.head } : {}),
    ...(await listed(part)),
  };
  writeFileSync(join(part, manifestFile), `${JSON.stringify(manifest, undefined, 1)}\n`, { mode: 0o600, flush: true });
  renameSync(part, to);
  sync(dirname(to));
  const warnings = [
    ...(audit.ok ? [] : [`its audit does not fit from row ${audit.seq} on: ${audit.say}`]),
    ...(lacking === undefined ? [] : [`it is without the meters' intervals: ${lacking}`]),
  ];
  return warnings.length === 0 ? { manifest } : { manifest, warning: warnings.join('; ') };
}

/** What is commanded and who did it is worth a backup without the meters' intervals, too. Gives why they are not in it. */
async function withoutIntervals(
  from: string,
  to: string,
  copyWarehouse: BackupParts['copyWarehouse'],
): Promise<string | undefined> {
  if (!existsSync(join(from, warehouseFolder))) return undefined;
  try {
    await copyWarehouse(join(to, warehouseFolder));
    return undefined;
  } catch (error) {
    rmSync(join(to, warehouseFolder), { recursive: true, force: true });
    return error instanceof Error ? error.message : String(error);
  }
}

async function copyDatabase(from: string, to: string, id: number): Promise<void> {
  const source = openToRead(from, id);
  try {
    // All pages in one step, so that a head-end that goes on writing is seen as of one instant.
    await backup(source, to, { rate: everyPage });
  } finally {
    source.close();
  }
  // One file by itself, without a log beside it, however often it is looked at.
  const copy = new DatabaseSync(to);
  copy.exec('PRAGMA journal_mode = DELETE');
  copy.close();
  chmodSync(to, lstatSync(from).mode & 0o777);
  sync(to);
}

function checkPages(folder: string): void {
  for (const { file } of databases) {
    const db = new DatabaseSync(join(folder, file), { readOnly: true });
    const said = Object.values(db.prepare('PRAGMA quick_check(1)').get() ?? {})[0];
    db.close();
    if (said !== 'ok') throw new Error(`${file} is damaged (${String(said)}), so that its copy is no backup`);
  }
}

function auditOf(folder: string): ChainVerdict {
  const db = new DatabaseSync(join(folder, 'operations.db'), { readOnly: true });
  try {
    return verifyAudit(db);
  } finally {
    db.close();
  }
}

/** Twice the same, so that keys that are exchanged meanwhile are not copied half old and half new. */
async function copyRest(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const before = stamps(from);
    for (const name of readdirSync(to)) if (!leftOut.test(name)) rmSync(join(to, name), { recursive: true });
    await copyFolder(from, to, (name) => !leftOut.test(name));
    if (stamps(from) === before) return;
    if (attempt === attempts) throw new Error(`${from} changes all the time: the backup is not whole. Try again later`);
  }
}

async function copyFolder(from: string, to: string, wanted: (name: string) => boolean): Promise<void> {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (!wanted(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    const mode = lstatSync(source).mode & 0o777;
    if (entry.isDirectory()) {
      mkdirSync(target, { mode: 0o700 });
      await copyFolder(source, target, (name) => !name.endsWith('.part'));
      chmodSync(target, mode);
    } else if (entry.isFile()) {
      await copyFile(source, target);
      chmodSync(target, mode);
      sync(target);
    }
  }
}

/** Names, sizes and times of all that is copied beside the databases. */
function stamps(folder: string): string {
  const below = (at: string, wanted: (name: string) => boolean): string[] =>
    readdirSync(at, { withFileTypes: true })
      .filter(({ name }) => wanted(name))
      .flatMap(({ name }) => {
        const path = join(at, name);
        const stat = lstatSync(path);
        const own = `${relative(folder, path)} ${stat.size} ${stat.mtimeMs} ${stat.ino}`;
        return stat.isDirectory() ? [own, ...below(path, (each) => !each.endsWith('.part'))] : [own];
      });
  // New reports come all the time, and none of them ever changes.
  return below(folder, (name) => !leftOut.test(name) && name !== 'reports').join('\n');
}

async function listed(folder: string): Promise<Pick<BackupManifest, 'folders' | 'files'>> {
  const paths = pathsBelow(folder).map((path) => ({ path, stat: lstatSync(join(folder, path)) }));
  const files: BackedUpFile[] = [];
  for (const { path, stat } of paths)
    if (stat.isFile())
      files.push({ path, bytes: stat.size, sha256: await hashOfFile(join(folder, path)), mode: stat.mode & 0o777 });
  const folders = paths
    .filter(({ stat }) => stat.isDirectory())
    .map(({ path, stat }) => ({ path, mode: stat.mode & 0o777 }));
  return { folders, files };
}

/** Every folder before what it holds; with slashes on all systems. */
export function pathsBelow(folder: string, at = ''): readonly string[] {
  return readdirSync(join(folder, at), { withFileTypes: true }).flatMap((entry) => {
    const path = at === '' ? entry.name : `${at}/${entry.name}`;
    return entry.isDirectory() ? [path, ...pathsBelow(folder, path)] : [path];
  });
}

export async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** A file or folder, down to the disk. */
export function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
