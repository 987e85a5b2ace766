import { lineConstants } from '@tiepoint/headend/network/impedance/line-constants.ts';
import type { Conductor, Placed } from '@tiepoint/headend/network/impedance/line-constants.ts';
import type { PhaseImpedance } from '@tiepoint/headend/network/model/network.ts';

const mile = 1_609.344;
const foot = 0.3048;
const inch = 0.0254;

/** Resistance at 50 °C, geometric mean radius and diameter, as catalogues and Kersting's table A.1 have them. */
function wire(ohmPerMile: number, gmrFt: number, diameterIn: number): Conductor {
  const radiusM = (diameterIn / 2) * inch;
  return { kind: 'wire', resistanceOhmPerM: ohmPerMile / mile, gmrM: gmrFt * foot, radiusM };
}

const acsr336 = wire(0.306, 0.0244, 0.721);
const acsr40 = wire(0.592, 0.00814, 0.563);
const acsr10 = wire(1.12, 0.00446, 0.398);
const acsr2 = wire(1.69, 0.00418, 0.316);
const aluminium40 = wire(0.484, 0.0158, 0.522);
const aluminium10 = wire(0.973, 0.0111, 0.368);

/** 500 kcmil aluminium, 15 kV, a third of it as concentric neutral. */
const cable500: Conductor = {
  ...wire(0.206, 0.026, 0.813),
  kind: 'concentricNeutral',
  insulation: { relativePermittivity: 2.3, thicknessM: 0.22 * inch, outerDiameterM: 1.29 * inch },
  cableDiameterM: 1.56 * inch,
  strands: 16,
  strandDiameterM: 0.0808 * inch,
  strandGmrM: 0.00262 * foot,
  strandResistanceOhmPerM: 9.3747 / mile,
};

const at = (conductor: Conductor, xFt: number, yFt: number): Placed => ({ conductor, xM: xFt * foot, yM: yFt * foot });

/** On an eight-foot crossarm with the neutral below. */
const onCrossarm = (phase: Conductor, neutral: Conductor): Placed[] => [
  at(phase, 0, 29),
  at(phase, 2.5, 29),
  at(phase, 7, 29),
  at(neutral, 4, 25),
];
/** Two insulated wires around a bare one: they all but touch. */
function triplex(live: Conductor, diameterIn: number): Placed[] {
  const apart = diameterIn / 12 + 0.0067 * 2;
  return [at(live, 0, 24), at(live, apart, 24), at(live, apart / 2, 24 - apart * 0.8)];
}

export type LineType = { readonly id: string; readonly ratedCurrentA: number; readonly phases: number };

const types = {
  getaway: {
    placed: [at(cable500, -0.5, -4), at(cable500, 0, -4), at(cable500, 0.5, -4)],
    phases: 3,
    ratedCurrentA: 480,
  },
  trunk: { placed: onCrossarm(acsr336, acsr40), phases: 3, ratedCurrentA: 530 },
  branch: { placed: onCrossarm(acsr10, acsr10), phases: 3, ratedCurrentA: 230 },
  lateral: { placed: [at(acsr2, 0, 30), at(acsr2, 0.5, 25)], phases: 1, ratedCurrentA: 180 },
  secondary: { placed: triplex(aluminium40, 0.522), phases: 2, ratedCurrentA: 285 },
  drop: { placed: triplex(aluminium10, 0.368), phases: 2, ratedCurrentA: 190 },
  service: { placed: onCrossarm(acsr336, acsr40), phases: 3, ratedCurrentA: 1_600 },
} as const satisfies Record<string, { placed: Placed[]; phases: number; ratedCurrentA: number }>;

export type LineTypeName = keyof typeof types;

export function lineType(name: LineTypeName): LineType {
  const { phases, ratedCurrentA } = types[name];
  return { id: `line-type:${name}`, phases, ratedCurrentA };
}

/** Every type with its impedance, by Carson's equations as for any other line. */
export function impedances(): PhaseImpedance[] {
  return (Object.keys(types) as LineTypeName[]).map((name) => {
    const { placed, phases } = types[name];
    const surroundings = { frequencyHz: 60, earthResistivityOhmM: 100, earthModel: 'carson' } as const;
    const constants = lineConstants(placed, phases, surroundings, true);
    if (constants === undefined) throw new Error(`the wires of ${name} do not fit`);
    return { kind: 'PhaseImpedance', id: lineType(name).id, name, ...constants };
  });
}
