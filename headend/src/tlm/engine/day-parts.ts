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
  readonly peakVa: Int32Array;
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
    this.peakVa = new Int32Array(elements).fill(unknown);
    this.peakVaS = new Uint32Array(elements);
    this.peakVaMeasured = new Float32Array(elements);
    this.peakA = new Int32Array(elements).fill(unknownThousandths);
    this.peakAS = new Uint32Array(elements);
    this.peakAMeasured = new Float32Array(elements);
    this.isSeen = new Uint8Array(elements);
  }

  /** Hours in the order of time. */
  add(
    columns: Readonly<Record<LoadColumn, HourMatrix>>,
    elements: Uint32Array,
    { hour, startS }: { readonly hour: number; readonly startS: number },
  ): void {
    const measured = columns.measured.hour(hour);
    const estimated = columns.estimated.hour(hour);
    const missing = columns.missing.hour(hour);
    const [imported, exported] = [columns.import_wh.hour(hour), columns.export_wh.hour(hour)];
    const [active, reactive] = [columns.active_w.hour(hour), columns.reactive_var.hour(hour)];
    const [a, b, c] = [columns.amps_a.hour(hour), columns.amps_b.hour(hour), columns.amps_c.hour(hour)];
    for (let row = 0; row < elements.length; row += 1) {
      const element = elements[row]!;
      const all = measured[element]! + estimated[element]! + missing[element]!;
      if (all === 0) continue;
      this.isSeen[row] = 1;
      this.importWh[row]! += imported[element]!;
      this.exportWh[row]! += exported[element]!;
      if (active[element]! > this.peakW[row]!) {
        this.peakW[row] = active[element]!;
        this.peakWS[row] = startS;
        this.peakWMeasured[row] = measured[element]! / all;
      }
      const apparent = apparentVa(active[element]!, reactive[element]!);
      if (apparent > this.peakVa[row]!) {
        this.peakVa[row] = apparent;
        this.peakVaS[row] = startS;
        this.peakVaMeasured[row] = measured[element]! / all;
      }
      const amps = Math.max(a[element]!, b[element]!, c[element]!);
      if (amps > this.peakA[row]!) {
        this.peakA[row] = amps;
        this.peakAS[row] = startS;
        this.peakAMeasured[row] = measured[element]! / all;
      }
    }
  }
}

/** What heats a transformer, whichever way it flows. */
function apparentVa(activeW: number, reactiveVar: number): number {
  if (activeW === unknown || reactiveVar === unknown) return unknown;
  return Math.min(0x7fff_ffff, Math.round(Math.sqrt(activeW * activeW + reactiveVar * reactiveVar)));
}
