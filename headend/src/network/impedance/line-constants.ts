import { add, complex, divided, logarithm, scaled, squareRoot, times } from './complex.ts';
import type { Complex } from './complex.ts';
import { roundWireResistance } from './skin-effect.ts';
import { imaginaryPart, inverted, realPart, reducedTo, symmetricMatrix } from './complex-matrix.ts';
import type { ComplexMatrix } from './complex-matrix.ts';

/**
 * How the current's return through the ground is reckoned: Carson's series cut after its first term (as in Kersting's textbook, whatever
 * the heights), Carson's series to its fifth, or Deri's complex depth, which agrees with the whole of Carson within a per cent.
 */
export type EarthModel = 'carson' | 'fullCarson' | 'deri';

type Wire = {
  /** At network frequency and working temperature. */
  readonly resistanceOhmPerM: number;
  /** Where the skin effect is to be reckoned (Deri): from this. */
  readonly dcResistanceOhmPerM?: number;
  readonly gmrM: number;
  readonly radiusM: number;
  /** For capacitance; a bundle's differs from its radius. */
  readonly capacitanceRadiusM?: number;
};

type Insulation = {
  readonly relativePermittivity: number;
  readonly thicknessM: number;
  readonly outerDiameterM: number;
};

export type Conductor = Wire &
  (
    | { readonly kind: 'wire' }
    | {
        readonly kind: 'concentricNeutral';
        readonly insulation: Insulation;
        readonly cableDiameterM: number;
        readonly strands: number;
        readonly strandDiameterM: number;
        readonly strandGmrM: number;
        readonly strandResistanceOhmPerM: number;
      }
    | {
        readonly kind: 'tapeShield';
        readonly insulation: Insulation;
        readonly shieldDiameterM: number;
        readonly tapeThicknessM: number;
        readonly tapeLapPercent: number;
      }
  );

/** `yM`: height above ground, negative below it. The phases come first. */
export type Placed = { readonly conductor: Conductor; readonly xM: number; readonly yM: number };

export type LineConstants = {
  readonly rOhmPerM: number[][];
  readonly xOhmPerM: number[][];
  readonly bSiemensPerM: number[][];
};

export type Surroundings = {
  readonly frequencyHz: number;
  readonly earthResistivityOhmM: number;
  readonly earthModel: EarthModel;
};

const mu0 = 4e-7 * Math.PI;
const epsilon0 = 8.854e-12;

/**
 * Impedance and susceptance of a metre of line from its wires and their places (Carson 1926; concentric neutrals and tape shields as
 * in Kersting, Distribution System Modeling and Analysis, chapter 4). With `reduce`, the conductors beyond the phases are grounded and
 * eliminated. Undefined: two conductors in one place, or one without size.
 */
export function lineConstants(
  placed: readonly Placed[],
  phaseCount: number,
  surroundings: Surroundings,
  reduce: boolean,
): LineConstants | undefined {
  if (!possible(placed)) return undefined;
  const keep = reduce ? phaseCount : placed.length;
  const series = reducedTo(seriesImpedance(placed, surroundings), keep);
  const shunt = shuntAdmittance(placed, surroundings, keep);
  if (series === undefined || shunt === undefined) return undefined;
  return { rOhmPerM: realPart(series), xOhmPerM: imaginaryPart(series), bSiemensPerM: imaginaryPart(shunt) };
}

function possible(placed: readonly Placed[]): boolean {
  return placed.every(
    (one, index) =>
      one.conductor.gmrM > 0 &&
      one.conductor.radiusM > 0 &&
      one.conductor.resistanceOhmPerM >= 0 &&
      one.yM !== 0 &&
      placed.slice(index + 1).every((other) => distance(one, other) > one.conductor.radiusM + other.conductor.radiusM),
  );
}

/** A conductor, or the neutral around one, in the matrix before it is reduced. */
type Row = {
  readonly at: Placed;
  readonly selfResistance: number;
  readonly selfGmrM: number;
  readonly sheathRadiusM?: number;
};

