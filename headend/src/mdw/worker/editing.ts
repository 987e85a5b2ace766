import type { Edit, EditAsked, EditMade, EditsAsked, IntervalChange, TakeBackAsked } from '../edit-requests.ts';
import { intervalSources } from '../interval-row.ts';
import { Refusal } from '../warehouse-request.ts';
import type { WarehouseSession } from './module.ts';
import { intervalOf, knownNumber, standingOf } from './reading.ts';
import type { StoredInterval } from './reading.ts';
import type { Sessions } from './sessions.ts';

const maxChanges = 3_000;
const maxEdits = 500;
const maxSpanS = 400 * 86_400;
const maxWh = 0x7fff_ffff;

export async function makeEdit(sessions: Sessions, asked: EditAsked): Promise<EditMade> {
  const { changes, who, reason, atMs } = asked;
  check(asked);
  const starts = changes.map(({ startS }) => startS);
  const [fromS, toS] = [Math.min(...starts), Math.max(...starts) + 1];
  return await sessions.write(async (session) => {
    const meter = await knownNumber(session, asked.meter);
    const before = new Map((await standingOf(session, meter, fromS, toS)).map((each) => [each.start_s, each]));
    // A later edit stands above an earlier one, also within one second.
    const newestEditS = Math.max(0, ...[...before.values()].filter(isEdited).map(({ read_s }) => read_s));
    const readS = Math.max(Math.floor(atMs / 1_000), newestEditS + 1);
    const after = changes.map((change) => changed(before.get(change.startS), change, readS));
    const { edit } = await session.row<{ edit: number }>('SELECT coalesce(max(edit), 0) + 1 AS edit FROM edit');
    await session.run('INSERT INTO edit (edit, meter, at_ms, who, reason) VALUES ($1, $2, $3, $4, $5)', [
      edit,
      meter,
      BigInt(atMs),
      who,
      reason,
    ]);
    await session.run(
      `INSERT INTO edited SELECT $1, start_s, length_s, import_wh, export_wh, reactive_varh, voltage_dv, flags, source, read_s, $2, NULL
       FROM (SELECT unnest(from_json($3, '[{"start_s":"UINTEGER","length_s":"USMALLINT","import_wh":"INTEGER","export_wh":"INTEGER",
         "reactive_varh":"INTEGER","voltage_dv":"USMALLINT","flags":"UINTEGER","source":"UTINYINT","read_s":"UINTEGER"}]'), recursive := true))`,
      [meter, edit, JSON.stringify(after)],
    );
    await noteChange(session, edit);
    const touched = starts.flatMap((startS) => before.get(startS) ?? []);
    return { edit: Number(edit), before: touched.map(intervalOf), after: after.map(intervalOf) };
  });
}

export async function takeEditBack(sessions: Sessions, asked: TakeBackAsked): Promise<Edit> {
  const { edit, who, reason, atMs } = asked;
  if (reason.trim() === '') throw new Refusal('invalid', 'say why the edit is taken back');
  return await sessions.write(async (session) => {
    const [found] = await editsOf(session, { edit });
    if (found === undefined) throw new Refusal('invalid', `there is no edit ${edit}`);
    if (found.takenBack !== undefined)
      throw new Refusal('already-so', `edit ${edit} was taken back by ${found.takenBack.who} already`);
    await session.run(
      'UPDATE edit SET taken_back_ms = $2, taken_back_by = $3, taken_back_reason = $4 WHERE edit = $1',
      [edit, BigInt(atMs), who, reason],
    );
    await session.run('UPDATE edited SET taken_back = $2 WHERE edit = $1', [edit, BigInt(atMs)]);
    await noteChange(session, edit);
    return { ...found, takenBack: { atMs, who, reason } };
  });
}

export async function editsAsked(sessions: Sessions, asked: EditsAsked): Promise<readonly Edit[]> {
  return await sessions.read(async (session) => await editsOf(session, asked));
}

type StoredEdit = {
  readonly edit: number;
  readonly meter: string;
  readonly at_ms: number;
  readonly who: string;
  readonly reason: string;
  readonly from_s: number;
  readonly to_s: number;
  readonly intervals: number;
  readonly taken_back_ms: number | null;
  readonly taken_back_by: string | null;
  readonly taken_back_reason: string | null;
};

