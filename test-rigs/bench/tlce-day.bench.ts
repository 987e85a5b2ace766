import { mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { WarehouseProcess } from '@tiepoint/headend/mdw/warehouse-process.ts';
import { parquet } from '@tiepoint/headend/mdw/worker/interval-files.ts';
import { runLoadEngine } from '@tiepoint/headend/tlm/requests.ts';
import type { Bench, BenchContext } from './bench.ts';
import { layUtilityDay } from './utility-day.ts';
import type { LaidDay, UtilityDay } from './utility-day.ts';

const program = fileURLToPath(import.meta.resolve('@tiepoint/headend/main-warehouse-worker.ts'));
const meters = Number(process.env['TLCE_METERS'] ?? 5_300_000);
const transformers = Math.round(meters / 5.3);
const circuits = Math.max(2, Math.round(meters / 1_180));
const neededGb = 6;
const ratioLimit = 2;
const rssLimitMB = 4_096;

/**
 * From the landed Parquet of a day to the results of every transformer, switch, segment and circuit: hours with amperes, the day, and the three peaks. It is
 * what the warehouse's process does when the head-end asks for what is due. Beside it, the join with transformers and the sum by hour alone,
 * of the same files, in DuckDB with nothing else.
 */
const bench: Bench = async (context) => {
  const { bavail, bsize } = statfsSync(tmpdir());
  if ((bavail * bsize) / 1e9 < neededGb) throw new Error(`${tmpdir()} has less than ${neededGb} GB free`);
  const place = mkdtempSync(join(tmpdir(), 'tiepoint-tlce-'));
  try {
    const nowS = Math.floor(Date.now() / 1_000);
    const dayS = nowS - (nowS % 86_400) - 86_400;
    const settings = {
      folder: join(place, 'warehouse'),
      memoryMb: 2_048,
      threads: 2,
      timeZone: 'UTC',
      keepDays: 1_130,
    };
    const day: UtilityDay = { settings, dayS, seed: 20_260_331, meters, transformers, circuits, log: context.log };
    const laid = await layUtilityDay(day);
    context.log(`${laid.rows} intervals in ${laid.files.length} files`);
    const bareS = [await bare(context, laid)];
    const measured = await engine(context, day);
    bareS.push(await bare(context, laid));
    const peerS = Math.min(...bareS);
    const ratio = round(measured.seconds / peerS, 2);
    return {
      name: 'tlce-day',
      value: round(measured.seconds, 1),
      unit: 's',
      limit: ratioLimit,
      kept: ratio <= ratioLimit && measured.rssMB <= rssLimitMB,
      peer: `DuckDB, join to transformer and sum by hour of the same files: ${round(peerS, 1)} s`,
      ratio,
      rssMB: Math.round(measured.rssMB),
      rssLimitMB,
      intervals: laid.rows,
      results: measured.results,
    };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
};

export default bench;

async function bare({ log }: BenchContext, { files, assignment }: LaidDay): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '4GB' });
  const connection = await instance.connect();
  try {
    await connection.run(`CREATE TABLE assignment AS FROM read_parquet('${assignment}')`);
    const startMs = performance.now();
    const startCpu = process.cpuUsage();
    const rows = (
      await connection.runAndReadAll(
        `SELECT count(*), sum(wh) FROM (SELECT transformer, start_s, sum(import_wh) AS wh FROM ${parquet(files)} JOIN assignment USING (meter) GROUP BY ALL)`,
      )
    ).getRows();
    const seconds = (performance.now() - startMs) / 1_000;
    const { user, system } = process.cpuUsage(startCpu);
    log(
      `bare: ${seconds.toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of processors, ${String(rows[0]?.[0])} sums`,
    );
    return seconds;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

type Measured = { readonly seconds: number; readonly rssMB: number; readonly results: number };

async function engine({ log }: BenchContext, { settings }: UtilityDay): Promise<Measured> {
  const says: string[] = [];
  const warehouse = new WarehouseProcess({
    program,
    settings,
    onCondition: (id, say) => void says.push(`${id}: ${say ?? 'well'}`),
    log: (level, say) => void says.push(`${level}: ${say}`),
  });
  warehouse.start();
  try {
    // Up and open before the time runs.
    const ready = await warehouse.ask({ name: 'mdw.settle', repeatable: true }, {});
    if (!ready.ok) throw new Error(ready.say);
    const before = cpuSeconds(warehouse.pid);
    const startMs = performance.now();
    const run = await warehouse.ask(runLoadEngine, { keepDays: settings.keepDays }, { withinMs: 300_000 });
    const seconds = (performance.now() - startMs) / 1_000;
    if (!run.ok) throw new Error(`${run.say}\n${says.join('\n')}`);
    const { rssMB } = peakOf(warehouse.pid);
    log(
      `engine: ${seconds.toFixed(1)} s, ${(cpuSeconds(warehouse.pid) - before).toFixed(1)} s of processors, ${Math.round(rssMB)} MB at most`,
    );
    if (run.value.hours !== 24) throw new Error(`${run.value.hours} hours were computed, not 24`);
    return { seconds, rssMB, results: run.value.rows };
  } finally {
    await warehouse.stop();
  }
}

/** The most it ever had. */
function peakOf(pid: number | undefined): { rssMB: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { rssMB: Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024 };
}

function cpuSeconds(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(stat[11]) + Number(stat[12])) / 100;
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
