import type { Finding } from '../model/finding.ts';
import type { Place } from '../model/place.ts';
import type { RdfObject, RdfValue } from './rdf.ts';

/** The resources of a file, by what they are and by what they name. What nobody asks for is reported at the end. */
export class CimGraph {
  readonly file: string;
  readonly findings: Finding[] = [];
  readonly #byId: ReadonlyMap<string, RdfObject>;
  readonly #byClass = new Map<string, RdfObject[]>();
  readonly #referring = new Map<string, RdfObject[]>();
  readonly #asked = new Map<string, Set<string>>();

  constructor(file: string, objects: readonly RdfObject[]) {
    this.file = file;
    const byId = new Map<string, RdfObject>();
    for (const object of objects) {
      const other = byId.get(object.id);
      if (other === undefined) byId.set(object.id, object);
      else
        this.tell(
          'error',
          'duplicate-name',
          `${object.class} ${object.id} has the identifier of the ${other.class} in line ${other.line}: it is left out`,
          { line: object.line, elements: [object.id] },
        );
    }
    this.#byId = byId;
    for (const object of byId.values()) {
      append(this.#byClass, object.class, object);
      for (const [property, values] of object.properties)
        for (const value of values) if ('ref' in value) append(this.#referring, `${property} ${value.ref}`, object);
    }
  }

  find(id: string | undefined): CimObject | undefined {
    const object = this.#byId.get(id ?? '');
    return object === undefined ? undefined : new CimObject(this, object);
  }

  ofClass(name: string): CimObject[] {
    this.#note(name);
    return (this.#byClass.get(name) ?? []).map((each) => new CimObject(this, each));
  }

  /** Those that name this one in a property. */
  referring(property: string, id: string): CimObject[] {
    const found = this.#referring.get(`${property} ${id}`) ?? [];
    for (const each of found) this.#note(each.class, property);
    return found.map((each) => new CimObject(this, each));
  }

  #note(kind: string, property?: string): void {
    const known = this.#asked.get(kind) ?? new Set(alwaysKnown);
    this.#asked.set(kind, known);
    if (property !== undefined) known.add(property);
  }

  asked(kind: string, property: string): void {
    this.#note(kind, property);
  }

  place(line: number): Place {
    return { file: this.file, line };
  }

  tell(
    severity: Finding['severity'],
    code: string,
    say: string,
    at: { line: number; elements?: readonly string[] },
  ): void {
    const { elements } = at;
    this.findings.push({
      severity,
      code,
      say,
      place: this.place(at.line),
      ...(elements === undefined ? {} : { elements }),
    });
  }

  /** References that lead nowhere, and what was there and has no place in the network model. */
  close(): void {
    for (const object of this.#byId.values()) {
      for (const [property, values] of object.properties) {
        for (const value of values) {
          if (
            !('ref' in value) ||
            this.#byId.has(value.ref) ||
            value.ref.includes('.') ||
            !this.#asked.has(object.class)
          )
            continue;
          this.tell(
            'error',
            'missing-element',
            `${object.class} ${object.id}: ${property} names ${value.ref}, which is not in the file`,
            { line: value.line, elements: [object.id] },
          );
        }
      }
    }
    for (const [kind, objects] of this.#byClass) {
      const [first] = objects;
      if (first === undefined) continue;
      const asked = this.#asked.get(kind);
      const times = objects.length === 1 ? '' : ` (${objects.length} of them, first here)`;
      if (asked !== undefined) this.#leftOver(kind, objects, asked);
      else if (besideTheNetwork.has(kind))
        this.tell('note', 'beside-the-network', `${kind} is not part of the network model${times}`, first);
      else this.tell('warning', 'not-understood', `${kind} is not understood here and left out${times}`, first);
    }
  }

  #leftOver(kind: string, objects: readonly RdfObject[], asked: ReadonlySet<string>): void {
    const left = new Map<string, { count: number; line: number }>();
    for (const { properties } of objects) {
      for (const [property, [value]] of properties) {
        if (asked.has(property) || value === undefined) continue;
        const known = left.get(property);
        if (known === undefined) left.set(property, { count: 1, line: value.line });
        else known.count += 1;
      }
    }
    for (const [property, { count, line }] of left) {
      const times = count === 1 ? '' : ` (${count} times, first here)`;
      this.tell('note', 'not-carried', `${property} of ${kind} is not part of the network model${times}`, { line });
    }
  }
}

/** Named of everything, and either used everywhere or of no concern anywhere. */
const alwaysKnown = [
  'IdentifiedObject.mRID',
  'IdentifiedObject.name',
  'IdentifiedObject.aliasName',
  'Equipment.EquipmentContainer',
  'Equipment.SubSchedulingArea',
];

const besideTheNetwork = new Set(
  (
    'Analog Discrete Accumulator IEC61970CIMVersion GeographicalRegion SubGeographicalRegion ' +
    'TopologicalNode TopologicalIsland VoltageLimit FeederArea DistributionArea SwitchArea SecondaryArea ' +
    'FullModel'
  ).split(' '),
);

function append<T>(groups: Map<string, T[]>, key: string, value: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}

/** One resource, with its properties read and remembered as asked for. */
export class CimObject {
  readonly graph: CimGraph;
  readonly object: RdfObject;

  constructor(graph: CimGraph, object: RdfObject) {
    this.graph = graph;
    this.object = object;
  }

  get rdfId(): string {
    return this.object.id;
  }

  get class(): string {
    return this.object.class;
  }

  get from(): Place {
    return this.graph.place(this.object.line);
  }

  get name(): string {
    return this.text('IdentifiedObject.name') ?? this.rdfId;
  }

  #value(property: string): RdfValue | undefined {
    this.graph.asked(this.class, property);
    return this.object.properties.get(property)?.[0];
  }

  text(property: string): string | undefined {
    const value = this.#value(property);
    return value === undefined || 'ref' in value || value.text === '' ? undefined : value.text;
  }

  number(property: string): number | undefined {
    const value = this.#value(property);
    if (value === undefined || 'ref' in value || value.text === '') return undefined;
    const number = Number(value.text);
    if (Number.isFinite(number)) return number;
    this.graph.tell(
      'error',
      'unreadable-value',
      `${this.class} ${this.name}: ${property}: '${value.text}' is no number`,
      { line: value.line, elements: [this.rdfId] },
    );
    return undefined;
  }

  flag(property: string): boolean | undefined {
    const text = this.text(property)?.toLowerCase();
    return text === undefined ? undefined : text === 'true';
  }

  ref(property: string): string | undefined {
    const value = this.#value(property);
    return value !== undefined && 'ref' in value ? value.ref : undefined;
  }

  refs(property: string): string[] {
    this.#value(property);
    return (this.object.properties.get(property) ?? []).flatMap((value) => ('ref' in value ? [value.ref] : []));
  }

  follow(property: string): CimObject | undefined {
    return this.graph.find(this.ref(property));
  }

  /** The value of an enumeration, without its name: `Yn` of `WindingConnection.Yn`. */
  choice(property: string): string | undefined {
    return this.ref(property)?.split('.').at(-1);
  }

  ignore(...properties: readonly string[]): void {
    for (const each of properties) this.graph.asked(this.class, each);
  }

  tell(severity: Finding['severity'], code: string, say: string): void {
    this.graph.tell(severity, code, `${this.class} ${this.name}: ${say}`, {
      line: this.object.line,
      elements: [this.rdfId],
    });
  }
}
