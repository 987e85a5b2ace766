import type { Conductor } from '../impedance/line-constants.ts';
import type { ObjectReader } from './object-reader.ts';
import { lengthUnit } from './values.ts';

export type WireRead = {
  readonly conductor: Conductor;
  readonly ratedCurrentA?: number;
  readonly emergencyCurrentA?: number;
};

/** WireData, CNData or TSData. Undefined, and told: what makes a conductor is missing. */
export function readWire(reader: ObjectReader): WireRead | undefined {
  const units = unitsOf(reader);
  const times = (value: number | undefined, by: number): number | undefined =>
    value === undefined ? undefined : value * by;
  const [ac, dc] = [
    times(reader.number('rac'), 1 / units.resistance),
    times(reader.number('rdc'), 1 / units.resistance),
  ];
  const diameter = times(reader.number('diam'), units.radius);
  const radius = times(reader.number('radius'), units.radius) ?? times(diameter, 0.5);
  const gmr = times(reader.number('gmrac'), units.gmr);
  // As OpenDSS completes what a catalogue leaves out: a solid wire's mean radius, and 2 % for alternating current.
  const wire = {
    resistanceOhmPerM: ac ?? times(dc, 1.02),
    dcResistanceOhmPerM: dc ?? times(ac, 1 / 1.02),
    gmrM: gmr ?? times(radius, 0.7788),
    radiusM: radius ?? times(gmr, 1 / 0.7788),
  };
  const { resistanceOhmPerM, dcResistanceOhmPerM, gmrM, radiusM } = wire;
  if (
    resistanceOhmPerM === undefined ||
    dcResistanceOhmPerM === undefined ||
    gmrM === undefined ||
    radiusM === undefined
  ) {
    reader.tell('error', 'no-wire', 'needs a resistance and a radius, diameter or GMR');
    return undefined;
  }
  const capacitanceRadiusM = times(reader.number('capradius'), units.radius);
  const common = {
    resistanceOhmPerM,
    dcResistanceOhmPerM,
    gmrM,
    radiusM,
    ...(capacitanceRadiusM === undefined ? {} : { capacitanceRadiusM }),
  };
  const conductor = withSheath(reader, common, units);
  const ratings = ratingsOf(reader);
  return conductor === undefined ? undefined : { conductor, ...ratings };
}

type Units = { readonly resistance: number; readonly gmr: number; readonly radius: number };

function unitsOf(reader: ObjectReader): Units {
  const unit = (property: string): number | undefined => {
    const read = reader.read(property, lengthUnit);
    return read === 'none' ? undefined : read;
  };
  const [resistance, gmr, radius] = [unit('runits'), unit('gmrunits'), unit('radunits')];
  return { resistance: resistance ?? 1, gmr: gmr ?? radius ?? 1, radius: radius ?? gmr ?? 1 };
}

type Common = Omit<Extract<Conductor, { kind: 'wire' }>, 'kind'>;

function withSheath(reader: ObjectReader, common: Common, units: Units): Conductor | undefined {
  if (reader.object.class === 'wiredata') return { kind: 'wire', ...common };
  const length = (property: string): number | undefined => {
    const value = reader.number(property);
    return value === undefined ? undefined : value * units.radius;
  };
  const [thicknessM, outerDiameterM, cableDiameterM] = [length('inslayer'), length('diains'), length('diacable')];
  if (thicknessM === undefined || outerDiameterM === undefined) return missing(reader, 'InsLayer and DiaIns');
  const insulation = { relativePermittivity: reader.number('epsr') ?? 2.3, thicknessM, outerDiameterM };
  if (reader.object.class === 'tsdata') {
    const [shieldDiameterM, tapeThicknessM] = [length('diashield'), length('tapelayer')];
    if (shieldDiameterM === undefined || tapeThicknessM === undefined)
      return missing(reader, 'DiaShield and TapeLayer');
    return {
      kind: 'tapeShield',
      ...common,
      insulation,
      shieldDiameterM,
      tapeThicknessM,
      tapeLapPercent: reader.number('tapelap') ?? 20,
    };
  }
  const [strands, strandDiameterM, resistance] = [reader.number('k'), length('diastrand'), reader.number('rstrand')];
  if (
    strands === undefined ||
    strandDiameterM === undefined ||
    resistance === undefined ||
    cableDiameterM === undefined
  )
    return missing(reader, 'k, DiaStrand, Rstrand and DiaCable');
  const strandGmr = reader.number('gmrstrand');
  const strandGmrM = strandGmr === undefined ? 0.7788 * 0.5 * strandDiameterM : strandGmr * units.gmr;
  const strandResistanceOhmPerM = resistance / units.resistance;
  return {
    kind: 'concentricNeutral',
    ...common,
    insulation,
    cableDiameterM,
    strands,
    strandDiameterM,
    strandGmrM,
    strandResistanceOhmPerM,
  };
}

function missing(reader: ObjectReader, what: string): undefined {
  reader.tell('error', 'no-wire', `needs ${what}`);
}

/** One says the other, as OpenDSS has it: an emergency half as much again. */
function ratingsOf(reader: ObjectReader): { ratedCurrentA?: number; emergencyCurrentA?: number } {
  const [rated, emergency] = [reader.number('normamps'), reader.number('emergamps')];
  if (rated === undefined && emergency === undefined) return {};
  return { ratedCurrentA: rated ?? (emergency ?? 0) / 1.5, emergencyCurrentA: emergency ?? (rated ?? 0) * 1.5 };
}
