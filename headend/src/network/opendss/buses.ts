import type { Terminal } from '../model/equipment.ts';
import type { Phase } from '../model/phase.ts';
import type { Place } from '../model/place.ts';
import type { DssObject } from './object-book.ts';
import type { ImportReport } from './object-reader.ts';

/** A bus as a terminal names it: which conductors meet which of its nodes; 0 is the ground. */
export type BusTerminal = { readonly bus: string; readonly nodes: readonly number[] };

/**
 * `650.1.2.3`: the bus and its nodes. What is not written is 1, 2, 3 … for the phases and the ground for what comes after them.
 * Undefined: a node is no number.
 */
export function busTerminal(spec: string, phaseCount: number, conductorCount = phaseCount): BusTerminal | undefined {
  const [bus = '', ...written] = spec.trim().split('.');
  const given = written.map((each) => (/^\d+$/.test(each.trim()) ? Number(each) : NaN));
  if (given.some(Number.isNaN)) return undefined;
  const nodes = Array.from(
    { length: conductorCount },
    (_, index) => given[index] ?? (index < phaseCount ? index + 1 : 0),
  );
  return { bus: bus.trim(), nodes };
}

/** The buses of a script. A bus has the spelling under which it came first. */
export class Buses {
  readonly #report: ImportReport;
  readonly #known = new Map<string, { readonly id: string; readonly place: Place }>();
  #split: ReadonlySet<string> = new Set();

  constructor(report: ImportReport) {
    this.#report = report;
  }

  /** Those on a centre-tapped secondary, in lower case: their nodes 1 and 2 are its two live wires. */
  setSplit(buses: ReadonlySet<string>): void {
    this.#split = buses;
  }

  isSplit(bus: string): boolean {
    return this.#split.has(bus.toLowerCase());
  }

  all(): IterableIterator<{ readonly id: string; readonly place: Place }> {
    return this.#known.values();
  }

  find(bus: string): string | undefined {
    return this.#known.get(bus.toLowerCase())?.id;
  }

  id(bus: string, place: Place): string {
    const key = bus.toLowerCase();
    const known = this.#known.get(key) ?? { id: bus, place };
    this.#known.set(key, known);
    return known.id;
  }

  /** The ground is N. Undefined, and told: a node that has no phase. */
  terminal({ bus, nodes }: BusTerminal, object: DssObject): Terminal | undefined {
    const phases: Phase[] = [];
    for (const node of nodes) {
      const phase = this.#phase(bus, node);
      if (phase === undefined) {
        const kind = this.isSplit(bus) ? 'the secondary of a centre-tapped transformer' : 'a bus';
        this.#report.tell(
          'error',
          'no-phase',
          object,
          `node ${node} of ${bus} is left out with it: ${kind} has no such phase here`,
        );
        return undefined;
      }
      phases.push(phase);
    }
    return { node: this.id(bus, object.place), phases };
  }

  #phase(bus: string, node: number): Phase | undefined {
    if (node === 0 || node === 4) return 'N';
    if (this.isSplit(bus)) return node === 1 ? 's1' : node === 2 ? 's2' : undefined;
    return node === 1 ? 'A' : node === 2 ? 'B' : node === 3 ? 'C' : undefined;
  }
}
