import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const keptSetAside = 3;
const ends = ['', '-wal', '-shm'] as const;

/** SQLITE_CORRUPT, SQLITE_NOTADB: what is there cannot be trusted. */
export function isDamage(error: unknown): boolean {
  const code = Number((error as { errcode?: number } | undefined)?.errcode ?? 0) & 0xff;
  return code === 11 || code === 26 || (error instanceof Error && /malformed|not a database/i.test(error.message));
}

/** SQLITE_BUSY, READONLY, IOERR, FULL, CANTOPEN, or what the system says of such a disk: it may take writes again later. */
export function isDiskFault(error: unknown): boolean {
  const { errcode = 0, code = '' } = (error ?? {}) as { errcode?: number; code?: string };
  return [5, 8, 10, 13, 14].includes(errcode & 0xff) || ['EROFS', 'ENOSPC', 'EIO'].includes(code);
}

/** A disk that turned read-only or fails to read and write: what is open there may never work again, even when the disk does. */
export function isGone(error: unknown): boolean {
  return [8, 10, 14].includes(Number((error as { errcode?: number } | undefined)?.errcode ?? 0) & 0xff);
}

/** Moves a closed database away, with its log, under a name that tells when; of several the newest are kept. Gives the new path. */
export function setAside(path: string, nowMs: number): string {
  const file = `${path}.damaged-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-')}`;
  for (const end of ends) if (existsSync(`${path}${end}`)) renameSync(`${path}${end}`, `${file}${end}`);
  const before = readdirSync(dirname(path))
    .filter((name) => name.startsWith(`${basename(path)}.damaged-`) && !/-(wal|shm)$/.test(name))
    .toSorted()
    .slice(0, -keptSetAside);
  for (const name of before) for (const end of ends) rmSync(join(dirname(path), `${name}${end}`), { force: true });
  return file;
}