/** Cores first, then the neutrals and shields around them, which are always grounded. */
function rowsOf(placed: readonly Placed[]): Row[] {
  const cores = placed.map((at): Row => {
    const { resistanceOhmPerM: selfResistance, gmrM: selfGmrM } = at.conductor;
    return { at, selfResistance, selfGmrM };
  });
  const sheaths = placed.flatMap((at): Row[] => {
    const { conductor } = at;
    if (conductor.kind === 'concentricNeutral') {
      const radius = (conductor.cableDiameterM - conductor.strandDiameterM) / 2;
      const { strands, strandGmrM, strandResistanceOhmPerM } = conductor;
      const selfGmrM = (strandGmrM * strands * radius ** (strands - 1)) ** (1 / strands);
      return [{ at, selfResistance: strandResistanceOhmPerM / strands, selfGmrM, sheathRadiusM: radius }];
    }
    if (conductor.kind === 'tapeShield') {
      const radius = (conductor.shieldDiameterM - conductor.tapeThicknessM) / 2;
      return [{ at, selfResistance: tapeResistance(conductor), selfGmrM: radius, sheathRadiusM: radius }];
    }
    return [];
  });
  return [...cores, ...sheaths];
}

/** Copper at 50 °C; the lap shortens the way along the tape. */
function tapeResistance({
  shieldDiameterM,
  tapeThicknessM,
  tapeLapPercent,
}: Extract<Conductor, { kind: 'tapeShield' }>): number {
  return (0.3183 * 2.3718e-8) / (shieldDiameterM * tapeThicknessM * Math.sqrt(50 / (100 - tapeLapPercent)));
}

function seriesImpedance(placed: readonly Placed[], surroundings: Surroundings): ComplexMatrix {
  const rows = rowsOf(placed);
  const perLogarithm = (surroundings.frequencyHz * 2 * Math.PI * mu0) / (2 * Math.PI);
  return symmetricMatrix(rows.length, (row, column) => {
    const [one, other] = [rows[row], rows[column]];
    if (one === undefined || other === undefined) return complex(0);
    const ground = groundReturn(one.at, other.at, surroundings);
    if (row === column) {
      const resistance = withSkinEffect(one, surroundings);
      return add(complex(resistance, perLogarithm * Math.log(1 / one.selfGmrM)), ground);
    }
    return add(complex(0, perLogarithm * Math.log(1 / between(one, other))), ground);
  });
}

/** Deri's model comes with the resistance of a round solid wire; the others take what the catalogue says. */
function withSkinEffect({ at, selfResistance, sheathRadiusM }: Row, { earthModel, frequencyHz }: Surroundings): number {
  const dc = at.conductor.dcResistanceOhmPerM;
  if (earthModel !== 'deri' || dc === undefined || sheathRadiusM !== undefined) return selfResistance;
  return roundWireResistance(dc, frequencyHz);
}

/** The geometric mean distance of two rows. */
function between(one: Row, other: Row): number {
  if (one.at === other.at) return one.sheathRadiusM ?? other.sheathRadiusM ?? 0;
  const apart = distance(one.at, other.at);
  const [first, second] = [one.sheathRadiusM !== undefined, other.sheathRadiusM !== undefined];
  if (first === second) return apart;
  // Strands around a foreign core: their mean distance is not that of the centres.
  const sheath = first ? one : other;
  if (sheath.at.conductor.kind !== 'concentricNeutral') return apart;
  const { strands } = sheath.at.conductor;
  return (apart ** strands - (sheath.sheathRadiusM ?? 0) ** strands) ** (1 / strands);
}

const distance = (one: Placed, other: Placed): number => Math.hypot(one.xM - other.xM, one.yM - other.yM);

