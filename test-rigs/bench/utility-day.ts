import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { dayOf, fileName, hashOf, quoted } from '@tiepoint/headend/mdw/worker/interval-files.ts';
import { startStore } from '@tiepoint/headend/mdw/worker/warehouse-store.ts';
import type { WorkerSettings } from '@tiepoint/headend/mdw/worker-message.ts';
import { serviceOf } from '@tiepoint/headend/tlm/topology/service.ts';
import { openS } from '@tiepoint/headend/tlm/worker/tables.ts';
import { tlmModule } from '@tiepoint/headend/tlm/worker/tlm-module.ts';

export type UtilityDay = {
  readonly settings: WorkerSettings;
  /** Begin of the UTC day. */
  readonly dayS: number;
  readonly seed: number;
  readonly meters: number;
  readonly transformers: number;
  readonly circuits: number;
  readonly log: (line: string) => void;
};

export type LaidDay = { readonly files: readonly string[]; readonly rows: number; readonly assignment: string };

/** Switches and segments of a circuit: a head and what it feeds, each of two more. */
const segmentsPerCircuit = 13;

/**
 * A day of a utility, as the warehouse has it when it was landed and settled: intervals of every meter as Parquet, and a network of transformers, segments
 * and circuits in the load engine's own tables. Every value has a meter's own scale, shape and noise, drawn from the seed: homes with two
 * humps a day, shops by day, roofs that export, voltages that sag with the evening, meters that are silent for an hour or for the day.
 */
export async function layUtilityDay(day: UtilityDay): Promise<LaidDay> {
  const made = await DuckDBInstance.create(':memory:', { threads: String(day.settings.threads), memory_limit: '3GB' });
  const connection = await made.connect();
  try {
    mkdirSync(join(day.settings.folder, 'intervals', `day=${dayOf(day.dayS)}`), { recursive: true });
    await makeNetwork(connection, day);
    day.log('the network is made; making the intervals of 24 hours ...');
    const files: { file: string; rows: number }[] = [];
    for (let hour = 0; hour < 24; hour += 1) files.push(await writeHour(connection, day, hour));
    const assignment = join(day.settings.folder, '..', 'assignment.parquet');
    const tables = join(day.settings.folder, '..', 'tables');
    await connection.run(
      `COPY (SELECT meter, transformer FROM home ORDER BY meter) TO ${quoted(assignment)} (FORMAT parquet)`,
    );
    await connection.run(`EXPORT DATABASE ${quoted(tables)} (FORMAT parquet)`);
    await register(day, tables);
    return {
      files: files.map(({ file }) => join(day.settings.folder, file)),
      rows: files.reduce((sum, { rows }) => sum + rows, 0),
      assignment,
    };
  } finally {
    connection.closeSync();
    made.closeSync();
  }
}

