import type { WarehouseSession } from '../../mdw/worker/module.ts';
import { Refusal } from '../../mdw/warehouse-request.ts';
import { openS, ratedIn } from '../worker/tables.ts';
import type { CluesAsked, HeadMeter, LoadClue, LoadClues } from './clue-results.ts';
import { energyResidual } from './energy-residual.ts';
import type { MeteredHours } from './energy-residual.ts';
import { lead, mappingClues } from './voltage-mapping.ts';
import type { MappedCustomer } from './voltage-mapping.ts';

const hourS = 3_600;
/** Customers times transformers times hours: some seconds of the worker. */
const mostCompared = 2e9;
/** Lines of a circuit are not reckoned with: they take up to so much. */
const lineAllowance = 0.05;

export async function findClues(session: WarehouseSession, asked: CluesAsked): Promise<LoadClues | undefined> {
  const [circuit] = await session.rows<{ element: number }>(
    `SELECT element FROM tlm.element WHERE kind = 'circuit' AND id = $1`,
    [asked.circuit],
  );
  if (circuit === undefined) return undefined;
  const { customers, all } = await customersOf(session, circuit.element, asked);
  const mapped = (await mappingClues(customers)).map((clue): LoadClue => ({
    kind: 'mapping',
    score: Math.min(1, lead(clue)),
    say: `Meter ${clue.meter} is drawn at ${clue.transformer}, and its voltage goes with that of ${clue.likelyTransformer}: look where its service comes from.`,
    ...clue,
  }));
  const heads = await headsOf(session, circuit.element, asked.heads);
  const residuals: LoadClue[] = [];
  for (const head of heads) residuals.push(...(await residualOf(session, head, asked)));
  return {
    clues: [...mapped, ...residuals].toSorted((one, other) => other.score - one.score),
    customers: all,
    customersWithVoltage: customers.length,
    heads: heads.length,
  };
}

type Range = Pick<CluesAsked, 'fromS' | 'toS'>;
type Placed = {
  readonly meter: number;
  readonly name: string;
  readonly transformer: string;
  readonly conductors: string;
};

/** Those who hung at one transformer of the circuit all the time, with their voltage in parts of its mean. */
async function customersOf(
  session: WarehouseSession,
  circuit: number,
  { fromS, toS }: Range,
): Promise<{ readonly customers: MappedCustomer[]; readonly all: number }> {
  const placed = await session.rows<Placed>(
    `SELECT a.meter, m.name, t.id AS transformer, s.primary_shares::VARCHAR AS conductors
     FROM tlm.assignment a JOIN meter m USING (meter) JOIN tlm.load_point p USING (point) JOIN tlm.service s USING (service)
       JOIN tlm.element t ON t.element = p.transformer JOIN tlm.feed f ON f.point = p.point AND f.to_s = ${openS}
     WHERE a.to_s = ${openS} AND a.from_s <= $1 AND f.from_s <= $1 AND f.circuit = ${circuit} ORDER BY a.meter`,
    [fromS],
  );
  const transformers = new Set(placed.map(({ transformer }) => transformer)).size;
  if (placed.length === 0) return { customers: [], all: 0 };
  const relation = await session.intervals(
    fromS,
    toS,
    ['meter', 'start_s', 'voltage_dv'],
    placed.map(({ meter }) => meter),
  );
  const rows = await session.rows<{ meter: number; hour: number; v: number }>(
    `SELECT meter, ((start_s - ${fromS}) // ${hourS})::INTEGER AS hour, (v / avg(v) OVER (PARTITION BY meter))::DOUBLE AS v
     FROM (SELECT meter, start_s - start_s % ${hourS} AS start_s, avg(voltage_dv) AS v FROM ${relation} WHERE voltage_dv > 0 GROUP BY ALL)
     WHERE start_s >= ${fromS}`,
  );
  // Only hours of which anything is known: a year is asked for where a month is there.
  const first = rows.reduce((least, { hour }) => Math.min(least, hour), Infinity);
  const hours = rows.reduce((most, { hour }) => Math.max(most, hour - first + 1), 0);
  if (placed.length * transformers * hours > mostCompared)
    throw new Refusal(
      'invalid',
      `the circuit has ${placed.length} customers at ${transformers} transformers: too many to compare in ${hours} hours, ask for a shorter time`,
    );
  const volts = new Map<number, Float64Array>();
  for (const { meter, hour, v } of rows) {
    const series = volts.get(meter) ?? new Float64Array(hours).fill(NaN);
    volts.set(meter, series);
    series[hour - first] = v;
  }
  const customers = placed.flatMap(({ meter, name, transformer, conductors }) => {
    const series = volts.get(meter);
    return series === undefined ? [] : [{ meter: name, transformer, group: conductors, volts: series }];
  });
  return { customers, all: placed.length };
}

