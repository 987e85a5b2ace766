import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from './folder.ts';

/** Writes beside, syncs and renames. Throws where the disk cannot be written. */
export function writeWhole(path: string, text: string | Uint8Array, mode: number): void {
  makeFolder(dirname(path), 0o700);
  const partial = `${path}.part`;
  // One of an earlier run, or a link that somebody laid there: neither its mode nor its target may be taken over.
  rmSync(partial, { force: true });
  const file = openSync(partial, 'wx', mode);
  try {
    const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(partial, path);
}
