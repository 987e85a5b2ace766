import type { WarehouseSession } from '../../mdw/worker/module.ts';
import { readColumns } from '../worker/columns.ts';
import { openS, ratedIn } from '../worker/tables.ts';
import { factWidth, writePointFacts } from './point-facts.ts';
import { sharedFloat32, sharedFloat64, sharedUint32, sharedUint8, shareUint32 } from './shared-arrays.ts';

/**
 * Who is fed by whom at an instant, in arrays by number that several threads see; 0 is nobody. Those that change with time are changed in place, while
 * nobody else reads them, or replaced.
 */
export type Feeding = {
  atS: number;
  readonly pointOfMeter: Uint32Array;
  readonly metersOfPoint: Uint32Array;
  /** Of point p: `meters[first[p]] …`, as many as it has. */
  readonly members: { readonly first: Uint32Array; readonly meters: Uint32Array };
  /** Never 0: who has no size counts as the mean of their kind. */
  readonly sizeOfMeter: Float32Array;
  readonly sizeOfPoint: Float64Array;
  readonly points: {
    readonly transformer: Uint32Array;
    readonly segment: Uint32Array;
    readonly customerKind: Uint8Array;
    readonly service: Uint32Array;
    readonly circuit: Uint32Array;
    readonly carrier: Uint32Array;
  };
  /** The same as each hour asks it, as `point-facts.ts` has it. */
  readonly pointFacts: Uint32Array;
  /** Whether sizes are in watts, so that kinds compare; by kind. */
  readonly isSized: readonly boolean[];
  readonly services: Services;
  readonly elements: {
    readonly phaseV: Float64Array;
    readonly secondaryPhaseV: Float64Array;
    /** Of circuits, counted from 1. */
    readonly circuitPlace: Uint32Array;
  };
  circuits: number;
  readonly carrierAbove: Uint32Array;
  /** Carriers with one above them, each before the one above. */
  carrierOrder: Uint32Array;
  /** The same without those that are single. */
  trunkOrder: Uint32Array;
  /** 1: a transformer at which one load point hangs and nothing else. Most are. */
  readonly isSingle: Uint8Array;
  /** All elements that are not. */
  trunk: Uint32Array;
};

/** By number: 6 shares of the primary, 6 of the secondary, 2 voltages that the meter may show. */
export type Services = Float64Array;
export const serviceWidth = 14;

/** As of an instant. */
export async function openFeeding(session: WarehouseSession, atS: number): Promise<Feeding> {
  const feeding = await readFeeding(session, atS);
  settleFeeding(feeding);
  return feeding;
}

/** As of an instant; what follows from who hangs where is to be settled yet. */
export async function readFeeding(session: WarehouseSession, atS: number): Promise<Feeding> {
  const { connection } = session;
  const counts = await session.row<Record<'meters' | 'points' | 'services' | 'elements', number>>(
    `SELECT coalesce(max(meter), 0)::INTEGER AS meters, (SELECT coalesce(max(point), 0)::INTEGER FROM tlm.load_point) AS points,
       (SELECT coalesce(max(service), 0)::INTEGER FROM tlm.service) AS services, (SELECT coalesce(max(element), 0)::INTEGER FROM tlm.element) AS elements
     FROM tlm.assignment`,
  );
  const feeding: Feeding = {
    atS,
    pointOfMeter: sharedUint32(counts.meters + 1),
    metersOfPoint: sharedUint32(counts.points + 1),
    members: { first: sharedUint32(counts.points + 2), meters: sharedUint32(counts.meters + 1) },
    sizeOfMeter: sharedFloat32(counts.meters + 1),
    sizeOfPoint: sharedFloat64(counts.points + 1),
    points: {
      transformer: sharedUint32(counts.points + 1),
      segment: sharedUint32(counts.points + 1),
      customerKind: sharedUint8(counts.points + 1),
      service: sharedUint32(counts.points + 1),
      circuit: sharedUint32(counts.points + 1),
      carrier: sharedUint32(counts.points + 1),
    },
    pointFacts: sharedUint32((counts.points + 1) * factWidth),
    isSized: await sizedKinds(session),
    services: sharedFloat64((counts.services + 1) * serviceWidth),
    elements: {
      phaseV: sharedFloat64(counts.elements + 1),
      secondaryPhaseV: sharedFloat64(counts.elements + 1),
      circuitPlace: sharedUint32(counts.elements + 1),
    },
    circuits: 0,
    carrierAbove: sharedUint32(counts.elements + 1),
    carrierOrder: sharedUint32(0),
    trunkOrder: sharedUint32(0),
    isSingle: sharedUint8(counts.elements + 1),
    trunk: sharedUint32(0),
  };
  await readPoints(session, feeding);
  await readCircuits(session, feeding);
  await readVoltages(session, feeding, atS);
  await readColumns(
    connection,
    `SELECT meter, point FROM tlm.assignment WHERE ${holds(atS)}`,
    ['u32', 'u32'],
    ([meters, points]) => {
      for (let row = 0; row < meters.length; row += 1) feeding.pointOfMeter[meters[row]!] = points[row]!;
    },
  );
  await readSizes(session, feeding);
  await readFeeds(session, feeding, holds(atS));
  await readCarriers(session, feeding, holds(atS));
  return feeding;
}

