import { closeSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

export type TraceFileSettings = {
  readonly path: string;
  /** A file that would grow beyond this is put aside first. */
  readonly maxBytes: number;
  /** Files put aside: `path.1` is the newest. The oldest goes. */
  readonly keep: number;
};

/**
 * Lines in a file of bounded size. Appends to what is there; when it is full, `path` becomes `path.1`, `path.1` becomes `path.2` and
 * so on. Throws what the disk throws.
 */
export class TraceFile {
  readonly #settings: TraceFileSettings;
  #handle: number | undefined;
  #bytes = 0;

  constructor(settings: TraceFileSettings) {
    this.#settings = settings;
  }

  open(): void {
    this.#handle = openSync(this.#settings.path, 'a', 0o640);
    this.#bytes = fstatSync(this.#handle).size;
  }

  write(line: string): void {
    const bytes = Buffer.from(`${line}\n`, 'utf8');
    if (this.#bytes > 0 && this.#bytes + bytes.length > this.#settings.maxBytes) this.#rotate();
    if (this.#handle === undefined) return;
    writeSync(this.#handle, bytes);
    this.#bytes += bytes.length;
  }

  close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }

  #rotate(): void {
    if (this.#handle === undefined) return;
    this.close();
    const { path, keep } = this.#settings;
    const name = (age: number): string => (age === 0 ? path : `${path}.${age}`);
    rmSync(name(keep), { force: true });
    for (let age = keep - 1; age >= 0; age--) renameIfThere(name(age), name(age + 1));
    if (keep === 0) rmSync(path, { force: true });
    this.open();
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
