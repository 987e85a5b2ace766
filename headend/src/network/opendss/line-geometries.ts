import { lineConstants } from '../impedance/line-constants.ts';
import type { EarthModel, LineConstants, Placed } from '../impedance/line-constants.ts';
import type { EarthModelName, ObjectBook } from './object-book.ts';
import { ObjectReader } from './object-reader.ts';
import type { ImportReport } from './object-reader.ts';
import { countOf, isYes, lengthUnit, numberOf, numbersOf, wordsOf } from './values.ts';
import { readWire } from './wires.ts';
import type { WireRead } from './wires.ts';

/** Wires in their places, the phases first. */
export type Geometry = {
  readonly placed: readonly Placed[];
  readonly phases: number;
  readonly reduce: boolean;
  readonly ratedCurrentA?: number;
  readonly emergencyCurrentA?: number;
};

type Slot = { wire?: WireRead; x: number; h: number; unitM: number };
type WireClass = 'wiredata' | 'cndata' | 'tsdata';

const earthModels: Readonly<Record<EarthModelName, EarthModel>> = {
  carson: 'carson',
  fullcarson: 'fullCarson',
  deri: 'deri',
};

/** Wires, spacings and geometries of a script, each read when first needed. */
export class LineGeometries {
  readonly #book: ObjectBook;
  readonly #report: ImportReport;
  readonly #wires = new Map<string, WireRead | undefined>();
  readonly #geometries = new Map<string, Geometry | undefined>();
  /** Of the thousands of lines on the same poles it is reckoned once. */
  readonly #constants = new Map<Geometry, Map<string, LineConstants | undefined>>();

  constructor(book: ObjectBook, report: ImportReport) {
    this.#book = book;
    this.#report = report;
  }

  find(name: string): Geometry | undefined {
    const key = name.toLowerCase();
    if (!this.#geometries.has(key)) {
      const object = this.#book.find('linegeometry', key);
      this.#geometries.set(key, object === undefined ? undefined : this.#read(new ObjectReader(object, this.#report)));
    }
    return this.#geometries.get(key);
  }