function groundReturn(one: Placed, other: Placed, surroundings: Surroundings): Complex {
  const { frequencyHz, earthResistivityOhmM, earthModel } = surroundings;
  const angular = 2 * Math.PI * frequencyHz;
  const heights = Math.abs(one.yM) + Math.abs(other.yM);
  if (earthModel === 'carson') {
    const depth = 658.5 * Math.sqrt(earthResistivityOhmM / frequencyHz);
    return complex((angular * mu0) / 8, ((angular * mu0) / (2 * Math.PI)) * Math.log(depth));
  }
  const across = one.xM - other.xM;
  if (earthModel === 'fullCarson') return carsonSeries(heights, across, surroundings);
  // Deri: an image at a complex depth.
  const depth = divided(complex(1), squareRoot(complex(0, (angular * mu0) / earthResistivityOhmM)));
  const height = add(complex(heights), scaled(depth, 2));
  const image = squareRoot(add(times(height, height), complex(across * across)));
  return times(complex(0, (angular * mu0) / (2 * Math.PI)), logarithm(image));
}

function carsonSeries(heights: number, across: number, { frequencyHz, earthResistivityOhmM }: Surroundings): Complex {
  const image = Math.hypot(heights, across);
  const angle = Math.acos(heights / image);
  const k = 2.8099e-3 * image * Math.sqrt(frequencyHz / earthResistivityOhmM);
  const b1 = 1 / (3 * Math.SQRT2);
  const b2 = 1 / 16;
  const b3 = b1 / 15;
  const b4 = b2 / 24;
  const c2 = 1.3659315;
  const c4 = c2 + 1 / 4 + 1 / 6;
  const [cos1, cos2, cos3, cos4] = [1, 2, 3, 4].map((each) => Math.cos(each * angle)) as [
    number,
    number,
    number,
    number,
  ];
  const turned2 = (c2 - Math.log(k)) * cos2 + angle * Math.sin(2 * angle);
  const turned4 = (c4 - Math.log(k)) * cos4 + angle * Math.sin(4 * angle);
  const p =
    Math.PI / 8 - b1 * k * cos1 + b2 * k ** 2 * turned2 + b3 * k ** 3 * cos3 - (b4 * Math.PI * k ** 4 * cos4) / 4;
  const q =
    0.5 * Math.log(1.85138 / k) +
    b1 * k * cos1 -
    (b2 * Math.PI * k ** 2 * cos2) / 4 +
    b3 * k ** 3 * cos3 -
    b4 * k ** 4 * turned4;
  // The logarithm of the image's distance belongs to the inductance between the wires; here it stands with the ground.
  return scaled(complex(p, q + 0.5 * Math.log(image)), (2 * Math.PI * frequencyHz * mu0) / Math.PI);
}

function shuntAdmittance(
  placed: readonly Placed[],
  { frequencyHz }: Surroundings,
  keep: number,
): ComplexMatrix | undefined {
  const angular = 2 * Math.PI * frequencyHz;
  if (placed.some(({ conductor }) => conductor.kind !== 'wire')) {
    // A shielded cable's field ends at its shield.
    return symmetricMatrix(keep, (row, column) => {
      const conductor = placed[row]?.conductor;
      if (row !== column || conductor === undefined || conductor.kind === 'wire') return complex(0);
      const { relativePermittivity, outerDiameterM, thicknessM } = conductor.insulation;
      const ratio = outerDiameterM / 2 / (outerDiameterM / 2 - thicknessM);
      return complex(0, (angular * 2 * Math.PI * epsilon0 * relativePermittivity) / Math.log(ratio));
    });
  }
  const perLogarithm = 1 / (2 * Math.PI * epsilon0);
  const potential = symmetricMatrix(placed.length, (row, column) => {
    const [one, other] = [placed[row], placed[column]];
    if (one === undefined || other === undefined) return complex(0);
    const near = row === column ? (one.conductor.capacitanceRadiusM ?? one.conductor.radiusM) : distance(one, other);
    const image = Math.hypot(one.xM - other.xM, one.yM + other.yM);
    return complex(perLogarithm * Math.log(image / near));
  });
  // Grounded conductors have no potential: they go before the matrix is inverted.
  const reduced = reducedTo(potential, keep);
  const capacitance = reduced === undefined ? undefined : inverted(reduced);
  return capacitance?.map((row) => row.map(({ re }) => complex(0, angular * re)));
}
