import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fsyncSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { WarehouseSession } from './module.ts';

export const daySeconds = 86_400;

export type DayFile = {
  readonly file: string;
  readonly generation: number;
  readonly rows: number;
  readonly bytes: number;
};

export const dayOf = (startS: number): string => new Date(startS * 1_000).toISOString().slice(0, 10);
export const dayStartS = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1_000;

/** Which piece of which generation of a day a file holds. */
export type Piece = {
  readonly day: string;
  readonly generation: number;
  readonly part: number;
  readonly parts: number;
};

/**
 * Below the folder of the warehouse: `intervals/day=2026-03-31/g2-1of3-0123456789abcdef.parquet`. The name tells the beginning of the file's
 * SHA-256, for Parquet itself does not tell when a disk changed something.
 */
export const fileName = ({ day, generation, part, parts }: Piece, hash: string): string =>
  `intervals/day=${day}/g${generation}-${part}of${parts}-${hash}.parquet`;

export type Range = { readonly fromS: number; readonly toS: number };

/** A day is cut into this many pieces at most, at full hours. */
export const mostParts = 24;
const hourS = daySeconds / mostParts;

/** Pieces of a day, by when the intervals in them start. */
export function piecesOf(day: string, parts: number): readonly Range[] {
  const at = (part: number): number => dayStartS(day) + Math.floor((part * mostParts) / parts) * hourS;
  return Array.from({ length: parts }, (_, part) => ({ fromS: at(part), toS: at(part + 1) }));
}

/** When the intervals in a file start. */
export function rangeOf(file: string): Range {
  const [, day, , part, parts] = named.exec(file) ?? [];
  const range = day === undefined ? undefined : piecesOf(day, Number(parts))[Number(part) - 1];
  if (range === undefined) throw new Error(`${file} is not named as files of intervals are`);
  return range;
}

const named = /^intervals\/day=(\d{4}-\d\d-\d\d)\/g(\d+)-(\d+)of(\d+)-([0-9a-f]{16})\.parquet$/;

/** As it is called until it is whole. */
export const writingName = (file: string): string => `${file}.part`;
export const pieceName = ({ day, generation, part, parts }: Piece): string =>
  writingName(`intervals/day=${day}/g${generation}-${part}of${parts}`);

/** The files of these days, as this session sees them. */
export async function filesOf(
  session: Pick<WarehouseSession, 'rows'>,
  fromDay: string,
  toDay: string,
): Promise<readonly (DayFile & { readonly day: string })[]> {
  return await session.rows(
    `SELECT day::VARCHAR AS day, file, generation, row_count::DOUBLE AS rows, bytes::DOUBLE AS bytes FROM interval_file
     WHERE day BETWEEN $1::DATE AND $2::DATE ORDER BY day, file`,
    [fromDay, toDay],
  );
}

export const parquet = (paths: readonly string[]): string =>
  `read_parquet([${paths.map(quoted).join(', ')}], hive_partitioning = false)`;

/** The beginning of its SHA-256. */
export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex').slice(0, 16);
}

/** Is it there, and as it was written? */
export async function isWhole(path: string): Promise<boolean> {
  const [, told] = /-([0-9a-f]{16})\.parquet$/.exec(path) ?? [];
  return await hashOf(path).then(
    (hash) => hash === told,
    () => false,
  );
}

export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Down to the disk, so that a power cut finds it whole. */
export function syncFile(path: string): void {
  for (const each of [path, dirname(path)]) {
    const descriptor = openSync(each, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}

export type StrayFile = { readonly day: string; readonly file: string; readonly generation: number };

/** The newest whole generation of each day: what a database that is begun anew takes over. */
export function newestFiles(folder: string): readonly StrayFile[] {
  const found = filesBelow(folder).flatMap((file) => {
    const [, day, generation, , parts] = named.exec(file) ?? [];
    return day === undefined ? [] : [{ day, file, generation: Number(generation), parts: Number(parts) }];
  });
  const generations = Map.groupBy(found, ({ day, generation }) => `${day} ${generation}`);
  const whole = [...generations.values()].filter((each) => each.length === each[0]?.parts);
  const newest = new Map<string, typeof found>();
  for (const each of whole) {
    const day = each[0]?.day ?? '';
    const generation = each[0]?.generation ?? 0;
    if ((newest.get(day)?.[0]?.generation ?? -1) < generation) newest.set(day, each);
  }
  return [...newest.values()].flat();
}

/** What a death left: files that were begun, and generations that were replaced. What they held is where it was before. */
export function removeStrays(folder: string, registered: ReadonlySet<string>): void {
  for (const file of filesBelow(folder))
    if (!registered.has(file) && !file.includes('.damaged-')) rmSync(join(folder, file));
}

/** Registered, and not there or of another size: what they held is lost. */
export const lostFiles = <F extends DayFile>(folder: string, registered: readonly F[]): readonly F[] =>
  registered.filter(({ file, bytes }) => sizeOf(join(folder, file)) !== bytes);

function filesBelow(folder: string): string[] {
  const root = join(folder, 'intervals');
  mkdirSync(root, { recursive: true, mode: 0o750 });
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(join(root, name)).map((file) => `intervals/${name}/${file}`));
}

export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? -1;
