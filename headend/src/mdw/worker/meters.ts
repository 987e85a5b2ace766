import { appendFileSync, closeSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { MeterEntry } from '../requests.ts';
import { quoted, sizeOf, syncFile, writingName } from './interval-files.ts';
import type { WarehouseSession } from './module.ts';
import type { Sessions } from './sessions.ts';

const listColumns = 'meter, name, multiplier, heard_s, since_s, until_s, service_w, class';
export const listFile = (folder: string): string => join(folder, 'meters.csv');

/**
 * Meters and their numbers. Numbers stand in files that outlive the database, so they are written beside those as well, at the end of a list,
 * before they are given out: the last line of a number counts.
 */
export class Meters {
  readonly #sessions: Sessions;
  readonly #folder: string;
  readonly #nowMs: () => number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(sessions: Sessions, folder: string, nowMs: () => number) {
    this.#sessions = sessions;
    this.#folder = folder;
    this.#nowMs = nowMs;
  }

  /** The list as of now, without lines that do not count any more. */
  async start(): Promise<void> {
    const path = listFile(this.#folder);
    await this.#sessions.read(
      async (session) =>
        await session.run(
          `COPY (SELECT ${listColumns} FROM meter ORDER BY meter) TO ${quoted(writingName(path))} (FORMAT csv)`,
        ),
    );
    renameSync(writingName(path), path);
    syncFile(path);
  }

  /** One after the other, so that no number is given twice. */
  async number(entries: readonly MeterEntry[]): Promise<readonly number[]> {
    const mine = this.#last.then(async () => await this.#number(entries));
    this.#last = mine.catch(() => undefined);
    return await mine;
  }

  async #number(entries: readonly MeterEntry[]): Promise<readonly number[]> {
    const nowS = Math.floor(this.#nowMs() / 1_000);
    return await this.#sessions.write(async (session) => {
      const before = await numbersOf(session, entries);
      if (entries.every((entry) => before.has(entry.name) && Object.keys(entry).length === 1))
        return entries.map(({ name }) => before.get(name) ?? 0);
      await put(session, entries, nowS);
      const numbers = await numbersOf(session, entries);
      // Before the commit: a number that nobody uses does no harm, one that two meters have would.
      append(listFile(this.#folder), await listed(session, numbers));
      return entries.map(({ name }) => numbers.get(name) ?? 0);
    });
  }
}

export async function takeListed(session: WarehouseSession, folder: string): Promise<void> {
  const path = listFile(folder);
  if (sizeOf(path) <= 0) return;
  await session.run(
    `INSERT INTO meter (${listColumns})
     SELECT * EXCLUDE (place) FROM (SELECT *, row_number() OVER () AS place FROM read_csv(${quoted(path)}, header = true, columns = {
       'meter': 'UINTEGER', 'name': 'VARCHAR', 'multiplier': 'DOUBLE', 'heard_s': 'UINTEGER', 'since_s': 'UINTEGER', 'until_s': 'UINTEGER', 'service_w': 'DOUBLE', 'class': 'VARCHAR'}))
     QUALIFY row_number() OVER (PARTITION BY meter ORDER BY place DESC) = 1 AND row_number() OVER (PARTITION BY name ORDER BY place DESC) = 1`,
  );
}

const asked = `(SELECT unnest(from_json($1, '[{"name":"VARCHAR","multiplier":"DOUBLE","sinceS":"UINTEGER","untilS":"UINTEGER","serviceW":"DOUBLE","customerClass":"VARCHAR"}]'), recursive := true))`;

async function put(session: WarehouseSession, entries: readonly MeterEntry[], nowS: number): Promise<void> {
  const told = JSON.stringify(entries);
  await session.run(
    `INSERT INTO meter (meter, name, heard_s)
     SELECT (SELECT coalesce(max(meter), 0) FROM meter) + row_number() OVER (ORDER BY first), name, ${nowS}
     FROM (SELECT name, min(place) AS first FROM (SELECT name, row_number() OVER () AS place FROM ${asked}) GROUP BY name)
     ANTI JOIN meter USING (name)`,
    [told],
  );
  const more = entries.filter((entry) => Object.keys(entry).length > 1);
  if (more.length === 0) return;
  await session.run(
    `UPDATE meter SET multiplier = coalesce(t.multiplier, meter.multiplier), since_s = coalesce(t.sinceS, since_s),
       until_s = coalesce(t.untilS, until_s), service_w = coalesce(t.serviceW, service_w), class = coalesce(t.customerClass, class)
     FROM ${asked} t WHERE t.name = meter.name`,
    [JSON.stringify([...new Map(more.map((entry) => [entry.name, entry])).values()])],
  );
}

async function numbersOf(session: WarehouseSession, entries: readonly MeterEntry[]): Promise<Map<string, number>> {
  const found = await session.rows<{ name: string; meter: number }>(
    `SELECT name, meter FROM meter SEMI JOIN ${asked} USING (name)`,
    [JSON.stringify(entries.map(({ name }) => ({ name })))],
  );
  return new Map(found.map(({ name, meter }) => [name, meter]));
}

type Listed = Readonly<Record<'line', string>>;

async function listed(session: WarehouseSession, numbers: ReadonlyMap<string, number>): Promise<string> {
  const lines = await session.rows<Listed>(
    `SELECT concat_ws(',', meter, '"' || replace(name, '"', '""') || '"', multiplier, heard_s, coalesce(since_s::VARCHAR, ''), coalesce(until_s::VARCHAR, ''),
       coalesce(service_w::VARCHAR, ''), CASE WHEN class IS NULL THEN '' ELSE '"' || replace(class, '"', '""') || '"' END) AS line
     FROM meter SEMI JOIN (SELECT unnest(from_json($1, '["UINTEGER"]')) AS meter) USING (meter)`,
    [JSON.stringify([...numbers.values()])],
  );
  return lines.map(({ line }) => `${line}\n`).join('');
}

function append(path: string, lines: string): void {
  const descriptor = openSync(path, 'a', 0o640);
  try {
    appendFileSync(descriptor, lines);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