/** Customers behind a transformer are between one and a dozen, some houses of flats more; most meters are numbered along the street, one in seven was exchanged; trade has transformers of its own, but for a few shops among homes. */
async function makeNetwork(
  connection: DuckDBConnection,
  { seed, meters, transformers, circuits }: UtilityDay,
): Promise<void> {
  const mean = meters / transformers;
  await connection.run(`CREATE MACRO chance(a, b) AS (hash(a, b, ${seed}) >> 11)::DOUBLE / 9007199254740992.0`);
  await connection.run(`CREATE TABLE transformer AS SELECT t::UINTEGER AS transformer,
      (t * ${circuits}::BIGINT // ${transformers + 1})::UINTEGER AS circuit, (chance(t, 1) * ${segmentsPerCircuit})::UINTEGER % ${segmentsPerCircuit} AS segment,
      CASE WHEN chance(t, 2) < 0.03 THEN 3 ELSE (chance(t, 3) * 3)::INTEGER % 3 END AS service,
      1 + (CASE WHEN chance(t, 4) < 0.02 THEN 6 ELSE 0.88 END * ${2 * (mean - 1)}::DOUBLE * chance(t, 5))::INTEGER AS customers, chance(t, 17) < 0.06 AS trade
    FROM range(1, ${transformers + 1}) r(t)`);
  await connection.run(`CREATE TABLE street AS SELECT row_number() OVER (ORDER BY transformer, customer)::UINTEGER AS place, transformer FROM
      (SELECT transformer, unnest(range(customers)) AS customer FROM transformer)`);
  // The number of homes is what was asked for: the last transformers give or take some.
  await connection.run(`DELETE FROM street WHERE place > ${meters}`);
  await connection.run(`INSERT INTO street SELECT place, (1 + (chance(place, 6) * ${transformers})::BIGINT % ${transformers})::UINTEGER
    FROM range((SELECT count(*) + 1 FROM street), ${meters + 1}) r(place)`);
  await connection.run(`CREATE TABLE home AS WITH exchanged AS (SELECT place, row_number() OVER (ORDER BY place) AS n, row_number() OVER (ORDER BY chance(place, 7)) AS m
      FROM street WHERE chance(place, 8) < 0.15)
    SELECT coalesce(o.place, s.place)::UINTEGER AS meter, s.transformer,
      CASE WHEN t.trade THEN CASE WHEN chance(s.place, 9) < 0.92 THEN 2 ELSE 3 END WHEN chance(s.place, 9) < 0.992 THEN 1 ELSE 2 END::UTINYINT AS customer_kind,
      (CASE WHEN NOT t.trade AND chance(s.place, 9) < 0.992 THEN 420 ELSE 2600 END * exp(0.65 * sqrt(-2 * ln(chance(s.place, 10) + 1e-12)) * cos(6.283185 * chance(s.place, 11))))::FLOAT AS mean_w,
      chance(s.place, 12) < 0.06 AS roof, (6 * chance(s.place, 13) - 3)::FLOAT AS shift_h, (8 * chance(s.place, 14) - 4)::FLOAT AS volts,
      chance(s.place, 15) < 0.4 AS counts_reactive, chance(s.place, 16) < 0.002 AS silent
    FROM street s JOIN transformer t USING (transformer) LEFT JOIN exchanged e ON e.place = s.place LEFT JOIN exchanged o ON o.n = e.m ORDER BY 1`);
}

async function writeHour(
  connection: DuckDBConnection,
  day: UtilityDay,
  hour: number,
): Promise<{ file: string; rows: number }> {
  const { settings, dayS } = day;
  const startS = dayS + hour * 3_600;
  const at = `(${hour} - shift_h)`;
  const hump = (centre: number, width: number): string => `exp(-pow(${at} - ${centre}, 2) / ${width})`;
  const shape = `CASE WHEN customer_kind = 1 THEN 0.45 + 0.5 * ${hump(7, 5)} + 1.2 * ${hump(19, 9)} ELSE 0.35 + 1.3 * ${hump(13, 22)} END`;
  const noise = `(0.35 + 1.3 * chance(meter, ${hour + 100}) * chance(meter, ${hour + 200}) * 2)`;
  const path = join(settings.folder, 'intervals', `day=${dayOf(dayS)}`, 'writing.parquet');
  const [row] = (
    await connection.runAndReadAll(
      `COPY (SELECT meter, ${startS}::UINTEGER AS start_s, 3600::USMALLINT AS length_s, taken AS import_wh,
          CASE WHEN roof THEN given ELSE 0 END AS export_wh, CASE WHEN counts_reactive THEN (taken * (0.15 + 0.3 * chance(meter, ${hour + 300})))::INTEGER END AS reactive_varh,
          (2400 + 10 * (volts - 3 * mean_w / 2000 * (${shape}) + 2 * chance(meter, ${hour + 400}) - 1))::USMALLINT AS voltage_dv, 0::UINTEGER AS flags,
          CASE WHEN chance(meter, ${hour + 500}) < 0.005 THEN 3 ELSE 0 END::UTINYINT AS source, ${startS + 30_000}::UINTEGER AS read_s
        FROM (SELECT *, (mean_w * (${shape}) * ${noise})::INTEGER AS taken,
            greatest(0, 4000 * exp(-pow(${hour} - 12.5, 2) / 10.0) * chance(meter, ${hour + 600}) - mean_w)::INTEGER AS given FROM home)
        WHERE NOT silent AND chance(meter, ${hour + 700}) > 0.004)
       TO ${quoted(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 32768)`,
    )
  ).getRows();
  const file = fileName({ day: dayOf(dayS), generation: 1, part: hour + 1, parts: 24 }, await hashOf(path));
  renameSync(path, join(settings.folder, file));
  return { file, rows: Number(row?.[0]) };
}