const holds = (atS: number): string => `from_s <= ${atS} AND to_s > ${atS}`;

/** The instants in (fromS, toS) at which anything changes. */
export async function feedingChanges(session: WarehouseSession, fromS: number, toS: number): Promise<number[]> {
  const both = ['assignment', 'feed', 'carrier'].map(
    (table) =>
      `SELECT unnest([from_s, to_s]) AS at_s FROM tlm.${table} WHERE from_s > ${fromS} AND from_s < ${toS} OR to_s > ${fromS} AND to_s < ${toS}`,
  );
  const rows = await session.rows<{ at_s: number }>(
    `SELECT DISTINCT at_s FROM (${both.join(' UNION ALL ')}) WHERE at_s > ${fromS} AND at_s < ${toS} ORDER BY at_s`,
  );
  return rows.map(({ at_s: atS }) => atS);
}

/** To the next instant at which something changes. */
export async function advanceFeeding(session: WarehouseSession, feeding: Feeding, atS: number): Promise<void> {
  feeding.atS = atS;
  const { pointOfMeter } = feeding;
  await readColumns(session.connection, `SELECT meter FROM tlm.assignment WHERE to_s = ${atS}`, ['u32'], ([meters]) => {
    for (const meter of meters) pointOfMeter[meter] = 0;
  });
  await readColumns(
    session.connection,
    `SELECT meter, point FROM tlm.assignment WHERE from_s = ${atS}`,
    ['u32', 'u32'],
    ([meters, points]) => {
      for (let row = 0; row < meters.length; row += 1) pointOfMeter[meters[row]!] = points[row]!;
    },
  );
  await readColumns(session.connection, `SELECT point FROM tlm.feed WHERE to_s = ${atS}`, ['u32'], ([points]) => {
    for (const point of points) feeding.points.circuit[point] = feeding.points.carrier[point] = 0;
  });
  await readFeeds(session, feeding, `from_s = ${atS}`);
  await readColumns(
    session.connection,
    `SELECT element FROM tlm.carrier WHERE to_s = ${atS}`,
    ['u32'],
    ([elements]) => {
      for (const element of elements) feeding.carrierAbove[element] = 0;
    },
  );
  await readCarriers(session, feeding, `from_s = ${atS}`);
  settleFeeding(feeding);
}

/** Whatever follows from who hangs where, once that changed. */
export function settleFeeding(feeding: Feeding): void {
  countMeters(feeding);
  feeding.carrierOrder = shareUint32(lowestFirst(feeding.carrierAbove));
  findSingles(feeding);
  writePointFacts(feeding);
}

