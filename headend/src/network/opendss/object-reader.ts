import type { Finding } from '../model/finding.ts';
import type { Place } from '../model/place.ts';
import type { Assignment, DssObject } from './object-book.ts';
import { countOf, isYes, numberOf, numbersOf, wordsOf } from './values.ts';
import type { ValueRead } from './values.ts';

/** Hears what an importer has to say of objects: faults at once, what is not carried over counted. */
export class ImportReport {
  readonly findings: Finding[];
  readonly #left = new Map<string, { count: number; place: Place }>();

  constructor(findings: Finding[]) {
    this.findings = findings;
  }

  tell(
    severity: Finding['severity'],
    code: string,
    object: Pick<DssObject, 'class' | 'name' | 'place'>,
    say: string,
  ): void {
    const id = idOf(object);
    this.findings.push({ severity, code, say: `${id}: ${say}`, elements: [id], place: object.place });
  }

  tellAt(severity: Finding['severity'], code: string, say: string, place: Place): void {
    this.findings.push({ severity, code, say, place });
  }

  leftOver(what: string, place: Place): void {
    const known = this.#left.get(what);
    if (known === undefined) this.#left.set(what, { count: 1, place });
    else known.count += 1;
  }

  /** One note for each property that was read and has no place in the network model. */
  close(): void {
    for (const [what, { count, place }] of this.#left) {
      const times = count === 1 ? '' : ` (${count} times, first here)`;
      this.findings.push({
        severity: 'note',
        code: 'not-carried',
        say: `${what} is not part of the network model${times}`,
        place,
      });
    }
  }
}

const classNames: Readonly<Record<DssObject['class'], string>> = {
  line: 'Line',
  linecode: 'LineCode',
  linegeometry: 'LineGeometry',
  linespacing: 'LineSpacing',
  wiredata: 'WireData',
  cndata: 'CNData',
  tsdata: 'TSData',
  transformer: 'Transformer',
  xfmrcode: 'XfmrCode',
  capacitor: 'Capacitor',
  reactor: 'Reactor',
  load: 'Load',
  generator: 'Generator',
  pvsystem: 'PVSystem',
  storage: 'Storage',
  vsource: 'Vsource',
  regcontrol: 'RegControl',
  capcontrol: 'CapControl',
  swtcontrol: 'SwtControl',
  fuse: 'Fuse',
  recloser: 'Recloser',
  relay: 'Relay',
  energymeter: 'EnergyMeter',
};

/** `Line.L115`: the class as OpenDSS writes it, the name as the file does. */
export const idOf = (object: Pick<DssObject, 'class' | 'name'>): string => `${classNames[object.class]}.${object.name}`;

/** An object's properties, the last assignment of each counting. What is never asked for is reported when it is done. */
export class ObjectReader {
  readonly object: DssObject;
  readonly id: string;
  readonly #report: ImportReport;
  readonly #last: ReadonlyMap<string, Assignment>;
  readonly #asked = new Set(['enabled', 'basefreq']);

  constructor(object: DssObject, report: ImportReport) {
    this.object = object;
    this.id = idOf(object);
    this.#report = report;
    this.#last = new Map(object.assignments.map((each) => [each.property, each]));
  }

  get enabled(): boolean {
    const assigned = this.#last.get('enabled');
    return assigned === undefined || isYes(assigned);
  }

  written(property: string): Assignment | undefined {
    this.#asked.add(property);
    return this.#last.get(property);
  }

  text(property: string): string | undefined {
    const assigned = this.written(property);
    return assigned === undefined || assigned.value === '' ? undefined : assigned.value;
  }

  number(property: string): number | undefined {
    return this.read(property, numberOf);
  }

  count(property: string): number | undefined {
    return this.read(property, countOf);
  }

  numbers(property: string): number[] | undefined {
    return this.read(property, numbersOf);
  }

  words(property: string): string[] | undefined {
    const assigned = this.written(property);
    return assigned === undefined ? undefined : wordsOf(assigned);
  }

  yes(property: string): boolean {
    const assigned = this.written(property);
    return assigned !== undefined && isYes(assigned);
  }

  read<T>(property: string, by: (written: Assignment) => ValueRead<T>): T | undefined {
    const assigned = this.written(property);
    return assigned === undefined ? undefined : this.readOf(assigned, by);
  }

  /** Of one assignment, for those who follow their order. */
  readOf<T>(assigned: Assignment, by: (written: Assignment) => ValueRead<T>): T | undefined {
    this.#asked.add(assigned.property);
    const read = by(assigned);
    if (read.ok) return read.value;
    this.#report.tellAt('error', 'unreadable-value', `${this.id}: ${assigned.property}: ${read.say}`, assigned.place);
    return undefined;
  }

  /** Which of these was assigned last: they are several ways to say one thing. */
  lastOf(properties: readonly string[]): string | undefined {
    for (const each of properties) this.#asked.add(each);
    return this.object.assignments.findLast(({ property }) => properties.includes(property))?.property;
  }

  ask(properties: readonly string[]): void {
    for (const each of properties) this.#asked.add(each);
  }

  tell(severity: Finding['severity'], code: string, say: string): void {
    this.#report.tell(severity, code, this.object, say);
  }

  done(): void {
    for (const [property, { place }] of this.#last) {
      if (!this.#asked.has(property)) this.#report.leftOver(`${classNames[this.object.class]}.${property}`, place);
    }
  }
}

/** `wye`, `y`, `ln` against `delta`, `ll`. */
export function connectionOf(text: string | undefined): 'wye' | 'delta' {
  return text !== undefined && /^(d|ll)/i.test(text) ? 'delta' : 'wye';
}
