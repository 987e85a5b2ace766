import { complex } from '../impedance/complex.ts';
import { fromSequence, imaginaryPart, realPart, reducedTo } from '../impedance/complex-matrix.ts';
import type { ComplexMatrix } from '../impedance/complex-matrix.ts';
import type { Assignment } from './object-book.ts';
import type { ObjectReader } from './object-reader.ts';
import { countOf, isYes, lengthUnit, matrixOf, numberOf } from './values.ts';

/** Impedance and susceptance of a unit of length, the unit being said elsewhere. */
export type UnitImpedance = { readonly series: ComplexMatrix; readonly shunt: ComplexMatrix };

export type LineCode = {
  readonly phases: number;
  readonly impedance: UnitImpedance;
  readonly unit: number | 'none';
  readonly ratedCurrentA?: number;
  readonly emergencyCurrentA?: number;
};

/** What the properties r1 … cmatrix of lines and line codes have said so far. OpenDSS's own values stand where nothing was said. */
export class ImpedanceState {
  phases = 3;
  said = false;
  #sequence = { r1: 0.058, x1: 0.1206, r0: 0.1784, x0: 0.4047, c1: 3.4e-9, c0: 1.6e-9 };
  #matrices: { r?: number[][]; x?: number[][]; c?: number[][] } | undefined;
  readonly #angular: number;

  constructor(frequencyHz: number) {
    this.#angular = 2 * Math.PI * frequencyHz;
  }

  /** Whether the property was one of impedance. */
  take(assigned: Assignment, reader: ObjectReader): boolean {
    const { property } = assigned;
    if (property === 'rmatrix' || property === 'xmatrix' || property === 'cmatrix') {
      const read = reader.readOf(assigned, (written) => matrixOf(written, this.phases));
      // A property that was not said keeps what came of the sequence values.
      if (read !== undefined) this.#matrices = { ...this.#matrices, [property.charAt(0)]: read };
      this.said = true;
      return true;
    }
    if (!/^([rxcb][10])$/.test(property)) return false;
    const value = reader.readOf(assigned, numberOf);
    this.said = true;
    if (value === undefined) return true;
    this.#matrices = undefined;
    // Capacitance is in nF, susceptance in µS.
    if (property.startsWith('c')) this.#sequence[property as 'c1' | 'c0'] = value * 1e-9;
    else if (property.startsWith('b')) this.#sequence[property === 'b1' ? 'c1' : 'c0'] = (value * 1e-6) / this.#angular;
    else this.#sequence[property as 'r1' | 'x1' | 'r0' | 'x0'] = value;
    return true;
  }

  /** As `switch=yes` sets them. */
  becomeSwitch(): void {
    this.#sequence = { r1: 1, x1: 1, r0: 1, x0: 1, c1: 1.1e-9, c0: 1e-9 };
    this.#matrices = undefined;
    this.said = true;
  }

  impedance(): UnitImpedance {
    const { r1, x1, r0, x0, c1, c0 } = this.#sequence;
    const series = fromSequence(this.phases, complex(r1, x1), complex(r0, x0));
    const shunt = fromSequence(this.phases, complex(0, this.#angular * c1), complex(0, this.#angular * c0));
    const { r, x, c } = this.#matrices ?? {};
    return {
      series: series.map((row, at) =>
        row.map(({ re, im }, column) => complex(r?.[at]?.[column] ?? re, x?.[at]?.[column] ?? im)),
      ),
      shunt: shunt.map((row, at) =>
        row.map(({ im }, column) => complex(0, c === undefined ? im : this.#angular * 1e-9 * (c[at]?.[column] ?? 0))),
      ),
    };
  }
}

export function readLineCode(reader: ObjectReader, frequencyHz: number): LineCode | undefined {
  const state = new ImpedanceState(reader.number('basefreq') ?? frequencyHz);
  let unit: number | 'none' = 'none';
  let neutral: number | undefined;
  let kron = false;
  for (const assigned of reader.object.assignments) {
    if (assigned.property === 'nphases') state.phases = reader.readOf(assigned, countOf) ?? state.phases;
    else if (assigned.property === 'units') unit = reader.readOf(assigned, lengthUnit) ?? unit;
    else if (assigned.property === 'neutral') neutral = reader.readOf(assigned, numberOf);
    else if (assigned.property === 'kron') kron = isYes(assigned);
    else state.take(assigned, reader);
  }
  reader.ask(['kron']);
  if (!state.said)
    reader.tell('warning', 'default-impedance', "no impedance is said: OpenDSS's own example values are taken");
  const full = state.impedance();
  const impedance = kron ? withoutNeutral(full, neutral ?? state.phases) : full;
  if (impedance === undefined) {
    reader.tell('error', 'zero-impedance', 'the neutral cannot be eliminated: it has no impedance');
    return undefined;
  }
  const [ratedCurrentA, emergencyCurrentA] = [reader.number('normamps'), reader.number('emergamps')];
  return {
    phases: impedance.series.length,
    impedance,
    unit,
    ...(ratedCurrentA === undefined ? {} : { ratedCurrentA }),
    ...(emergencyCurrentA === undefined ? {} : { emergencyCurrentA }),
  };
}

function withoutNeutral({ series, shunt }: UnitImpedance, neutral: number): UnitImpedance | undefined {
  const order = [...series.keys()].filter((at) => at !== neutral - 1);
  const moved = (matrix: ComplexMatrix): ComplexMatrix => {
    const all = [...order, neutral - 1];
    return all.map((row) => all.map((column) => matrix[row]?.[column] ?? complex(0)));
  };
  const reduced = reducedTo(moved(series), order.length);
  // A grounded conductor has no voltage: its row and column of the admittance go.
  const kept = moved(shunt)
    .slice(0, -1)
    .map((row) => row.slice(0, -1));
  return reduced === undefined ? undefined : { series: reduced, shunt: kept };
}

/** Conductor by conductor, for a metre. */
export function perMetre({ series, shunt }: UnitImpedance, unitM: number) {
  const by = (matrix: readonly (readonly number[])[]): number[][] =>
    matrix.map((row) => row.map((value) => value / unitM));
  return {
    rOhmPerM: by(realPart(series)),
    xOhmPerM: by(imaginaryPart(series)),
    bSiemensPerM: by(imaginaryPart(shunt)),
  };
}
