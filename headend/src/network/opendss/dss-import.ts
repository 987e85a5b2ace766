import type { LineConstants } from '../impedance/line-constants.ts';
import { NetworkDraft } from '../model/network-draft.ts';
import { Buses } from './buses.ts';
import { readLineCode } from './line-codes.ts';
import type { LineCode } from './line-codes.ts';
import { LineGeometries } from './line-geometries.ts';
import type { DssObject, ObjectBook } from './object-book.ts';
import { ImportReport, ObjectReader } from './object-reader.ts';

/** What the importers of the single classes have in common. */
export class DssImport {
  readonly book: ObjectBook;
  readonly report: ImportReport;
  readonly buses: Buses;
  readonly draft: NetworkDraft;
  readonly geometries: LineGeometries;
  readonly #codes = new Map<string, LineCode | undefined>();
  /** By what is in it: switches by the hundred have the same impedance. */
  readonly #impedances = new Map<string, string>();
  #withoutUnit: DssObject[] = [];

  constructor(book: ObjectBook) {
    this.book = book;
    this.report = new ImportReport(book.findings);
    this.buses = new Buses(this.report);
    this.geometries = new LineGeometries(book, this.report);
    this.draft = new NetworkDraft({
      kind: 'Network',
      id: 'network',
      name: book.circuitName ?? '',
      frequencyHz: book.frequencyHz,
      coordinates: book.positions.length === 0 ? 'none' : book.geographic ? 'geographic' : 'schematic',
    });
  }

  lineCode(name: string): LineCode | undefined {
    const key = name.toLowerCase();
    if (!this.#codes.has(key)) {
      const object = this.book.find('linecode', key);
      const reader = object === undefined ? undefined : new ObjectReader(object, this.report);
      this.#codes.set(key, reader === undefined ? undefined : readLineCode(reader, this.book.frequencyHz));
      reader?.done();
    }
    return this.#codes.get(key);
  }

  /** Reads what no line uses, so that its faults are told too. */
  readAllLineData(): void {
    for (const { name } of this.book.all('linecode')) this.lineCode(name);
    this.geometries.readAll();
  }

  /** The id under which an impedance is in the network: the one given, or that of an equal one which is there already. */
  impedance(id: string, values: LineConstants, object: DssObject | undefined): string {
    if (this.draft.has('impedances', id)) return id;
    const isOwn = object?.class === 'line';
    const content = isOwn ? JSON.stringify(values) : '';
    const known = isOwn ? this.#impedances.get(content) : undefined;
    if (known !== undefined) return known;
    if (isOwn) this.#impedances.set(content, id);
    const name = object?.name ?? id;
    this.draft.put({
      kind: 'PhaseImpedance',
      id,
      name,
      ...values,
      ...(object === undefined ? {} : { from: object.place }),
    });
    return id;
  }

  withoutUnit(object: DssObject): void {
    this.#withoutUnit.push(object);
  }

  close(): void {
    const [first] = this.#withoutUnit;
    if (first !== undefined) {
      const others = this.#withoutUnit.length - 1;
      const say = `neither it nor its impedance says a unit of length${others === 0 ? '' : `, nor do ${others} others`}: 1000 ft is taken`;
      this.report.tell('warning', 'no-unit', first, say);
    }
    this.#withoutUnit = [];
    this.report.close();
  }
}
