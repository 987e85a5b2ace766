import { join } from 'node:path';
import { daySeconds, dayStartS, filesOf, mostParts, parquet, piecesOf } from './interval-files.ts';
import type { DayFile, Range } from './interval-files.ts';
import { bestFirst, standing } from './interval-order.ts';
import { toldBits } from '../vee-rules.ts';
import { intervalColumns } from './own-tables.ts';
import type { OwnSession } from './sessions.ts';

/** A file of more rows is cut at full hours, so that sorting one stays within the memory. */
const maxRowsInFile = 4_000_000;
const all = intervalColumns.join(', ');

export const within = ({ fromS, toS }: Range): string => `start_s >= ${fromS} AND start_s < ${toS}`;

/** All that was ever told of a day and not given up: rows in its files and rows landed since. */
export type DayRows = {
  readonly day: string;
  readonly range: Range;
  readonly files: readonly DayFile[];
  /** Landed, and in no file yet. */
  readonly waiting: number;
  /** The day in pieces that can be sorted. */
  readonly parts: readonly Range[];
  /** SQL: the one row of each key that stands. */
  readonly standing: (range: Range) => string;
};

/** Makes the temporary table `contested`: keys of which there are several rows. `undefined`: nothing waits. */
export async function dayRows(session: OwnSession, folder: string, day: string): Promise<DayRows | undefined> {
  const range = { fromS: dayStartS(day), toS: dayStartS(day) + daySeconds };
  const { waiting } = await session.row<{ waiting: number }>(
    `SELECT count(*)::DOUBLE AS waiting FROM landing WHERE ${within(range)}`,
  );
  if (waiting === 0) return undefined;
  const files = await filesOf(session, day, day);
  const stored = files.map(({ file }) => join(folder, file));
  session.lookInto(stored);
  const rows = files.reduce((sum, file) => sum + file.rows, waiting);
  const parts = piecesOf(day, Math.min(mostParts, Math.ceil(rows / maxRowsInFile)));
  const told = toldBy(stored);
  await session.run('CREATE OR REPLACE TEMP TABLE contested (meter UINTEGER, start_s UINTEGER)');
  for (const part of parts) {
    const keys = `(SELECT DISTINCT meter, start_s FROM landing WHERE ${within(part)})`;
    const before =
      stored.length === 0
        ? ''
        : `UNION ALL SELECT meter, start_s FROM ${parquet(stored)} SEMI JOIN ${keys} USING (meter, start_s) WHERE ${within(part)}`;
    await session.run(
      `INSERT INTO contested SELECT meter, start_s FROM (SELECT meter, start_s FROM landing WHERE ${within(part)} ${before})
       GROUP BY ALL HAVING count(*) > 1`,
    );
  }
  const { contests } = await session.row<{ contests: number }>('SELECT count(*)::DOUBLE AS contests FROM contested');
  const stands = (of: Range): string =>
    contests === 0
      ? told(of)
      : `(SELECT * FROM ${told(of)} ANTI JOIN contested USING (meter, start_s) UNION ALL SELECT * FROM ${standing(contestants(told(of)))})`;
  return { day, range, files, waiting, parts, standing: stands };
}

const toldBy =
  (stored: readonly string[]) =>
  (range: Range): string =>
    `(SELECT ${all} FROM landing WHERE ${within(range)}${stored.length === 0 ? '' : ` UNION ALL SELECT ${all} FROM ${parquet(stored)} WHERE ${within(range)}`})`;

const contestants = (told: string): string => `(SELECT * FROM ${told} SEMI JOIN contested USING (meter, start_s))`;

/** Rows that lost against another of their key, each once; the same row told twice is one row. */
export async function keepReplaced(
  session: OwnSession,
  folder: string,
  { files, range, parts }: DayRows,
  nowMs: number,
): Promise<void> {
  const told = toldBy(files.map(({ file }) => join(folder, file)));
  for (const part of parts)
    await session.run(
      `INSERT INTO replaced SELECT *, $1 FROM (
         SELECT DISTINCT ${all} FROM (SELECT ${plain} FROM ${contestants(told(part))})
         QUALIFY dense_rank() OVER (PARTITION BY meter, start_s ORDER BY ${bestFirst}) > 1
         EXCEPT SELECT ${all} FROM replaced WHERE ${within(range)})`,
      [Math.floor(nowMs / 1_000)],
    );
}

/** Without the marks of a validation before, which are no part of what was told. */
const plain = intervalColumns
  .map((name) => (name === 'flags' ? `(flags & ${toldBits})::UINTEGER AS flags` : name))
  .join(', ');