  /** Of a line that names a spacing and its wires itself: wires for all places, or cables for the phases and wires after them. */
  fromSpacing(
    spacing: string,
    wires: readonly { of: WireClass; name: string }[],
    phases: number,
  ): Geometry | undefined {
    const places = this.#spacing(spacing);
    const placed = wires.flatMap(({ of, name }, index) => {
      const [wire, place] = [this.#wire(of, name), places?.[index]];
      return wire === undefined || place === undefined ? [] : [{ conductor: wire.conductor, ...place }];
    });
    if (places === undefined || placed.length === 0 || placed.length !== places.length) return undefined;
    const first = wires[0] === undefined ? undefined : this.#wire(wires[0].of, wires[0].name);
    return { placed, phases, reduce: true, ...ratings(first) };
  }

  constants(geometry: Geometry, earthResistivityOhmM: number, earthModel: EarthModelName): LineConstants | undefined {
    const known = this.#constants.get(geometry) ?? new Map<string, LineConstants | undefined>();
    this.#constants.set(geometry, known);
    const key = `${earthModel} ${earthResistivityOhmM}`;
    if (!known.has(key)) known.set(key, this.#reckoned(geometry, earthResistivityOhmM, earthModel));
    return known.get(key);
  }

  #reckoned(geometry: Geometry, earthResistivityOhmM: number, earthModel: EarthModelName): LineConstants | undefined {
    const surroundings = {
      frequencyHz: this.#book.frequencyHz,
      earthResistivityOhmM,
      earthModel: earthModels[earthModel],
    };
    return lineConstants(geometry.placed, geometry.phases, surroundings, geometry.reduce);
  }

  /** Reads what no line uses, so that its faults are told too. */
  readAll(): void {
    for (const { name } of this.#book.all('linegeometry')) this.find(name);
    for (const kind of ['wiredata', 'cndata', 'tsdata'] as const)
      for (const { name } of this.#book.all(kind)) this.#wire(kind, name);
  }

  #read(reader: ObjectReader): Geometry | undefined {
    const slots: Slot[] = [];
    let [phases, active, reduce, stickyM] = [3, 0, false, 0.3048];
    const slot = (index: number): Slot => (slots[index] ??= { x: 0, h: 0, unitM: stickyM });
    for (const assigned of reader.object.assignments) {
      const number = (): number => reader.readOf(assigned, numberOf) ?? 0;
      const count = (): number => reader.readOf(assigned, countOf) ?? 1;
      switch (assigned.property) {
        case 'nconds':
          slots.splice(0, Infinity, ...Array.from({ length: count() }, () => ({ x: 0, h: 0, unitM: stickyM })));
          break;
        case 'nphases':
          phases = count();
          break;
        case 'cond':
          active = count() - 1;
          slot(active).unitM = stickyM;
          break;
        case 'x':
        case 'h':
          slot(active)[assigned.property] = number();
          break;
        case 'units': {
          const unit = reader.readOf(assigned, lengthUnit);
          stickyM = unit === undefined || unit === 'none' ? stickyM : unit;
          slot(active).unitM = stickyM;
          break;
        }
        case 'wire':
        case 'cncable':
        case 'tscable':
          this.#setWire(slot(active), wireClass(assigned.property), assigned.value);
          break;
        case 'wires':
        case 'cncables':
        case 'tscables':
          this.#setWires(slots, slot, wireClass(assigned.property.slice(0, -1)), wordsOf(assigned), phases);
          break;
        case 'spacing':
          for (const [index, place] of (this.#spacing(assigned.value) ?? []).entries())
            Object.assign(slot(index), { x: place.xM, h: place.yM, unitM: 1 });
          break;
        case 'reduce':
          reduce = isYes(assigned);
          break;
      }
    }
    reader.ask([
      'nconds',
      'nphases',
      'cond',
      'x',
      'h',
      'units',
      'wire',
      'cncable',
      'tscable',
      'wires',
      'cncables',
      'tscables',
      'spacing',
      'reduce',
    ]);
    return this.#finished(reader, slots, phases, reduce);
  }

  #setWire(slot: Slot, of: WireClass, name: string): void {
    const wire = this.#wire(of, name);
    if (wire !== undefined) slot.wire = wire;
  }

  /** Wires after cables are the bare neutrals beside them. */
  #setWires(
    slots: readonly Slot[],
    slot: (index: number) => Slot,
    of: WireClass,
    names: readonly string[],
    phases: number,
  ): void {
    const first = slots[0]?.wire?.conductor.kind;
    const from = of === 'wiredata' && first !== undefined && first !== 'wire' ? phases : 0;
    for (const [index, name] of names.entries()) this.#setWire(slot(from + index), of, name);
  }

  #finished(reader: ObjectReader, slots: readonly Slot[], phases: number, reduce: boolean): Geometry | undefined {
    const own = { ratedCurrentA: reader.number('normamps'), emergencyCurrentA: reader.number('emergamps') };
    reader.done();
    const placed = slots.flatMap(({ wire, x, h, unitM }) =>
      wire === undefined ? [] : [{ conductor: wire.conductor, xM: x * unitM, yM: h * unitM }],
    );
    if (placed.length !== slots.length || slots.length < phases) {
      const say =
        slots.length < phases
          ? `${slots.length} conductors are fewer than ${phases} phases`
          : 'a conductor has no wire that is known';
      reader.tell('error', 'no-wire', say);
      return undefined;
    }
    const fromWire = ratings(slots[0]?.wire);
    const rated = own.ratedCurrentA ?? fromWire.ratedCurrentA;
    const emergency = own.emergencyCurrentA ?? fromWire.emergencyCurrentA;
    return {
      placed,
      phases,
      reduce,
      ...(rated === undefined ? {} : { ratedCurrentA: rated }),
      ...(emergency === undefined ? {} : { emergencyCurrentA: emergency }),
    };
  }

  #wire(of: WireClass, name: string): WireRead | undefined {
    const key = `${of}.${name.toLowerCase()}`;
    if (!this.#wires.has(key)) {
      const object = this.#book.find(of, name);
      const reader = object === undefined ? undefined : new ObjectReader(object, this.#report);
      this.#wires.set(key, reader === undefined ? undefined : readWire(reader));
      reader?.done();
    }
    return this.#wires.get(key);
  }

  #spacing(name: string): { xM: number; yM: number }[] | undefined {
    const object = this.#book.find('linespacing', name);
    if (object === undefined) return undefined;
    const reader = new ObjectReader(object, this.#report);
    const unit = reader.read('units', lengthUnit);
    const unitM = unit === undefined || unit === 'none' ? 0.3048 : unit;
    const [x, h] = [reader.read('x', numbersOf) ?? [], reader.read('h', numbersOf) ?? []];
    reader.ask(['nconds', 'nphases']);
    return x.map((each, index) => ({ xM: each * unitM, yM: (h[index] ?? 0) * unitM }));
  }
}

function wireClass(property: string): WireClass {
  return property === 'cncable' ? 'cndata' : property === 'tscable' ? 'tsdata' : 'wiredata';
}

function ratings(wire: WireRead | undefined): { ratedCurrentA?: number; emergencyCurrentA?: number } {
  const { ratedCurrentA, emergencyCurrentA } = wire ?? {};
  return {
    ...(ratedCurrentA === undefined ? {} : { ratedCurrentA }),
    ...(emergencyCurrentA === undefined ? {} : { emergencyCurrentA }),
  };
}
