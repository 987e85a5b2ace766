import { unknown, unknownThousandths } from '../worker/tables.ts';
import type { HourMatrix } from './hour-matrix.ts';
import type { LoadColumn } from './load-columns.ts';

/** What some hours of a UTC day come to, of each of some elements: sums and highest hours, of several equal ones the first. */
export class DayParts {
  readonly importWh: Float64Array;
  readonly exportWh: Float64Array;
  readonly peakW: Int32Array;
  /** 0: no hour in which it was known. */
  readonly peakWS: Uint32Array;
  readonly peakWMeasured: Float32Array;
  /** Squared, for a root costs more than all the rest. */
  readonly #peakVa2: Float64Array;
  readonly peakVaS: Uint32Array;
  readonly peakVaMeasured: Float32Array;
  /** In thousandths. */
  readonly peakA: Int32Array;
  readonly peakAS: Uint32Array;
  readonly peakAMeasured: Float32Array;
  /** 1: anybody hung there in any of the hours. */
  readonly isSeen: Uint8Array;

  constructor(elements: number) {
    this.importWh = new Float64Array(elements);
    this.exportWh = new Float64Array(elements);
    this.peakW = new Int32Array(elements).fill(unknown);
    this.peakWS = new Uint32Array(elements);
    this.peakWMeasured = new Float32Array(elements);
    this.#peakVa2 = new Float64Array(elements).fill(-1);
    this.peakVaS = new Uint32Array(elements);
    this.peakVaMeasured = new Float32Array(elements);
    this.peakA = new Int32Array(elements).fill(unknownThousandths);
    this.peakAS = new Uint32Array(elements);
    this.peakAMeasured = new Float32Array(elements);
    this.isSeen = new Uint8Array(elements);
  }

  get peakVa(): Int32Array {
    return Int32Array.from(this.#peakVa2, (square) =>
      square < 0 ? unknown : Math.min(largest, Math.round(Math.sqrt(square))),
    );
  }

  /**
   * Hours in the order of time. Some elements are taken through all hours before the next, so that what is known of them stays near; between them
   * others have the thread.
   */
  async add(
    columns: Readonly<Record<LoadColumn, HourMatrix>>,
    elements: Uint32Array,
    hours: readonly { readonly hour: number; readonly startS: number }[],
  ): Promise<void> {
    const whole = hours.map(({ hour, startS }) => ({ ...hourOf(columns, hour), startS }));
    for (let from = 0; from < elements.length; from += elementsAtOnce) {
      for (const hour of whole) this.#addHour(hour, elements, from);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #addHour(hour: PartHour, elements: Uint32Array, from: number): void {
    const { measured, estimated, missing, imported, exported, active, reactive, a, b, c, startS } = hour;
    const { importWh, exportWh, isSeen, peakW, peakWS, peakWMeasured, peakVaS, peakVaMeasured } = this;
    const { peakA, peakAS, peakAMeasured } = this;
    const peakVa2 = this.#peakVa2;
    const to = Math.min(elements.length, from + elementsAtOnce);
    for (let row = from; row < to; row += 1) {
      const element = elements[row]!;
      const all = measured[element]! + estimated[element]! + missing[element]!;
      if (all === 0) continue;
      isSeen[row] = 1;
      importWh[row]! += imported[element]!;
      exportWh[row]! += exported[element]!;
      const w = active[element]!;
      if (w > peakW[row]!) {
        peakW[row] = w;
        peakWS[row] = startS;
        peakWMeasured[row] = measured[element]! / all;
      }
      const va2 = squareOf(w, reactive[element]!);
      if (va2 > peakVa2[row]!) {
        peakVa2[row] = va2;
        peakVaS[row] = startS;
        peakVaMeasured[row] = measured[element]! / all;
      }
      const amps = Math.max(a[element]!, b[element]!, c[element]!);
      if (amps > peakA[row]!) {
        peakA[row] = amps;
        peakAS[row] = startS;
        peakAMeasured[row] = measured[element]! / all;
      }
    }
  }
}

const elementsAtOnce = 2_048;
const largest = 0x7fff_ffff;

type PartHour = ReturnType<typeof hourOf> & { readonly startS: number };

const hourOf = (columns: Readonly<Record<LoadColumn, HourMatrix>>, hour: number) => ({
  measured: columns.measured.hour(hour),
  estimated: columns.estimated.hour(hour),
  missing: columns.missing.hour(hour),
  imported: columns.import_wh.hour(hour),
  exported: columns.export_wh.hour(hour),
  active: columns.active_w.hour(hour),
  reactive: columns.reactive_var.hour(hour),
  a: columns.amps_a.hour(hour),
  b: columns.amps_b.hour(hour),
  c: columns.amps_c.hour(hour),
});

/** Of the apparent power: what heats a transformer, whichever way it flows. */
const squareOf = (activeW: number, reactiveVar: number): number =>
  activeW === unknown || reactiveVar === unknown ? -1 : activeW * activeW + reactiveVar * reactiveVar;