async function editsOf(session: WarehouseSession, { meter, fromS, toS, edit }: EditsAsked): Promise<readonly Edit[]> {
  const rows = await session.rows<StoredEdit>(
    `SELECT e.edit, m.name AS meter, at_ms::DOUBLE AS at_ms, who, reason, from_s, to_s, intervals, taken_back_ms::DOUBLE AS taken_back_ms,
       taken_back_by, taken_back_reason
     FROM edit e JOIN meter m USING (meter)
     JOIN (SELECT edit, min(start_s) AS from_s, max(start_s + length_s) AS to_s, count(*)::DOUBLE AS intervals FROM edited GROUP BY edit) USING (edit)
     WHERE ($1 IS NULL OR m.name = $1) AND ($2 IS NULL OR to_s > $2) AND ($3 IS NULL OR from_s < $3) AND ($4 IS NULL OR e.edit = $4)
     ORDER BY e.edit DESC LIMIT ${maxEdits}`,
    [meter ?? null, fromS ?? null, toS ?? null, edit ?? null],
  );
  return rows.map((row) => ({
    edit: row.edit,
    meter: row.meter,
    atMs: row.at_ms,
    who: row.who,
    reason: row.reason,
    fromS: row.from_s,
    toS: row.to_s,
    intervals: row.intervals,
    ...(row.taken_back_ms === null
      ? {}
      : {
          takenBack: { atMs: row.taken_back_ms, who: row.taken_back_by ?? '', reason: row.taken_back_reason ?? '' },
        }),
  }));
}

function check({ changes, reason }: EditAsked): void {
  if (reason.trim() === '') throw new Refusal('invalid', 'say why it is changed');
  if (changes.length === 0 || changes.length > maxChanges)
    throw new Refusal('invalid', `${changes.length} intervals: 1 to ${maxChanges} are changed at once`);
  const starts = changes.map(({ startS }) => startS);
  if (new Set(starts).size < starts.length) throw new Refusal('invalid', 'an interval is named twice');
  if (Math.max(...starts) - Math.min(...starts) > maxSpanS)
    throw new Refusal('invalid', 'the intervals lie more than 400 days apart: change them in parts');
  for (const { startS, importWh, exportWh, reactiveVarh } of changes) {
    if (!Number.isInteger(startS) || startS < 0) throw new Refusal('invalid', `${startS} is no start of an interval`);
    for (const [name, value] of Object.entries({ importWh, exportWh, reactiveVarh })) {
      const least = name === 'reactiveVarh' ? -maxWh : 0;
      if (typeof value === 'number' && !(value >= least && value <= maxWh))
        throw new Refusal('invalid', `${name} is ${value}: it is ${least} to ${maxWh}`);
    }
  }
}

const isEdited = ({ source }: StoredInterval): boolean => source === intervalSources.indexOf('edited');

function changed(before: StoredInterval | undefined, change: IntervalChange, readS: number): StoredInterval {
  const length = change.lengthS ?? before?.length_s;
  if (length === undefined)
    throw new Refusal(
      'invalid',
      `nothing stands at ${new Date(change.startS * 1_000).toISOString()}: say how long it is`,
    );
  const rounded = (value: number | null): number | null => (value === null ? null : Math.round(value));
  const value = (told: number | null | undefined, stood: number | null | undefined): number | null =>
    told === undefined ? (stood ?? null) : rounded(told);
  const voltageDv = change.voltageV === undefined || change.voltageV === null ? change.voltageV : change.voltageV * 10;
  return {
    start_s: change.startS,
    length_s: length,
    import_wh: value(change.importWh, before?.import_wh),
    export_wh: value(change.exportWh, before?.export_wh),
    reactive_varh: value(change.reactiveVarh, before?.reactive_varh),
    voltage_dv: value(voltageDv, before?.voltage_dv),
    flags: 0,
    source: intervalSources.indexOf('edited'),
    read_s: readS,
  };
}

async function noteChange(session: WarehouseSession, edit: number): Promise<void> {
  await session.run(
    `INSERT INTO changed_day
     SELECT day, meter, nextval('batch') FROM (SELECT DISTINCT DATE '1970-01-01' + (start_s // 86400)::INTEGER AS day, meter FROM edited WHERE edit = $1)`,
    [edit],
  );
  await session.run(
    `INSERT OR IGNORE INTO interval_day
     SELECT DISTINCT DATE '1970-01-01' + (start_s // 86400)::INTEGER, 0 FROM edited WHERE edit = $1`,
    [edit],
  );
}
