import { intervalSources } from '../interval-row.ts';
import type { IntervalsAsked, MeterInterval } from '../requests.ts';
import { Refusal } from '../warehouse-request.ts';
import type { WarehouseSession } from './module.ts';
import type { OwnSession, Sessions } from './sessions.ts';

export type StoredInterval = {
  readonly start_s: number;
  readonly length_s: number;
  readonly import_wh: number | null;
  readonly export_wh: number | null;
  readonly reactive_varh: number | null;
  readonly voltage_dv: number | null;
  readonly flags: number;
  readonly source: number;
  readonly read_s: number;
};

/** More of one meter than two years of quarters of an hour is asked in parts. */
const maxRows = 80_000;

export async function intervalsOfMeter(
  sessions: Sessions,
  { meter, fromS, toS }: IntervalsAsked,
): Promise<readonly MeterInterval[] | undefined> {
  return await sessions.read(async (session) => {
    const number = await numberOf(session, meter);
    return number === undefined ? undefined : (await standingOf(session, number, fromS, toS)).map(intervalOf);
  });
}

export async function replacedOfMeter(
  sessions: Sessions,
  { meter, fromS, toS }: IntervalsAsked,
): Promise<readonly MeterInterval[]> {
  return await sessions.read(async (session) => {
    const rows = await session.rows<StoredInterval>(
      `SELECT * FROM replaced WHERE meter = $1 AND start_s >= $2 AND start_s < $3 ORDER BY start_s, read_s DESC LIMIT ${maxRows}`,
      [await knownNumber(session, meter), fromS, toS],
    );
    return rows.map(intervalOf);
  });
}

export async function standingOf(
  session: OwnSession,
  meter: number,
  fromS: number,
  toS: number,
): Promise<readonly StoredInterval[]> {
  const relation = await session.relation({ fromS, toS, meters: [meter] });
  const rows = await session.rows<StoredInterval>(`SELECT * FROM ${relation} ORDER BY start_s LIMIT ${maxRows + 1}`);
  if (rows.length > maxRows)
    throw new Refusal('invalid', `more than ${maxRows} intervals are asked for at once: ask for a shorter time`);
  return rows;
}

export async function numberOf(session: WarehouseSession, meter: string): Promise<number | undefined> {
  const [found] = await session.rows<{ meter: number }>('SELECT meter FROM meter WHERE name = $1', [meter]);
  return found?.meter;
}

export async function knownNumber(session: WarehouseSession, meter: string): Promise<number> {
  const number = await numberOf(session, meter);
  if (number === undefined) throw new Refusal('unknown-device', `the warehouse knows no meter ${meter}`);
  return number;
}

export function intervalOf(row: StoredInterval): MeterInterval {
  return {
    startS: row.start_s,
    lengthS: row.length_s,
    ...(row.import_wh === null ? {} : { importWh: row.import_wh }),
    ...(row.export_wh === null ? {} : { exportWh: row.export_wh }),
    ...(row.reactive_varh === null ? {} : { reactiveVarh: row.reactive_varh }),
    ...(row.voltage_dv === null ? {} : { voltageV: row.voltage_dv / 10 }),
    flags: row.flags,
    source: intervalSources[row.source] ?? 'meter',
    readS: row.read_s,
  };
}
