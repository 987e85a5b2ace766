import { existsSync, globSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { intervalLengthsS } from '@tiepoint/protocol';
import { intervalSources } from '../interval-row.ts';
import type { DaysAsked, DaysExported, DaysImported, ExportAsked } from '../transfer-requests.ts';
import { impossibleBits, toldBits, veeLimits } from '../vee-rules.ts';
import { Refusal } from '../warehouse-request.ts';
import type { WarehouseProgress } from '../warehouse-request.ts';
import { withdrawOverlaid } from './estimation.ts';
import { daySeconds, dayOf, parquet, quoted, sizeOf, writingName } from './interval-files.ts';
import { nextBatch, noteChanges } from './landing.ts';
import type { Meters } from './meters.ts';
import { intervalColumns } from './own-tables.ts';
import type { OwnSession, Sessions } from './sessions.ts';

type OnProgress = (progress: WarehouseProgress) => void;

const sourceName = `CASE source ${intervalSources.map((name, index) => `WHEN ${index} THEN '${name}'`).join(' ')} END`;
const mostToldNames = 5;

/** Each day as of one instant. */
export async function exportTo(
  sessions: Sessions,
  { folder, fromS, toS, meters }: ExportAsked,
  onProgress: OnProgress,
): Promise<DaysExported> {
  if (!(toS > fromS)) throw new Refusal('invalid', 'the time is empty');
  const first = Math.floor(fromS / daySeconds);
  const days = Array.from({ length: Math.ceil(toS / daySeconds) - first }, (_, index) => (first + index) * daySeconds);
  const written = { files: 0, rows: 0, bytes: 0 };
  for (const [index, dayS] of days.entries()) {
    const day = dayOf(dayS);
    onProgress({ done: index, total: days.length, say: day });
    const path = join(folder, `day=${day}`, 'intervals.parquet');
    if (existsSync(path)) throw new Refusal('invalid', `${path} is there already: nothing is written over`);
    const span = { fromS: Math.max(fromS, dayS), toS: Math.min(toS, dayS + daySeconds) };
    const rows = await sessions.read(async (session) => await writeSpan(session, path, span, meters));
    if (rows === 0) continue;
    written.files += 1;
    written.rows += rows;
    written.bytes += sizeOf(path);
  }
  onProgress({ done: days.length, total: days.length });
  return written;
}

/** What stands of a time, with meters by their names; where nothing does, no file is made. Gives the rows. */
export async function writeSpan(
  session: OwnSession,
  path: string,
  span: { readonly fromS: number; readonly toS: number },
  meters: readonly string[] | undefined,
): Promise<number> {
  const named = `SELECT meter, name FROM meter WHERE $1 IS NULL OR name IN (SELECT unnest(from_json($1, '["VARCHAR"]')))`;
  await session.run(`CREATE OR REPLACE TEMP TABLE exported_meter AS ${named}`, [
    meters === undefined ? null : JSON.stringify(meters),
  ]);
  const relation = `${await session.relation(span)} JOIN exported_meter USING (meter)`;
  const { any } = await session.row<{ any: boolean }>(`SELECT EXISTS (FROM ${relation}) AS any`);
  if (!any) return 0;
  const part = writingName(path);
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  try {
    const { Count } = await session.row<{ Count: bigint }>(
      `COPY (SELECT name AS meter, start_s, length_s, import_wh, export_wh, reactive_varh, voltage_dv, flags, ${sourceName} AS source, read_s
         FROM ${relation} ORDER BY start_s, meter) TO ${quoted(part)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    renameSync(part, path);
    return Number(Count);
  } finally {
    rmSync(part, { force: true });
  }
}

export async function importFrom(
  { sessions, meters, nowMs }: { readonly sessions: Sessions; readonly meters: Meters; readonly nowMs: () => number },
  asked: DaysAsked,
  onProgress: OnProgress,
): Promise<DaysImported> {
  const files = filesAt(asked.path);
  const counts = { files: files.length, landed: 0, same: 0 };
  // All are looked at before any is taken, so that a fault in the last leaves nothing half done.
  for (const file of files) await sessions.read(async (session) => await lookAt(session, file, asked, nowMs()));
  for (const [index, file] of files.entries()) {
    onProgress({ done: index, total: files.length, say: file });
    const names = await sessions.read(
      async (session) => await session.rows<{ name: string }>(`SELECT DISTINCT meter AS name FROM ${parquet([file])}`),
    );
    await meters.number(names);
    const { landed, rows } = await sessions.write(async (session) => await takeFile(session, file, asked, nowMs()));
    counts.landed += landed;
    counts.same += rows - landed;
  }
  onProgress({ done: files.length, total: files.length });
  return counts;
}

function filesAt(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new Refusal('invalid', `${path} is not there`);
  if (found.isFile()) return [path];
  const files = globSync('day=*/*.parquet', { cwd: path }).toSorted();
  if (files.length === 0)
    throw new Refusal('invalid', `${path} has no folder of a day, as day=2026-03-31, with Parquet in it`);
  return files.map((file) => join(path, file));
}

async function lookAt(
  session: OwnSession,
  file: string,
  { newMeters, replaceMeasured = false }: DaysAsked,
  nowMs: number,
): Promise<void> {
  const no = (say: string): Refusal => new Refusal('invalid', `${file}: ${say}; nothing is imported`);
  // All that is taken of it is read here: a file that is damaged must not be told as damage of the warehouse.
  await lookThrough(session, file, no, nowMs).catch((error: unknown) => {
    if (error instanceof Refusal) throw error;
    throw no(`cannot be read as Parquet (${error instanceof Error ? error.message.split('\n')[0] : String(error)})`);
  });
  if (!replaceMeasured) await refuseMeasured(session, file, no);
  if (newMeters) return;
  const strangers = await session.rows<{ name: string }>(
    `SELECT DISTINCT f.meter AS name FROM ${parquet([file])} f ANTI JOIN meter m ON m.name = f.meter ORDER BY 1 LIMIT ${mostToldNames}`,
  );
  if (strangers.length > 0)
    throw no(
      `the warehouse knows no meter ${strangers.map(({ name }) => name).join(', nor ')}: say that new meters are made`,
    );
}

async function lookThrough(
  session: OwnSession,
  file: string,
  no: (say: string) => Refusal,
  nowMs: number,
): Promise<void> {
  const columns = await session.rows<{ column_name: string }>(`DESCRIBE SELECT * FROM ${parquet([file])}`);
  const missing = intervalColumns.filter((name) => !columns.some((each) => each.column_name === name));
  if (missing.length > 0)
    throw no(`has no column ${missing.join(', nor ')}; it has to have ${intervalColumns.join(', ')}`);
  const { bad, twice } = await session.row<{ bad: number; twice: number }>(
    `SELECT count(*) FILTER (meter IS NULL OR start_s IS NULL OR read_s IS NULL OR flags IS NULL OR length_s NOT IN (${intervalLengthsS.join(', ')}) OR length_s IS NULL
       OR source IS NULL OR source NOT IN (${intervalSources.map(quoted).join(', ')}))::DOUBLE AS bad,
       (count(*) - count(DISTINCT (meter, start_s)))::DOUBLE AS twice FROM ${parquet([file])}`,
  );
  if (bad > 0)
    throw no(`${bad} rows lack meter, start, length, flags, source or time of reading, or have such as there is not`);
  if (twice > 0) throw no(`${twice} intervals are in it twice`);
  const nowS = Math.floor(nowMs / 1_000);
  const { wrong, first } = await session.row<{ wrong: number; first: string | null }>(
    `SELECT count(*)::DOUBLE AS wrong, first(concat_ws(' ', left(meter, 40), start_s, import_wh, export_wh, reactive_varh, voltage_dv)) AS first
     FROM ${parquet([file])} WHERE NOT coalesce(${believable(nowS)}, false)`,
  );
  if (wrong > 0)
    throw no(
      `${wrong} rows have what no meter can have counted: below zero, above ${veeLimits.mostWh / 1_000} kWh, not aligned, not over yet, or by a name that is none; the first is ${first}`,
    );
}

/** What the meter itself counted stands above what a file says, unless it is told that it shall give way. Rows of the meter itself come as they are. */
async function refuseMeasured(session: OwnSession, file: string, no: (say: string) => Refusal): Promise<void> {
  const told = `(SELECT m.meter, f.* EXCLUDE (meter) FROM ${parquet([file])} f JOIN meter m ON m.name = f.meter WHERE source IN ('file', 'edited'))`;
  const { count, fromS, toS } = await session.row<{ count: number; fromS: number | null; toS: number | null }>(
    `SELECT count(*)::DOUBLE AS count, min(start_s)::DOUBLE AS "fromS", max(start_s)::DOUBLE + 1 AS "toS" FROM ${told}`,
  );
  if (count === 0 || fromS === null || toS === null) return;
  const stands = await session.relation({ fromS, toS, unedited: true });
  const { otherwise } = await session.row<{ otherwise: number }>(
    `SELECT count(*)::DOUBLE AS otherwise FROM ${told} t JOIN ${stands} s ON s.meter = t.meter AND s.start_s = t.start_s
     WHERE s.source = ${intervalSources.indexOf('meter')} AND (s.import_wh IS NOT NULL OR s.export_wh IS NOT NULL) AND (s.flags & ${impossibleBits}) = 0
       AND (s.import_wh IS DISTINCT FROM t.import_wh OR s.export_wh IS DISTINCT FROM t.export_wh)`,
  );
  if (otherwise > 0)
    throw no(
      `${otherwise} intervals were counted otherwise by the meters themselves: say that measured values are replaced`,
    );
}

/** SQL: a row that can be. Of a meter itself, what it told of too much, or at odd times, comes as it is: validation marks it. */
function believable(nowS: number): string {
  // What is not a number is above every bound.
  const within = (column: string, least: number, most: number): string =>
    `(${column} IS NULL OR (${column}::DOUBLE >= ${least} AND ${column}::DOUBLE <= ${most}))`;
  const { mostWh } = veeLimits;
  const energies = (most: number): string =>
    [within('import_wh', 0, most), within('export_wh', 0, most), within('reactive_varh', -most, most)].join(' AND ');
  return [
    energies(0x7fff_ffff),
    `(source = 'meter' OR ${energies(mostWh)} AND start_s::BIGINT % length_s = 0)`,
    within('voltage_dv', 0, 65_534),
    `start_s >= 0 AND start_s::BIGINT + length_s <= ${nowS}`,
    'read_s >= 0 AND read_s <= 4294967295 AND flags >= 0 AND flags <= 4294967295',
    `length(meter) BETWEEN 1 AND 200 AND NOT regexp_matches(meter, '[\\x00-\\x1f\\x7f]')`,
  ].join(' AND ');
}

async function takeFile(
  session: OwnSession,
  file: string,
  { replaceMeasured = false }: DaysAsked,
  nowMs: number,
): Promise<{ landed: number; rows: number }> {
  // Who says that measured values give way, says it now.
  const readS = replaceMeasured
    ? `CASE WHEN source IN ('file', 'edited') THEN ${Math.floor(nowMs / 1_000)} ELSE read_s END`
    : 'read_s';
  const edited = `WHEN 'edited' THEN ${intervalSources.indexOf('file')}`;
  const sourceNumber = `CASE source ${edited} ${intervalSources.map((name, index) => `WHEN '${name}' THEN ${index}`).join(' ')} END`;
  await session.run(
    `CREATE OR REPLACE TEMP TABLE told AS
     SELECT m.meter, f.start_s::UINTEGER AS start_s, length_s::USMALLINT AS length_s, import_wh::INTEGER AS import_wh, export_wh::INTEGER AS export_wh,
       reactive_varh::INTEGER AS reactive_varh, voltage_dv::USMALLINT AS voltage_dv, (flags::UINTEGER & ${toldBits})::UINTEGER AS flags,
       (${sourceNumber})::UTINYINT AS source, (${readS})::UINTEGER AS read_s
     FROM ${parquet([file])} f JOIN meter m ON m.name = f.meter`,
  );
  const span = await session.row<{ fromS: number; toS: number; rows: number }>(
    `SELECT coalesce(min(start_s), 0)::DOUBLE AS "fromS", coalesce(max(start_s), 0)::DOUBLE + 1 AS "toS", count(*)::DOUBLE AS rows FROM told`,
  );
  const stands = await session.relation({ ...span, unedited: true });
  const same = ['length_s', 'import_wh', 'export_wh', 'reactive_varh', 'voltage_dv', 'source']
    .map((name) => `s.${name} IS NOT DISTINCT FROM t.${name}`)
    .join(' AND ');
  const batch = await nextBatch(session);
  await session.run(
    `INSERT INTO landing (${intervalColumns.join(', ')}, batch)
     SELECT t.*, $1 FROM told t ANTI JOIN ${stands} s ON s.meter = t.meter AND s.start_s = t.start_s AND ${same}`,
    [batch],
  );
  const { landed } = await session.row<{ landed: number }>(
    'SELECT count(*)::DOUBLE AS landed FROM landing WHERE batch = $1',
    [batch],
  );
  if (landed === 0) return { landed, rows: span.rows };
  await session.run(
    `UPDATE meter SET heard_s = l.first_s FROM (SELECT meter, min(start_s) AS first_s FROM told GROUP BY meter) l
     WHERE l.meter = meter.meter AND l.first_s < heard_s`,
  );
  await noteChanges(session, span, batch);
  await withdrawOverlaid(session, span, Math.floor(nowMs / 1_000));
  return { landed, rows: span.rows };
}
