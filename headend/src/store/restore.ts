import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statSync,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { hashOfFile, manifestFile, pathsBelow, sync } from './backup.ts';
import type { BackupManifest } from './backup.ts';
import { lockFolder } from './database.ts';
import { noteRestored, restoredFile } from './restored.ts';
import { restoringFolder } from './sqlite-store.ts';

/**
 * Makes a data folder of a backup, after every file of it was compared with the list of its hashes. The data folder must be empty or not be
 * there: nothing is ever overwritten. Everything is copied aside first and put in place then, `operations.db` last; a head-end does not
 * start in between. Throws an Error for people.
 */
export async function restore(folder: string, data: string): Promise<BackupManifest> {
  const [from, to] = [resolve(folder), resolve(data)];
  const manifest = readManifest(from);
  await compare(from, manifest);
  if (existsSync(to) && readdirSync(to).length > 0)
    throw new Error(
      `${to} is not empty: nothing is overwritten. Move what is there away, or name another folder with --data`,
    );
  mkdirSync(to, { recursive: true, mode: 0o750 });
  const lock = lockFolder(to);
  try {
    await putInPlace(from, to, manifest);
  } finally {
    lock.close();
  }
  return manifest;
}

function readManifest(folder: string): BackupManifest {
  const path = join(folder, manifestFile);
  let manifest: BackupManifest;
  try {
    manifest = JSON.parse(readFileSync(path, 'utf8')) as BackupManifest;
  } catch (error) {
    throw new Error(
      `${path} cannot be read (${error instanceof Error ? error.message : String(error)}): is ${folder} a whole backup?`,
      {
        cause: error,
      },
    );
  }
  if (manifest.format !== 1)
    throw new Error(`${path} is of format ${String(manifest.format)}, of a newer program: restore with that one`);
  return manifest;
}

async function compare(folder: string, { files }: BackupManifest): Promise<void> {
  const known = new Map(files.map((file) => [file.path, file]));
  for (const path of pathsBelow(folder)) {
    const isFile = lstatSync(join(folder, path)).isFile();
    if (isFile && path !== manifestFile && !known.has(path))
      throw new Error(`${join(folder, path)} does not belong to this backup: somebody changed it. Take another backup`);
  }
  for (const { path, bytes, sha256 } of files) {
    const file = join(folder, path);
    if (!existsSync(file)) throw new Error(`${file} is missing: the backup is not whole. Take another one`);
    if (lstatSync(file).size !== bytes || (await hashOfFile(file)) !== sha256)
      throw new Error(`${file} is not what was backed up: damaged or changed. Take another backup`);
  }
}

async function putInPlace(from: string, to: string, { folders, files, madeAtMs }: BackupManifest): Promise<void> {
  const stage = join(to, restoringFolder);
  const owner = statSync(to);
  mkdirSync(stage, { mode: 0o700 });
  for (const { path } of folders) mkdirSync(join(stage, path), { mode: 0o700 });
  for (const { path, mode } of files) {
    const target = join(stage, path);
    await copyFile(join(from, path), target);
    own(target, owner);
    chmodSync(target, mode);
    sync(target);
  }
  for (const { path, mode } of folders.toReversed()) {
    own(join(stage, path), owner);
    chmodSync(join(stage, path), mode);
  }
  noteRestored(stage, madeAtMs);
  own(join(stage, restoredFile), owner);
  const names = readdirSync(stage).toSorted((a, b) => Number(a === 'operations.db') - Number(b === 'operations.db'));
  for (const name of names) renameSync(join(stage, name), join(to, name));
  rmdirSync(stage);
  sync(to);
}

/** Restored by root for the program's own user, whose folder it is. */
function own(path: string, { uid, gid }: { uid: number; gid: number }): void {
  if (process.getuid?.() === 0) chownSync(path, uid, gid);
}
