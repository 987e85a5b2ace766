import type { WarehouseSession } from '../../mdw/worker/module.ts';
import { advanceFeeding, feedingChanges, openFeeding } from '../engine/feeding.ts';
import type { Feeding } from '../engine/feeding.ts';

/** What must be computed anew together: all customers and all elements that anything of some customers flows into, or is compared with. */
export type Touched = { readonly meters: readonly number[]; readonly elements: Uint32Array };

/**
 * What some meters touch in [fromS, toS): their circuits with all that hangs there, whatever circuits have a carrier in common with
 * them, and whatever was moved between those meanwhile. So an element is either computed anew with all its customers or not at all.
 */
export async function touchedBy(
  session: WarehouseSession,
  meters: readonly number[],
  [fromS, toS]: readonly [number, number],
): Promise<Touched> {
  const feeding = await openFeeding(session, fromS);
  const groups = new Groups(feeding.carrierAbove.length);
  const instants = await feedingChanges(session, fromS, toS);
  const hangsAt = new Uint32Array(feeding.pointOfMeter.length);
  join(groups, feeding, hangsAt);
  for (const atS of instants) {
    await advanceFeeding(session, feeding, atS);
    join(groups, feeding, hangsAt);
  }
  const wanted = new Set<number>();
  for (const meter of meters) if ((hangsAt[meter] ?? 0) !== 0) wanted.add(groups.of(hangsAt[meter]!));
  const found = { meters: [] as number[], elements: [] as number[] };
  for (let meter = 1; meter < hangsAt.length; meter += 1)
    if (hangsAt[meter] !== 0 && wanted.has(groups.of(hangsAt[meter]!))) found.meters.push(meter);
  for (let element = 1; element < feeding.carrierAbove.length; element += 1)
    if (wanted.has(groups.of(element))) found.elements.push(element);
  return { meters: found.meters, elements: Uint32Array.from(found.elements) };
}

/** Elements that share a customer are of one group; `hangsAt` gives one of them for every meter that hangs anywhere. */
function join(groups: Groups, feeding: Feeding, hangsAt: Uint32Array): void {
  const { segment, circuit, carrier, transformer } = feeding.points;
  for (let element = 1; element < feeding.carrierAbove.length; element += 1)
    groups.join(element, feeding.carrierAbove[element]!);
  for (let point = 1; point < segment.length; point += 1) {
    if (feeding.metersOfPoint[point] === 0) continue;
    const at = segment[point]!;
    for (const other of [circuit[point]!, carrier[point]!, transformer[point]!]) groups.join(at, other);
  }
  for (let meter = 1; meter < hangsAt.length; meter += 1) {
    const point = feeding.pointOfMeter[meter]!;
    if (point === 0) continue;
    const at = segment[point]! || circuit[point]! || carrier[point]!;
    groups.join(at, hangsAt[meter]!);
    hangsAt[meter] = at;
  }
}

/** Elements by what they have been joined with. 0 is no element, and joins nothing. */
class Groups {
  readonly #parent: Uint32Array;

  constructor(elements: number) {
    this.#parent = Uint32Array.from({ length: elements }, (_, element) => element);
  }

  of(element: number): number {
    let at = element;
    while (this.#parent[at] !== at) {
      this.#parent[at] = this.#parent[this.#parent[at]!]!;
      at = this.#parent[at]!;
    }
    return at;
  }

  join(one: number, other: number): void {
    if (one !== 0 && other !== 0) this.#parent[this.of(one)] = this.of(other);
  }
}