type Head = { readonly at: HeadMeter; readonly element: number; readonly meter: number };

/** Of the circuit, and known to the warehouse. */
async function headsOf(session: WarehouseSession, circuit: number, heads: readonly HeadMeter[]): Promise<Head[]> {
  const found: Head[] = [];
  for (const at of heads) {
    const [row] = await session.rows<Omit<Head, 'at'>>(
      `SELECT element, meter FROM tlm.element, meter WHERE kind = $1 AND id = $2 AND circuit = ${circuit} AND name = $3`,
      [at.kind, at.id, at.meter],
    );
    if (row !== undefined) found.push({ at, ...row });
  }
  return found;
}

async function residualOf(session: WarehouseSession, { at, element, meter }: Head, range: Range): Promise<LoadClue[]> {
  const hours = await meteredHours(session, { element, meter, isCircuit: at.kind === 'circuit' }, range);
  const found = energyResidual(hours, at.kind === 'circuit' ? lineAllowance : 0);
  if (found === undefined) return [];
  const isLoss = found.share > 0;
  const kwh = Math.round(Math.abs(found.residualWh) / 1_000);
  const share = `${(100 * Math.abs(found.share)).toFixed(1)} %`;
  const where = `${at.kind} ${at.id}`;
  const say = isLoss
    ? `${kwh} kWh (${share}) that went into ${where} reached no customer, on ${found.daysAlike} of ${found.days} days: look for connections without a meter and for meters that stand still.`
    : `Customers of ${where} counted ${kwh} kWh (${share}) more than went into it, on ${found.daysAlike} of ${found.days} days: some of them hang elsewhere, or its meter is wrong.`;
  return [{ kind: isLoss ? 'loss' : 'surplus', at, score: Math.min(1, 5 * Math.abs(found.share)), say, ...found }];
}

/** Hours in which all customers were measured and the head was. */
async function meteredHours(
  session: WarehouseSession,
  { element, meter, isCircuit }: { readonly element: number; readonly meter: number; readonly isCircuit: boolean },
  { fromS, toS }: Range,
): Promise<MeteredHours> {
  const relation = await session.intervals(
    fromS,
    toS,
    ['meter', 'start_s', 'length_s', 'import_wh', 'export_wh', 'source'],
    [meter],
  );
  const noLoad = isCircuit
    ? `(SELECT coalesce(sum(no_load_loss_w), 0) FROM tlm.element JOIN tlm.element_rating r USING (element)
        WHERE kind = 'transformer' AND circuit = ${element} AND ${ratedIn('h.hour_s', 'r')})`
    : 'coalesce(e.no_load_loss_w, 0)';
  const underLoad = isCircuit
    ? '0'
    : 'coalesce(e.load_loss_w * (active_w::DOUBLE * active_w + reactive_var::DOUBLE * reactive_var) / (e.rated_va * e.rated_va), 0)';
  const rows = await session.rows<{ hour: number; head: number; customers: number; loss: number }>(
    `SELECT ((h.hour_s - ${fromS}) // ${hourS})::INTEGER AS hour, h.wh AS head, l.active_w::DOUBLE AS customers, (${noLoad} + ${underLoad})::DOUBLE AS loss
     FROM (SELECT start_s - start_s % ${hourS} AS hour_s, (sum(coalesce(import_wh, 0) - coalesce(export_wh, 0)) * any_value(coalesce(multiplier, 1)))::DOUBLE AS wh
         FROM ${relation} JOIN meter USING (meter) WHERE source IN (0, 1) AND (import_wh IS NOT NULL OR export_wh IS NOT NULL)
         GROUP BY hour_s HAVING sum(length_s) = ${hourS}) h
       JOIN (FROM tlm.load_hour WHERE element = ${element} AND day_s > ${fromS - 86_400} AND day_s < ${toS}) l USING (hour_s)
       LEFT JOIN tlm.element_rating e ON e.element = l.element AND ${ratedIn('h.hour_s', 'e')}
     WHERE l.missing = 0 AND l.estimated = 0 AND l.active_w IS NOT NULL AND hour_s >= ${fromS}`,
  );
  const hours = Math.ceil((toS - fromS) / hourS);
  const unknown = (): Float64Array => new Float64Array(hours).fill(NaN);
  const metered = { headWh: unknown(), customersWh: unknown(), lossWh: unknown() };
  for (const { hour, head, customers, loss } of rows) {
    metered.headWh[hour] = head;
    metered.customersWh[hour] = customers;
    metered.lossWh[hour] = loss;
  }
  return metered;
}
