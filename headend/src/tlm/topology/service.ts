import { add, complex, divided, scaled, subtract, times } from '../../network/impedance/complex.ts';
import type { Complex } from '../../network/impedance/complex.ts';
import type { PowerTransformer, TransformerEnd } from '../../network/model/equipment.ts';
import { windingVoltage } from '../../network/model/nominal-voltages.ts';
import type { Phase } from '../../network/model/phase.ts';

/** Of the complex power that customers take, what each of three conductors carries: re and im of the first, second and third. They add up to 1. */
export type Shares = readonly [number, number, number, number, number, number];

/** How the power of a service reaches the conductors on both sides of its transformer, and what its meter is to show. */
export type Service = {
  readonly primary: Shares;
  /** The conductors at the customers: A, B, C, or s1, s2. */
  readonly secondary: Shares;
  /** What the meter may show: some show one leg of a split-phase service, some the whole. 0: nobody knows. */
  readonly meterV: readonly [number, number];
};

const primaryPhases = ['A', 'B', 'C'] as const;
/** Phasors of the phases to ground: currents are shared as if voltages were balanced. */
const phasors: readonly Complex[] = [0, -120, 120].map((deg) =>
  complex(Math.cos((deg * Math.PI) / 180), Math.sin((deg * Math.PI) / 180)),
);

/**
 * `transformer` is the nearest one of the service, absent where customers take from the line itself. `nominalV` is between phases at the
 * customer, on a split-phase service between its two wires. A three-phase service is taken as balanced, one of two phases as connected
 * between them.
 */
export function serviceOf(
  phases: readonly Phase[],
  nominalV: number | undefined,
  transformer: PowerTransformer | undefined,
): Service {
  const live = phases.filter((phase) => phase !== 'N');
  const isSplit = live.some((phase) => phase === 's1' || phase === 's2');
  const secondary = isSplit ? legShares(live) : phaseShares(live);
  const v = nominalV ?? 0;
  const phaseV = v / Math.sqrt(3);
  const meterV: Service['meterV'] = isSplit ? [v, v / 2] : live.length > 1 ? [v, phaseV] : [phaseV, v];
  const primary = transformer === undefined ? secondary : throughTransformer(transformer, secondary);
  return { primary: flat(primary), secondary: flat(secondary), meterV };
}

/** What a conductor of the secondary side has to ground. */
export function secondaryPhaseV(transformer: PowerTransformer): number {
  const [, second] = sides(transformer);
  const live = transformer.terminals[second]?.phases.filter((phase) => phase !== 'N') ?? [];
  const between = windingVoltage(transformer, second);
  return live[0] === 's1' || live[0] === 's2' ? between / 2 : between / Math.sqrt(3);
}

const none: readonly Complex[] = [complex(0), complex(0), complex(0)];
const only = (index: number): readonly Complex[] => none.map((_, each) => complex(each === index ? 1 : 0));

function legShares(live: readonly Phase[]): readonly Complex[] {
  if (live.length === 1) return only(live[0] === 's2' ? 1 : 0);
  return [complex(0.5), complex(0.5), complex(0)];
}

function phaseShares(live: readonly Phase[]): readonly Complex[] {
  const at = live.map((phase) => primaryPhases.findIndex((each) => each === phase)).filter((index) => index >= 0);
  const [first = 0, second = 0] = at;
  if (at.length === 1) return only(first);
  return at.length === 2 ? between(first, second) : none.map(() => complex(1 / 3));
}

/** A load between two phases draws one current from both; seen from each to ground it has another angle. */
function between(first: number, second: number): readonly Complex[] {
  const [from, to] = [phasors[first] ?? complex(1), phasors[second] ?? complex(1)];
  const across = subtract(from, to);
  return none.map((zero, index) => {
    if (index === first) return divided(from, across);
    return index === second ? scaled(divided(to, across), -1) : zero;
  });
}

/** Each leg of the core carries what its secondary winding gives to the conductors at its ends. */
function throughTransformer(transformer: PowerTransformer, secondary: readonly Complex[]): readonly Complex[] {
  const [first, second] = sides(transformer);
  const [high, low] = [transformer.ends[first], transformer.ends[second]];
  const [highPhases, lowPhases] = [first, second].map(
    (end) => transformer.terminals[end]?.phases.filter((phase) => phase !== 'N') ?? [],
  );
  if (high === undefined || low === undefined || highPhases === undefined || lowPhases === undefined) return secondary;
  if (transformer.phaseCount === 1)
    return highPhases.length > 1 ? phaseShares(highPhases.slice(0, 2)) : phaseShares(highPhases);
  const legs = legPowers(low, lowPhases, secondary);
  return legs.reduce<readonly Complex[]>((sum, power, leg) => {
    const reached = legConductors(high, highPhases, leg);
    return sum.map((each, index) => add(each, times(power, reached[index] ?? complex(0))));
  }, none);
}

function legPowers(low: TransformerEnd, lowPhases: readonly Phase[], secondary: readonly Complex[]): Complex[] {
  const place = lowPhases.map((phase) => primaryPhases.findIndex((each) => each === phase));
  if (low.connection === 'wye') return place.map((index) => secondary[index] ?? complex(0));
  // Of a closed delta the winding across which the load stands is taken to carry it whole.
  const carrying = place.filter((index) => (secondary[index]?.re ?? 0) !== 0);
  if (carrying.length !== 2) return place.map((index) => complex(secondary[index]?.re ?? 0));
  return place.map((index, leg) => {
    const next = place[(leg + 1) % place.length] ?? 0;
    return complex(carrying.includes(index) && carrying.includes(next) ? 1 : 0);
  });
}

function legConductors(high: TransformerEnd, highPhases: readonly Phase[], leg: number): readonly Complex[] {
  const phase = highPhases[leg];
  if (phase === undefined) return none;
  if (high.connection === 'wye') return phaseShares([phase]);
  return phaseShares([phase, highPhases[(leg + 1) % highPhases.length] ?? phase]);
}

/** The ends with the highest voltage and with the lowest: power comes in at the one and goes out at the other. */
function sides(transformer: PowerTransformer): readonly [number, number] {
  const rated = transformer.ends.map((_, end) => windingVoltage(transformer, end));
  return [rated.indexOf(Math.max(...rated)), rated.indexOf(Math.min(...rated))];
}

const flat = ([a, b, c]: readonly Complex[]): Shares => [
  a?.re ?? 0,
  a?.im ?? 0,
  b?.re ?? 0,
  b?.im ?? 0,
  c?.re ?? 0,
  c?.im ?? 0,
];