function findSingles(feeding: Feeding): void {
  const { points, metersOfPoint, isSingle, carrierAbove, carrierOrder } = feeding;
  const hanging = new Uint32Array(isSingle.length);
  for (let point = 1; point < metersOfPoint.length; point += 1)
    // One that belongs to another transformer is as good as two.
    if (metersOfPoint[point] !== 0)
      hanging[points.carrier[point]!]! += points.transformer[point] === points.carrier[point] ? 1 : 2;
  for (const element of carrierOrder) hanging[carrierAbove[element]!]! += 2;
  for (let element = 0; element < isSingle.length; element += 1) isSingle[element] = hanging[element] === 1 ? 1 : 0;
  feeding.trunkOrder = shareUint32(carrierOrder.filter((element) => isSingle[element] === 0));
  feeding.trunk = shareUint32(Uint32Array.from(isSingle.keys()).filter((element) => isSingle[element] === 0));
}

function countMeters({ pointOfMeter, metersOfPoint, members, sizeOfMeter, sizeOfPoint }: Feeding): void {
  metersOfPoint.fill(0);
  sizeOfPoint.fill(0);
  for (let meter = 1; meter < pointOfMeter.length; meter += 1) {
    const point = pointOfMeter[meter]!;
    metersOfPoint[point]! += 1;
    sizeOfPoint[point]! += sizeOfMeter[meter]!;
  }
  metersOfPoint[0] = 0;
  const next = members.first;
  next[0] = 0;
  next[1] = 0;
  for (let point = 1; point < metersOfPoint.length; point += 1) next[point + 1] = next[point]! + metersOfPoint[point]!;
  for (let meter = 1; meter < pointOfMeter.length; meter += 1) {
    const point = pointOfMeter[meter]!;
    if (point === 0) continue;
    members.meters[next[point]!] = meter;
    next[point]! += 1;
  }
  for (let point = 1; point < metersOfPoint.length; point += 1) next[point]! -= metersOfPoint[point]!;
}

async function readPoints({ connection }: WarehouseSession, { points, services }: Feeding): Promise<void> {
  await readColumns(
    connection,
    'SELECT point, transformer, segment, customer_kind, service FROM tlm.load_point',
    ['u32', 'u32', 'u32', 'u8', 'u32'],
    ([numbers, transformers, segments, kinds, serviceNumbers]) => {
      for (let row = 0; row < numbers.length; row += 1) {
        const point = numbers[row]!;
        points.transformer[point] = transformers[row]!;
        points.segment[point] = segments[row]!;
        points.customerKind[point] = kinds[row]!;
        points.service[point] = serviceNumbers[row]!;
      }
    },
  );
  const all = [
    ...[1, 2, 3, 4, 5, 6].map((index) => `primary_shares[${index}]`),
    ...[1, 2, 3, 4, 5, 6].map((index) => `secondary_shares[${index}]`),
    'meter_v[1]',
    'meter_v[2]',
  ];
  const rows = (await connection.runAndReadAll(`SELECT service, ${all.join(', ')} FROM tlm.service`)).getRows();
  for (const [service, ...values] of rows) services.set(values.map(Number), Number(service) * serviceWidth);
}

async function readCircuits({ connection }: WarehouseSession, feeding: Feeding): Promise<void> {
  await readColumns(connection, `SELECT element FROM tlm.element WHERE kind = 'circuit'`, ['u32'], ([circuits]) => {
    for (const circuit of circuits) feeding.elements.circuitPlace[circuit] = feeding.circuits += 1;
  });
}

/** Those of an hour, by its begin. */
export async function readVoltages(
  { connection }: WarehouseSession,
  { elements }: Feeding,
  startS: number,
): Promise<void> {
  await readColumns(
    connection,
    `SELECT element, coalesce(phase_v, 0)::DOUBLE, coalesce(secondary_phase_v, 0)::DOUBLE FROM tlm.rated JOIN tlm.rating USING (rating) WHERE ${ratedIn(startS)}`,
    ['u32', 'f64', 'f64'],
    ([numbers, phase, secondary]) => {
      for (let row = 0; row < numbers.length; row += 1) {
        elements.phaseV[numbers[row]!] = phase[row]!;
        elements.secondaryPhaseV[numbers[row]!] = secondary[row]!;
      }
    },
  );
}

