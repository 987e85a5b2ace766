import { changed } from '../model/network-change.ts';
import type { ElementChange } from '../model/network-change.ts';
import type { Network } from '../model/network.ts';
import { emptyNetwork } from '../model/network-draft.ts';
import { livePhases } from '../model/phase.ts';
import type { Phase } from '../model/phase.ts';
import { NetworkView } from './network-view.ts';
import { retrace } from './retracing.ts';
import type { Structure } from './structure.ts';
import { Topology } from './topology.ts';
import { trace } from './tracing.ts';

/** From this instant on, these elements are so. */
export type NetworkEdit = { readonly kind: 'edit'; readonly atMs: number; readonly changes: readonly ElementChange[] };

/** From this instant on, a switch stands so, on the phases named or on all. */
export type SwitchOperation = {
  readonly kind: 'switched';
  readonly atMs: number;
  readonly switchId: string;
  readonly phases?: readonly Phase[];
  readonly open: boolean;
};

export type NetworkEvent = NetworkEdit | SwitchOperation;

/** A stretch of time in which nothing changed; `toMs` no longer belongs to it. */
export type Interval = { readonly fromMs: number; readonly toMs: number; readonly view: NetworkView };

/** So many instants stay at hand, and so many versions between edits. */
const keptViews = 64;
const keptTopologies = 4;

/**
 * The network through time. Events may be told in any order and late; those of one instant count in the order in which they were told.
 * Where a switch stands is said by the edit that first puts it, and from then on by operations alone: a drawing that is corrected
 * moves no switch.
 */
export class NetworkHistory {
  readonly #events: NetworkEvent[] = [];
  readonly #views = new Map<number, NetworkView>();
  readonly #positions = new Map<number, SwitchPositions>();
  /** By number of events applied, the last of them an edit. */
  readonly #topologies = new Map<number, Topology>();

  constructor(events: Iterable<NetworkEvent> = []) {
    this.#events = [...events].toSorted((one, other) => one.atMs - other.atMs);
  }

  get events(): readonly NetworkEvent[] {
    return this.#events;
  }

  record(event: NetworkEvent): void {
    const index = this.#countUntil(event.atMs);
    this.#events.splice(index, 0, event);
    // What stood before the event stands; later views are counted anew.
    for (const kept of [this.#views, this.#positions, this.#topologies]) {
      for (const count of kept.keys()) if (count > index) kept.delete(count);
    }
  }

  at(atMs: number): NetworkView {
    return this.#view(this.#countUntil(atMs));
  }

  /** The stretches between changes, together from `fromMs` to `toMs`. */
  intervals(fromMs: number, toMs: number): Interval[] {
    const intervals: Interval[] = [];
    let at = fromMs;
    while (at < toMs) {
      const count = this.#countUntil(at);
      const end = Math.min(toMs, this.#events[count]?.atMs ?? toMs);
      intervals.push({ fromMs: at, toMs: end, view: this.#view(count) });
      at = end;
    }
    return intervals;
  }

  /** How many events are at or before an instant. */
  #countUntil(atMs: number): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.atMs ?? 0) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #view(count: number): NetworkView {
    const known = this.#views.get(count);
    if (known !== undefined) return known;
    const edits = this.#lastEdit(count);
    const topology = this.#topology(edits);
    const closed = polesOf(topology.structure, this.#positionsAfter(count));
    // The nearest view of the same network differs in a few switches.
    const near = [...this.#views].findLast(([, view]) => view.topology === topology)?.[1];
    const tracing = near === undefined ? trace(topology.structure, closed) : retrace(near.tracing, closed);
    const view = new NetworkView(topology, tracing);
    keep(this.#views, count, view, keptViews);
    return view;
  }

  /** The number of events up to and with the last edit among the first `count`. */
  #lastEdit(count: number): number {
    for (let index = count; index > 0; index -= 1) if (this.#events[index - 1]?.kind === 'edit') return index;
    return 0;
  }

  #topology(count: number): Topology {
    const known = this.#topologies.get(count);
    if (known !== undefined) return known;
    const topology = new Topology(this.#networkAfter(count));
    keep(this.#topologies, count, topology, keptTopologies);
    return topology;
  }

  #networkAfter(count: number): Network {
    const known = [...this.#topologies.keys()].filter((each) => each <= count);
    const start = known.length === 0 ? 0 : Math.max(...known);
    const changes = this.#events.slice(start, count).flatMap((event) => (event.kind === 'edit' ? event.changes : []));
    return changed(this.#topologies.get(start)?.network ?? emptyNetwork(), changes);
  }

  #positionsAfter(count: number): SwitchPositions {
    const known = [...this.#positions.keys()].filter((each) => each <= count);
    const start = known.length === 0 ? 0 : Math.max(...known);
    const positions = new Map(this.#positions.get(start));
    for (const event of this.#events.slice(start, count)) apply(positions, event);
    keep(this.#positions, count, positions, keptViews);
    return positions;
  }
}

/** The phases on which each switch is open. */
type SwitchPositions = ReadonlyMap<string, ReadonlySet<Phase>>;

function apply(positions: Map<string, ReadonlySet<Phase>>, event: NetworkEvent): void {
  if (event.kind === 'switched') {
    const open = new Set(positions.get(event.switchId));
    for (const phase of event.phases ?? livePhases) {
      if (event.open) open.add(phase);
      else open.delete(phase);
    }
    positions.set(event.switchId, open);
    return;
  }
  for (const change of event.changes) {
    if ('remove' in change) {
      if (change.remove.group === 'equipment') positions.delete(change.remove.id);
    } else if (change.put.kind === 'Switch' && !positions.has(change.put.id)) {
      positions.set(change.put.id, new Set(change.put.openPhases));
    }
  }
}

function polesOf(structure: Structure, positions: SwitchPositions): Uint8Array {
  return Uint8Array.from(structure.poles, ({ switchId, phase }) => {
    return positions.get(switchId)?.has(phase) === true ? 0 : 1;
  });
}

function keep<T>(kept: Map<number, T>, count: number, value: T, most: number): void {
  kept.set(count, value);
  const [oldest] = kept.keys();
  if (kept.size > most && oldest !== undefined) kept.delete(oldest);
}
