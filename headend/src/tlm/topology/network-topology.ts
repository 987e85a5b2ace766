import type { Interval } from '../../network/connectivity/network-history.ts';
import type { NetworkView } from '../../network/connectivity/network-view.ts';
import { vertexAt } from '../../network/connectivity/structure.ts';
import { nominalVoltages } from '../../network/model/nominal-voltages.ts';
import type { UsagePoint } from '../../network/model/network.ts';
import { banksOf, carrierBranches, carriersOf } from './carriers.ts';
import { customerKinds } from './load-topology.ts';
import type {
  ElementKind,
  ElementRating,
  LoadPoint,
  TopologyElement,
  TopologyStretch,
  TopologyUpdate,
} from './load-topology.ts';
import { serviceOf } from './service.ts';
import type { Service } from './service.ts';
import { topologyElements } from './topology-elements.ts';
import type { RatedElement } from './topology-elements.ts';

/** The name by which the warehouse knows the meter of a service point; who has no meter is known by the point itself. */
export const meterName = ({ id, meter }: Pick<UsagePoint, 'id' | 'meter'>): string => meter ?? id;

/** From a network through time; `intervals` follow each other without a gap. */
export function networkTopology(intervals: readonly Interval[]): TopologyUpdate {
  const book = new TopologyBook();
  const stretches: StretchRows[] = [];
  for (const [index, { fromMs, view }] of intervals.entries()) {
    const next = intervals[index + 1]?.fromMs;
    const fromS = Math.floor(fromMs / 1_000);
    // Of what changed within a second, the end counts.
    if (next !== undefined && Math.floor(next / 1_000) === fromS) continue;
    stretches.push(book.stretch(fromS, view));
  }
  return book.update(stretches);
}

type StretchRows = {
  readonly fromS: number;
  /** By number in the book. */
  readonly meters: Map<number, number>;
  readonly feeds: Map<number, Feed>;
  readonly above: Map<number, number>;
  readonly ratings: Map<number, number>;
};
type Feed = { readonly circuit: number; readonly carrier: number };

/** Gives numbers to what it meets, the same in all stretches. */
class TopologyBook {
  readonly #elements: TopologyElement[] = [];
  readonly #elementIndex = new Map<string, number>();
  readonly #ratings: ElementRating[] = [];
  readonly #ratingIndex = new Map<string, number>();
  readonly #points: LoadPoint[] = [];
  readonly #pointIndex = new Map<string, number>();
  readonly #meters = new Map<string, number>();
  readonly #sizeW: number[] = [];