/** The hours after the first, by their begin, in which voltages are others than in the hour before. */
export async function voltageHours(
  session: WarehouseSession,
  fromS: number,
  toS: number,
): Promise<ReadonlySet<number>> {
  const rows = await session.rows<{ hour_s: number }>(
    `SELECT DISTINCT from_s - from_s % 3600 AS hour_s FROM tlm.rated WHERE from_s >= ${fromS} + 3600 AND from_s < ${toS}`,
  );
  return new Set(rows.map(({ hour_s: hourS }) => hourS));
}

async function readFeeds({ connection }: WarehouseSession, { points }: Feeding, where: string): Promise<void> {
  await readColumns(
    connection,
    `SELECT point, circuit, carrier FROM tlm.feed WHERE ${where}`,
    ['u32', 'u32', 'u32'],
    ([numbers, circuits, carriers]) => {
      for (let row = 0; row < numbers.length; row += 1) {
        points.circuit[numbers[row]!] = circuits[row]!;
        points.carrier[numbers[row]!] = carriers[row]!;
      }
    },
  );
}

async function readCarriers({ connection }: WarehouseSession, feeding: Feeding, where: string): Promise<void> {
  await readColumns(
    connection,
    `SELECT element, above FROM tlm.carrier WHERE ${where}`,
    ['u32', 'u32'],
    ([elements, above]) => {
      for (let row = 0; row < elements.length; row += 1) feeding.carrierAbove[elements[row]!] = above[row]!;
    },
  );
}

/** Throws where carriers hang in a circle, which the recording of them never makes. */
export function lowestFirst(above: Uint32Array): Uint32Array {
  const waiting = new Uint32Array(above.length);
  let count = 0;
  for (let element = 1; element < above.length; element += 1) {
    const over = above[element]!;
    if (over === 0) continue;
    count += 1;
    waiting[over] = waiting[over]! + 1;
  }
  const order = new Uint32Array(count);
  let end = 0;
  for (let element = 1; element < above.length; element += 1)
    if (above[element] !== 0 && waiting[element] === 0) order[end++] = element;
  for (let next = 0; next < end; next += 1) {
    const over = above[order[next]!]!;
    waiting[over] = waiting[over]! - 1;
    if (waiting[over] === 0 && above[over] !== 0) order[end++] = over;
  }
  if (end !== count) throw new Error(`${count - end} switches or transformers feed each other in a circle`);
  return order;
}

async function sizedKinds(session: WarehouseSession): Promise<boolean[]> {
  const rows = await session.rows<{ kind: number; sized: boolean }>(
    `SELECT customer_kind AS kind, bool_or(size_w > 0) AS sized FROM tlm.customer JOIN tlm.assignment USING (meter)
     JOIN tlm.load_point USING (point) WHERE to_s = ${openS} GROUP BY ALL`,
  );
  const sized: boolean[] = [];
  for (const { kind, sized: isSized } of rows) sized[kind] = isSized;
  return sized;
}

async function readSizes({ connection }: WarehouseSession, feeding: Feeding): Promise<void> {
  const { sizeOfMeter, pointOfMeter, points } = feeding;
  const sums = new Float64Array(256);
  const counts = new Float64Array(256);
  const kindOf = (meter: number): number => points.customerKind[pointOfMeter[meter]!]!;
  await readColumns(connection, 'SELECT meter, size_w FROM tlm.customer', ['u32', 'f32'], ([meters, sizes]) => {
    for (let row = 0; row < meters.length; row += 1) {
      const meter = meters[row]!;
      const size = sizes[row]!;
      if (size <= 0 || meter >= sizeOfMeter.length) continue;
      sizeOfMeter[meter] = size;
      const kind = kindOf(meter);
      sums[kind] = sums[kind]! + size;
      counts[kind] = counts[kind]! + 1;
    }
  });
  for (let meter = 1; meter < sizeOfMeter.length; meter += 1) {
    if (sizeOfMeter[meter] !== 0) continue;
    const kind = kindOf(meter);
    sizeOfMeter[meter] = counts[kind] === 0 ? 1 : sums[kind]! / counts[kind]!;
  }
}
