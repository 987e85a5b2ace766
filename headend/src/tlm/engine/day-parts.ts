import { Worker } from 'node:worker_threads';
import { unknown, unknownThousandths } from '../worker/tables.ts';
import type { LoadColumn } from './load-columns.ts';

/** What some hours of a UTC day come to, of each of some elements: sums and highest hours, of several equal ones the first. */
export type DayParts = {
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
};

/** An hour of all elements, by number. */
export type PartHour = { readonly startS: number; readonly columns: Readonly<Record<LoadColumn, Int32Array>> };

const elementsAtOnce = 2_048;
const largest = 0x7fff_ffff;
/** So many are worth a thread. */
const threadedFromElements = 100_000;

/** Of elements by number, `hours` in the order of time; of many, in a thread, so that this one is free meanwhile. */
export async function partsOf(
  elements: Uint32Array,
  hours: readonly PartHour[],
  threadedFrom = threadedFromElements,
): Promise<DayParts> {
  if (elements.length < threadedFrom) return dayParts(elements, hours);
  const worker = new Worker(new URL('part-thread.ts', import.meta.url), {
    execArgv: [],
    workerData: { elements, hours },
  });
  try {
    return await new Promise<DayParts>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('the thread that finds peaks has ended')));
    });
  } finally {
    await worker.terminate();
  }
}

/** Some elements are taken through all hours before the next, so that what is known of them stays near. */
export function dayParts(elements: Uint32Array, hours: readonly PartHour[]): DayParts {
  const { length } = elements;
  const parts: DayParts = {
    importWh: new Float64Array(length),
    exportWh: new Float64Array(length),
    peakW: new Int32Array(length).fill(unknown),
    peakWS: new Uint32Array(length),
    peakWMeasured: new Float32Array(length),
    peakVa: new Int32Array(length),
    peakVaS: new Uint32Array(length),
    peakVaMeasured: new Float32Array(length),
    peakA: new Int32Array(length).fill(unknownThousandths),
    peakAS: new Uint32Array(length),
    peakAMeasured: new Float32Array(length),
    isSeen: new Uint8Array(length),
  };
  // Squared, for a root costs more than all the rest.
  const peakVa2 = new Float64Array(length).fill(-1);
  for (let from = 0; from < length; from += elementsAtOnce)
    for (const hour of hours) addHour(parts, peakVa2, hour, elements, from);
  for (let row = 0; row < length; row += 1) {
    const square = peakVa2[row]!;
    parts.peakVa[row] = square < 0 ? unknown : Math.min(largest, Math.round(Math.sqrt(square)));
  }
  return parts;
}

function addHour(
  parts: DayParts,
  peakVa2: Float64Array,
  { startS, columns }: PartHour,
  elements: Uint32Array,
  from: number,
): void {
  const { measured, estimated, missing, import_wh: imported, export_wh: exported } = columns;
  const { active_w: active, reactive_var: reactive, amps_a: a, amps_b: b, amps_c: c } = columns;
  const { importWh, exportWh, isSeen, peakW, peakWS, peakWMeasured, peakVaS, peakVaMeasured } = parts;
  const { peakA, peakAS, peakAMeasured } = parts;
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

/** Of the apparent power: what heats a transformer, whichever way it flows. */
const squareOf = (activeW: number, reactiveVar: number): number =>
  activeW === unknown || reactiveVar === unknown ? -1 : activeW * activeW + reactiveVar * reactiveVar;
