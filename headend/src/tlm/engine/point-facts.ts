import { customerKinds } from '../topology/load-topology.ts';
import type { Feeding } from './feeding.ts';

/**
 * What each hour asks of a load point, side by side in memory: all points are gone through in every hour, and a line of memory for each point costs
 * less than one for each of nine arrays. `fact` has the places.
 */
export const factWidth = 8;
export const fact = {
  /** How many customers; of a point with none the rest means nothing. */
  meters: 0,
  carrier: 1,
  /** What carries its transformer, where nothing else hangs at that; else `notAlone`. */
  above: 2,
  segment: 3,
  circuit: 4,
  /** Number of its class of customers: circuit and kind. */
  place: 5,
  service: 6,
  kind: 7,
} as const;
export const notAlone = 0xffff_ffff;

export function writePointFacts({
  pointFacts,
  points,
  metersOfPoint,
  elements,
  isSingle,
  carrierAbove,
}: Feeding): void {
  for (let point = 1; point < metersOfPoint.length; point += 1) {
    const at = point * factWidth;
    const carrier = points.carrier[point]!;
    const circuit = points.circuit[point]!;
    const kind = points.customerKind[point]!;
    pointFacts[at + fact.meters] = metersOfPoint[point]!;
    pointFacts[at + fact.carrier] = carrier;
    pointFacts[at + fact.above] = isSingle[carrier] === 1 ? carrierAbove[carrier]! : notAlone;
    pointFacts[at + fact.segment] = points.segment[point]!;
    pointFacts[at + fact.circuit] = circuit;
    pointFacts[at + fact.place] = elements.circuitPlace[circuit]! * customerKinds.length + kind;
    pointFacts[at + fact.service] = points.service[point]!;
    pointFacts[at + fact.kind] = kind;
  }
}
