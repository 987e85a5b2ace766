import type { Finding } from '../model/finding.ts';
import type { Place } from '../model/place.ts';
import type { DssClass } from './property-names.ts';

export type Assignment = {
  readonly property: string;
  readonly value: string;
  readonly quoted: boolean;
  readonly place: Place;
};

/** An object as the script left it: what was assigned, in order, for later values may depend on earlier ones. */
export type DssObject = {
  readonly class: DssClass;
  readonly name: string;
  readonly place: Place;
  assignments: Assignment[];
  /** From the commands `open` and `close`: terminal and conductor (0: all), in order. */
  readonly operations: { terminal: number; conductor: number; open: boolean; place: Place }[];
};

export type BusPosition = { readonly bus: string; readonly x: number; readonly y: number; readonly place: Place };

export type EarthModelName = 'carson' | 'fullcarson' | 'deri';

/** What a script has defined, before any of it is understood. Names do not depend on capitals. */
export class ObjectBook {
  readonly findings: Finding[] = [];
  readonly positions: BusPosition[] = [];
  readonly voltageBasesKv: number[] = [];
  readonly busVoltagesKv = new Map<string, number>();
  circuitName: string | undefined;
  geographic = false;
  frequencyHz = 60;
  earthModel: EarthModelName = 'deri';
  readonly #objects = new Map<DssClass, Map<string, DssObject>>();

  all(of: DssClass): readonly DssObject[] {
    return [...(this.#objects.get(of)?.values() ?? [])];
  }

  find(of: DssClass, name: string): DssObject | undefined {
    return this.#objects.get(of)?.get(name.toLowerCase());
  }

  add(object: DssObject): void {
    const own = this.#objects.get(object.class) ?? new Map<string, DssObject>();
    this.#objects.set(object.class, own.set(object.name.toLowerCase(), object));
  }

  /** As the command `clear`: the findings stay. */
  clear(): void {
    this.#objects.clear();
    this.positions.length = 0;
    this.voltageBasesKv.length = 0;
    this.busVoltagesKv.clear();
    this.circuitName = undefined;
    this.geographic = false;
  }
}