  stretch(fromS: number, view: NetworkView): StretchRows {
    const carrierOf = carrierBranches(view);
    const ratings = new Map(topologyElements(view, carrierOf).map((each) => [this.#put(each), this.#rating(each)]));
    const { ofVertex, above } = carriersOf(view, carrierOf);
    const { branches } = view.tracing.structure;
    const carrier = (branch: number): number => {
      const { kind, id } = branches[branch] ?? {};
      return kind === undefined ? -1 : this.#element(kind === 'Switch' ? 'switch' : 'transformer', id);
    };
    const rows: StretchRows = { fromS, meters: new Map(), feeds: new Map(), above: new Map(), ratings };
    for (const [below, over] of above) rows.above.set(carrier(below), carrier(over));
    const reading = { view, carrierOf, banks: banksOf(view, carrierOf), services: new Map<string, Service>() };
    const nominal = nominalVoltages(view.network);
    const sizes = sizesOf(view);
    for (const point of view.network.usagePoints.values()) {
      const meter = this.#meter(meterName(point), sizes.get(point.node) ?? 0);
      // A meter that stands at two points is counted at the first; the check of the network tells.
      const vertex = rows.meters.has(meter) ? undefined : fedVertex(view, point);
      if (vertex === undefined) continue;
      const nominalV = view.network.nodes.get(point.node)?.nominalVoltageV ?? nominal.get(point.node);
      const place = this.#placeOf(reading, point, vertex, nominalV);
      const circuit = view.labels.circuits[view.labels.circuit[vertex] ?? -1];
      const feed = { circuit: this.#element('circuit', circuit?.id), carrier: carrier(ofVertex[vertex] ?? -1) };
      rows.meters.set(meter, this.#point(place, feed, rows.feeds));
    }
    return rows;
  }

  update(stretches: readonly StretchRows[]): TopologyUpdate {
    return {
      elements: this.#elements,
      ratings: this.#ratings,
      points: this.#points,
      meters: [...this.#meters.keys()],
      sizeW: Float32Array.from(this.#sizeW),
      stretches: stretches.map((rows): TopologyStretch => {
        const circuits = new Map([...rows.feeds].map(([point, { circuit }]) => [point, circuit]));
        const carriers = new Map([...rows.feeds].map(([point, { carrier }]) => [point, carrier]));
        return {
          fromS: rows.fromS,
          pointOfMeter: column(this.#meters.size, rows.meters, -1),
          circuitOfPoint: column(this.#points.length, circuits, -1),
          carrierOfPoint: column(this.#points.length, carriers, -1),
          carrierAbove: column(this.#elements.length, rows.above, -2),
          ratingOfElement: column(this.#elements.length, rows.ratings, -1),
        };
      }),
    };
  }

  #placeOf(
    { view, carrierOf, banks, services }: Reading,
    point: UsagePoint,
    vertex: number,
    nominalV: number | undefined,
  ): Omit<LoadPoint, 'variant'> {
    const { structure } = view.tracing;
    const branch = carrierOf[view.labels.transformer[vertex] ?? -1] ?? -1;
    const units = banks.get(branch) ?? [];
    const segment = view.topology.segments.all[view.topology.segments.ofNode[structure.vertexNode[vertex] ?? 0] ?? -1];
    // What one transformer of the substation feeds takes from the line; a bank of several units is as one of three phases.
    const transformer = units.length === 1 && isServed(nominalV) ? units[0] : undefined;
    const key = `${transformer?.id ?? ''}|${nominalV ?? ''}|${point.phases.join('')}`;
    const service = services.get(key) ?? serviceOf(point.phases, nominalV, transformer);
    services.set(key, service);
    const kind = view.network.customers.get(point.customer ?? '')?.customerKind ?? 'unknown';
    return {
      transformer: isServed(nominalV) ? this.#element('transformer', structure.branches[branch]?.id) : -1,
      segment: this.#element('segment', segment?.id),
      customerKind: customerKinds.indexOf(kind),
      service,
    };
  }

  /** Alike in all but the way by which they are fed, they are variants of each other. */
  #point(place: Omit<LoadPoint, 'variant'>, feed: Feed, feeds: Map<number, Feed>): number {
    for (let variant = 0; ; variant += 1) {
      const { transformer, segment, customerKind, service } = place;
      const key = JSON.stringify([transformer, segment, customerKind, variant, service]);
      const index = this.#pointIndex.get(key) ?? this.#points.push({ ...place, variant }) - 1;
      this.#pointIndex.set(key, index);
      const known = feeds.get(index);
      if (known !== undefined && (known.circuit !== feed.circuit || known.carrier !== feed.carrier)) continue;
      feeds.set(index, feed);
      return index;
    }
  }

  #put({ rating: _, ...element }: RatedElement): number {
    const key = `${element.kind}\n${element.id}`;
    const index = this.#elementIndex.get(key) ?? this.#elements.length;
    this.#elementIndex.set(key, index);
    const known = this.#elements[index];
    this.#elements[index] = known === undefined ? element : { ...belongings(known), ...element };
    return index;
  }

  #rating({ rating }: RatedElement): number {
    const key = JSON.stringify(rating);
    const index = this.#ratingIndex.get(key) ?? this.#ratings.push(rating) - 1;
    this.#ratingIndex.set(key, index);
    return index;
  }

  #element(kind: ElementKind, id: string | undefined): number {
    return this.#elementIndex.get(`${kind}\n${id ?? ''}`) ?? -1;
  }

  #meter(name: string, sizeW: number): number {
    const index = this.#meters.get(name) ?? this.#meters.size;
    this.#meters.set(name, index);
    this.#sizeW[index] = sizeW;
    return index;
  }
}

type Reading = {
  readonly view: NetworkView;
  readonly carrierOf: Int32Array;
  readonly banks: ReturnType<typeof banksOf>;
  readonly services: Map<string, Service>;
};

/** What lost its supply belongs to where it had it last. */
const belongings = ({ circuit, substation }: TopologyElement): Partial<TopologyElement> => ({
  ...(circuit === undefined ? {} : { circuit }),
  ...(substation === undefined ? {} : { substation }),
});

/** Whether a transformer of its own stands before who takes this voltage. */
const isServed = (nominalV: number | undefined): boolean => nominalV === undefined || nominalV < 1_000;

/** By the first of its phases that has supply, as everywhere. */
function fedVertex({ tracing }: NetworkView, { node, phases }: UsagePoint): number | undefined {
  const phase = phases.find((each) => (tracing.depth[vertexAt(tracing.structure, node, each)] ?? -1) >= 0);
  return phase === undefined ? undefined : vertexAt(tracing.structure, node, phase);
}

/** What the drawing has for the loads of a node, shared by the service points there. */
function sizesOf({ network }: NetworkView): ReadonlyMap<string, number> {
  const loads = new Map<string, number>();
  for (const equipment of network.equipment.values()) {
    const node = equipment.terminals[0]?.node ?? '';
    if (equipment.kind === 'EnergyConsumer') loads.set(node, (loads.get(node) ?? 0) + equipment.activePowerW);
  }
  const points = new Map<string, number>();
  for (const { node } of network.usagePoints.values()) points.set(node, (points.get(node) ?? 0) + 1);
  return new Map([...points].map(([node, count]) => [node, Math.max(0, loads.get(node) ?? 0) / count]));
}

function column(length: number, values: ReadonlyMap<number, number>, otherwise: number): Int32Array {
  const filled = new Int32Array(length).fill(otherwise);
  for (const [index, value] of values) filled[index] = value;
  return filled;
}
