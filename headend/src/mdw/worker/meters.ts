import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { MeterEntry } from '../requests.ts';
import { quoted, syncFile, writingName } from './interval-files.ts';
import type { WarehouseSession } from './module.ts';
import type { Sessions } from './sessions.ts';

/** The list beside the files that name meters by number, so that it survives the database. */
export const meterList = 'meters.parquet';

/** One after the other, so that no number is given twice. */
export class Meters {
  readonly #sessions: Sessions;
  readonly #folder: string;
  #last: Promise<unknown> = Promise.resolve();
  #listed = -1;

  constructor(sessions: Sessions, folder: string) {
    this.#sessions = sessions;
    this.#folder = folder;
  }

  async number(entries: readonly MeterEntry[]): Promise<readonly number[]> {
    const mine = this.#last.then(async () => await this.#sessions.write((session) => numbered(session, entries)));
    this.#last = mine.catch(() => undefined);
    return await mine;
  }

  /** Written anew where meters were added since. */
  async list(): Promise<void> {
    await this.#sessions.read(async (session) => {
      const { count } = await session.row<{ count: number }>('SELECT count(*)::DOUBLE AS count FROM meter');
      if (count === this.#listed) return;
      const path = join(this.#folder, meterList);
      await session.run(
        `COPY (SELECT meter, name, multiplier FROM meter ORDER BY meter) TO ${quoted(writingName(path))} (FORMAT parquet)`,
      );
      renameSync(writingName(path), path);
      syncFile(path);
      this.#listed = count;
    });
  }
}

async function numbered(session: WarehouseSession, entries: readonly MeterEntry[]): Promise<readonly number[]> {
  const asked = JSON.stringify(entries);
  const table = `(SELECT unnest(from_json($1, '[{"name":"VARCHAR","multiplier":"DOUBLE"}]'), recursive := true))`;
  await session.run(
    `INSERT INTO meter SELECT (SELECT coalesce(max(meter), 0) FROM meter) + row_number() OVER (ORDER BY first), name, 1
     FROM (SELECT name, min(place) AS first FROM (SELECT name, row_number() OVER () AS place FROM ${table}) GROUP BY name)
     ANTI JOIN meter USING (name)`,
    [asked],
  );
  if (entries.some(({ multiplier }) => multiplier !== undefined))
    await session.run(
      `UPDATE meter SET multiplier = told.multiplier FROM ${table} told
       WHERE told.name = meter.name AND told.multiplier IS NOT NULL AND told.multiplier <> meter.multiplier`,
      [asked],
    );
  const found = await session.rows<{ name: string; meter: number }>(
    `SELECT name, meter FROM meter SEMI JOIN ${table} USING (name)`,
    [asked],
  );
  const numbers = new Map(found.map(({ name, meter }) => [name, meter]));
  return entries.map(({ name }) => numbers.get(name) ?? 0);
}
