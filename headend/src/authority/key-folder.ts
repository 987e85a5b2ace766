import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** Where secrets lie, for the user of the head-end alone. */
export class KeyFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Makes it where it is missing. Throws an Error for people. */
  open(): void {
    try {
      mkdirSync(this.path, { recursive: true, mode: 0o700 });
      chmodSync(this.path, 0o700);
    } catch (error) {
      throw new Error(`the folder of keys ${this.path} cannot be used: ${wordsOf(error)}`, { cause: error });
    }
  }

  fileOf(name: string): string {
    return join(this.path, name);
  }

  has(name: string): boolean {
    return statSync(this.fileOf(name), { throwIfNoEntry: false }) !== undefined;
  }

  /** Undefined where there is none. Throws where it is there and cannot be used. */
  read(name: string): string | undefined {
    return this.has(name) ? readSecret(this.fileOf(name)) : undefined;
  }

  readBytes(name: string): Buffer | undefined {
    return this.has(name) ? secretBytes(this.fileOf(name)) : undefined;
  }

  /** On disk, whole, when this returns, and never readable by others in between. */
  write(name: string, content: string | Uint8Array): void {
    const partial = this.fileOf(`.${name}.${randomUUID()}`);
    try {
      const file = openSync(partial, 'wx', 0o600);
      try {
        giveToOwner(file, this.path);
        writeFileSync(file, content);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(partial, this.fileOf(name));
    } catch (error) {
      rmSync(partial, { force: true });
      throw new Error(`${this.fileOf(name)} cannot be written: ${wordsOf(error)}`, { cause: error });
    }
  }

  /** What lay there is written over first, as far as the disk does so. Nothing where it is missing. */
  erase(name: string): void {
    const file = this.fileOf(name);
    const size = statSync(file, { throwIfNoEntry: false })?.size;
    if (size === undefined) return;
    try {
      const open = openSync(file, 'r+');
      try {
        writeFileSync(open, Buffer.alloc(size));
        fsyncSync(open);
      } finally {
        closeSync(open);
      }
      rmSync(file);
    } catch (error) {
      throw new Error(`${file} cannot be erased: ${wordsOf(error)}`, { cause: error });
    }
  }
}

/** What root writes by a command is for whom the folder belongs to: the head-end or the broker could not read it else. */
function giveToOwner(file: number, folder: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(folder);
  if (uid !== 0) fchownSync(file, uid, gid);
}

/** A secret of any folder. Throws an Error for people where it cannot be read, or others can read it, too. */
export function readSecret(file: string): string {
  return secretBytes(file).toString('utf8');
}

function secretBytes(file: string): Buffer {
  let mode: number;
  let bytes: Buffer;
  try {
    ({ mode } = statSync(file));
    bytes = readFileSync(file);
  } catch (error) {
    throw new Error(`${file} cannot be read: ${wordsOf(error)}`, { cause: error });
  }
  if ((mode & 0o077) !== 0 && process.platform !== 'win32')
    throw new Error(
      `${file} can be read by others (mode ${(mode & 0o777).toString(8)}): chmod 600 it; if anybody may have, replace the key.`,
    );
  return bytes;
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