/** What the recording of meters and of a topology leaves in the warehouse's database. Files of intervals it takes over by itself. */
async function register(day: UtilityDay, tables: string): Promise<void> {
  const store = await startStore(day.settings, [tlmModule], {
    nowMs: Date.now,
    log: () => undefined,
    onCondition: () => undefined,
    onFatal: (say) => day.log(say),
  });
  const home = `read_parquet(${quoted(join(tables, 'home.parquet'))})`;
  const transformer = `read_parquet(${quoted(join(tables, 'transformer.parquet'))})`;
  const { transformers, circuits } = day;
  const segments = circuits * segmentsPerCircuit;
  const segmentOf = `(${transformers} + 1 + circuit * ${segmentsPerCircuit} + segment)`;
  try {
    await store.access.write(async (session) => {
      await session.run(
        `INSERT INTO meter (meter, name, heard_s) SELECT meter, 'M' || meter, ${day.dayS} FROM ${home}`,
      );
      await session.run(`INSERT INTO tlm.customer SELECT meter, mean_w * 3 FROM ${home}`);
      // Elements by number: transformers, segments, switches (each at the begin of its segment), circuits.
      await session.run(`INSERT INTO tlm.element (element, kind, id, title, circuit)
        SELECT transformer, 'transformer', 'T' || transformer, 'T' || transformer, ${transformers + 2 * segments} + 1 + circuit FROM ${transformer}
        UNION ALL SELECT ${transformers} + 1 + s, 'segment', 'G' || s, 'G' || s, ${transformers + 2 * segments} + 1 + s // ${segmentsPerCircuit} FROM range(${segments}) r(s)
        UNION ALL SELECT ${transformers + segments} + 1 + s, 'switch', 'W' || s, 'W' || s, ${transformers + 2 * segments} + 1 + s // ${segmentsPerCircuit} FROM range(${segments}) r(s)
        UNION ALL SELECT ${transformers + 2 * segments} + 1 + c, 'circuit', 'C' || c, 'C' || c, ${transformers + 2 * segments} + 1 + c FROM range(${circuits}) r(c)`);
      await session.run(`INSERT INTO tlm.rating VALUES (1, 7200, 120, NULL, 50000, NULL, NULL), (2, 7200, NULL, 400, NULL, NULL, NULL), (3, 7200, NULL, 600, NULL, NULL, NULL);
        INSERT INTO tlm.rated SELECT element, CASE kind WHEN 'transformer' THEN 1 WHEN 'circuit' THEN 3 ELSE 2 END, 0, ${openS} FROM tlm.element`);
      for (const [index, { primary, secondary, meterV }] of services().entries())
        await session.run(
          `INSERT INTO tlm.service VALUES (${index + 1}, [${primary.join(', ')}], [${secondary.join(', ')}], [${meterV.join(', ')}])`,
        );
      await session.run(`INSERT INTO tlm.load_point SELECT row_number() OVER (ORDER BY transformer, customer_kind), transformer, ${segmentOf}, customer_kind, 0, service + 1
        FROM (SELECT DISTINCT transformer, customer_kind FROM ${home}) JOIN ${transformer} USING (transformer)`);
      await session.run(
        `INSERT INTO tlm.assignment SELECT meter, point, 0, ${openS} FROM ${home} JOIN tlm.load_point USING (transformer, customer_kind)`,
      );
      await session.run(
        `INSERT INTO tlm.feed SELECT point, ${transformers + 2 * segments} + 1 + circuit, transformer, 0, ${openS} FROM tlm.load_point JOIN ${transformer} USING (transformer)`,
      );
      await session.run(`INSERT INTO tlm.carrier SELECT transformer, ${segmentOf} + ${segments}, 0, ${openS} FROM ${transformer}
        UNION ALL SELECT ${transformers + segments} + 1 + s, ${transformers + segments} + 1 + s - s % ${segmentsPerCircuit} + (s % ${segmentsPerCircuit} - 1) // 2, 0, ${openS}
          FROM range(${segments}) r(s) WHERE s % ${segmentsPerCircuit} > 0`);
    });
  } finally {
    await store.stop();
  }
}

/** Poles on each of three phases, and a three-phase one. */
function services() {
  const single = serviceOf(['s1', 's2'], 240, undefined);
  const poles = (['A', 'B', 'C'] as const).map((phase) => ({
    ...single,
    primary: serviceOf([phase], 12_470, undefined).primary,
  }));
  return [...poles, serviceOf(['A', 'B', 'C'], 208, undefined)];
}
