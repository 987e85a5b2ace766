import { intervalSources } from '../interval-row.ts';
import type { IntervalsAsked, MeterInterval } from '../requests.ts';
import type { WarehouseAccess } from './module.ts';

type Stored = {
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

export async function intervalsOfMeter(
  warehouse: WarehouseAccess,
  { meter, fromS, toS }: IntervalsAsked,
): Promise<readonly MeterInterval[] | undefined> {
  return await warehouse.read(async (session) => {
    const [found] = await session.rows<{ meter: number }>('SELECT meter FROM meter WHERE name = $1', [meter]);
    if (found === undefined) return undefined;
    const relation = await session.intervals(fromS, toS);
    const rows = await session.rows<Stored>(`SELECT * FROM ${relation} WHERE meter = ${found.meter} ORDER BY start_s`);
    return rows.map(intervalOf);
  });
}

function intervalOf(row: Stored): MeterInterval {
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
