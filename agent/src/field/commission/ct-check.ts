import type { ReportMeasurement } from '@tiepoint/protocol/field';
import { plain } from './judgement.ts';
import type { Judgement } from './judgement.ts';

export const phaseNames = ['A', 'B', 'C'] as const;
export type PhaseName = (typeof phaseNames)[number];

/** One phase: what the technician's clamp shows, and what the device says of it at that moment. */
export type PhaseReading = {
  readonly phase: PhaseName;
  readonly clampA: number;
  readonly currentA: number | undefined;
  readonly voltageV: number | undefined;
  readonly activePowerW: number | undefined;
};

export type CtReading = {
  readonly phases: readonly PhaseReading[];
  /** Phases that no clamp was put around, though the device tells current there. */
  readonly unread?: readonly { readonly phase: PhaseName; readonly currentA: number }[];
  readonly activePowerW: number | undefined;
  /** The sign that active power must have by what the technician knows of its direction. */
  readonly expectedSign: 1 | -1;
  /** What the plate of the CTs says, where there are any. */
  readonly ratio?: { readonly primaryA: number; readonly secondaryA: number } | undefined;
};

const tolerancePct = 5;
/** Below this a clamp and a CT both guess. */
const smallestA = 0.5;
/** Primary currents in which CTs are made (IEC 61869-2 and IEEE C57.13). */
const primariesA = [
  5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 80, 100, 120, 125, 150, 200, 250, 300, 400, 500, 600, 750, 800, 1000, 1200,
  1250, 1500, 1600, 2000, 2500, 3000, 4000, 5000,
];

/**
 * Are the CTs of the right ratio, on the right phases, the right way round? Failed with what is wrong and what would fit. With too little
 * current nothing can be said, and that fails, too.
 */
export function judgeCt(reading: CtReading): Judgement {
  const measured = [...reading.phases.map(phaseRow), ...powerRows(reading)];
  const fail = (say: string): Judgement => ({ outcome: 'failed', say, measured });
  const untold = reading.phases.filter(({ currentA }) => currentA === undefined).map(({ phase }) => phase);
  if (untold.length > 0) return fail(`The device does not tell the current of phase ${untold.join(', ')}.`);
  if (reading.phases.every(({ clampA }) => clampA < smallestA))
    return fail(`Less than ${smallestA} A flow, which tells nothing: put some load on and repeat this item.`);
  const faults =
    [swapped(reading.phases), ratioFault(reading)].find((say) => say !== undefined) ?? polarityFault(reading);
  if (faults !== undefined) return fail(faults);
  const [unread] = (reading.unread ?? []).filter(({ currentA }) => Math.abs(currentA) >= smallestA);
  if (unread !== undefined)
    return {
      outcome: 'differs',
      say: `The device tells ${plain(unread.currentA)} A in phase ${unread.phase}, which was not read with a clamp: its current transformer is not shown to be right.`,
      measured,
    };
  const idle = reading.phases.filter(({ clampA }) => clampA < smallestA).map(({ phase }) => phase);
  if (idle.length > 0)
    return {
      outcome: 'differs',
      say: `Right where current flows; phase ${idle.join(', ')} carries none and could not be checked.`,
      measured,
    };
  const plate =
    reading.ratio === undefined ? '' : ` On their plate: ${reading.ratio.primaryA}:${reading.ratio.secondaryA}.`;
  return {
    outcome: 'passed',
    say: `Ratio, phases and direction of the current transformers are right.${plate}`,
    measured,
  };
}

function phaseRow({ phase, clampA, currentA }: PhaseReading): ReportMeasurement {
  const band = Math.max(0.2, (clampA * tolerancePct) / 100);
  return {
    point: `current${phase}A`,
    ...(currentA === undefined ? {} : { value: currentA }),
    unit: 'A',
    instrumentValue: clampA,
    expected: `${plain(clampA)} ± ${plain(band)} A`,
    met: currentA === undefined ? 'unknown' : Math.abs(Math.abs(currentA) - clampA) <= band ? 'yes' : 'no',
  };
}

function powerRows({ phases, activePowerW, expectedSign }: CtReading): readonly ReportMeasurement[] {
  const expected = expectedSign === 1 ? 'positive' : 'negative';
  const rows = [
    ...phases.map(({ phase, activePowerW: value }) => ({ point: `activePower${phase}W`, value })),
    { point: 'activePowerW', value: activePowerW },
  ];
  return rows.flatMap(({ point, value }) =>
    value === undefined
      ? []
      : [{ point, value, unit: 'W', expected, met: value * expectedSign > 0 ? ('yes' as const) : ('no' as const) }],
  );
}

const fits = (a: number, b: number): boolean => Math.abs(a - b) <= Math.max(0.2, (Math.abs(b) * tolerancePct) / 100);
const amperes = ({ currentA }: PhaseReading): number => Math.abs(currentA ?? Number.NaN);

/** Currents that fit only when two phases, or all three, are exchanged. Phases with equal load cannot tell. */
function swapped(phases: readonly PhaseReading[]): string | undefined {
  if (phases.every((each) => fits(amperes(each), each.clampA))) return undefined;
  for (const [a, b] of pairs(phases)) {
    if (fits(a.clampA, b.clampA) || !fits(amperes(a), b.clampA) || !fits(amperes(b), a.clampA)) continue;
    const others = phases.filter((each) => each !== a && each !== b);
    if (others.every((each) => fits(amperes(each), each.clampA)))
      return `The currents of phases ${a.phase} and ${b.phase} are exchanged: change the two CTs over.`;
  }
  const [a, b, c] = phases;
  if (a === undefined || b === undefined || c === undefined) return undefined;
  const isForward = fits(amperes(a), b.clampA) && fits(amperes(b), c.clampA) && fits(amperes(c), a.clampA);
  const isBackward = fits(amperes(a), c.clampA) && fits(amperes(b), a.clampA) && fits(amperes(c), b.clampA);
  return isForward || isBackward
    ? 'The currents of all three phases are shifted by one: each CT belongs on the next phase.'
    : undefined;
}

function* pairs(phases: readonly PhaseReading[]): Generator<readonly [PhaseReading, PhaseReading]> {
  for (const [i, a] of phases.entries()) for (const b of phases.slice(i + 1)) yield [a, b];
}

function ratioFault({ phases, ratio }: CtReading): string | undefined {
  const loaded = phases.filter(({ clampA }) => clampA >= smallestA);
  const wrong = loaded.filter((each) => !fits(amperes(each), each.clampA));
  if (wrong.length === 0) return undefined;
  const dead = wrong.filter((each) => amperes(each) < 0.02 * each.clampA);
  if (dead.length > 0)
    return `The device sees no current in phase ${dead.map(({ phase }) => phase).join(', ')}: is the CT connected, and not shorted?`;
  const times = wrong.map((each) => each.clampA / amperes(each));
  const mean = times.reduce((sum, each) => sum + each, 0) / times.length;
  const isOneFactor = times.every((each) => Math.abs(each - mean) <= 0.1 * mean);
  if (isOneFactor && wrong.length === loaded.length)
    return `The currents are ${plain(mean)} times what the device says: the CT ratio set in it is wrong.${fittingRatio(mean, ratio)}`;
  const names = wrong.map(({ phase }, i) => `${phase} (${plain(times[i] ?? mean)} times)`).join(', ');
  return `The clamp shows another current than the device in phase ${names} only: another CT there, or a clamp around more than one wire?`;
}

function fittingRatio(times: number, ratio: CtReading['ratio']): string {
  if (ratio === undefined)
    return ` Multiply the ratio that is set by ${plain(times)}: where 100:5 is set, ${nearestPrimaryA(100 * times)}:5 would fit.`;
  const { primaryA, secondaryA } = ratio;
  if (primaryA / secondaryA > 1 && Math.abs(times * secondaryA - primaryA) <= 0.1 * primaryA)
    return ` The plate says ${primaryA}:${secondaryA}, and the device counts the secondary current: set ${primaryA}:${secondaryA}.`;
  const setA = primaryA / times;
  return ` The plate says ${primaryA}:${secondaryA}, and the device counts as if ${nearestPrimaryA(setA)}:${secondaryA} were set.`;
}

function nearestPrimaryA(wantedA: number): number {
  return primariesA.reduce((best, each) => (Math.abs(each - wantedA) < Math.abs(best - wantedA) ? each : best));
}

/** P / (U × I) against the expected sign, where all three are told and the phase carries current. */
function shareOf({ currentA, voltageV, activePowerW, clampA }: PhaseReading, sign: 1 | -1): number | undefined {
  if (currentA === undefined || voltageV === undefined || activePowerW === undefined || clampA < smallestA)
    return undefined;
  const apparentVa = Math.abs(currentA * voltageV);
  return apparentVa < 1 ? undefined : (sign * activePowerW) / apparentVa;
}

const isTurned = (share: number): boolean => share < -0.6;
/** A current 120° away from its voltage gives half the apparent power, backwards. */
const isShifted = (share: number): boolean => Math.abs(share + 0.5) <= 0.25;

function polarityFault({ phases, activePowerW, expectedSign }: CtReading): string | undefined {
  const shares = phases.flatMap((each) => {
    const share = shareOf(each, expectedSign);
    return share === undefined ? [] : [{ phase: each.phase, share }];
  });
  if (shares.length === 0) {
    if (activePowerW === undefined || activePowerW * expectedSign >= 0) return undefined;
    return `Active power is ${plain(activePowerW)} W, against the direction that you know: reversed CTs (change S1 and S2 over), or the other direction.`;
  }
  const shifted = shares.filter(({ share }) => isShifted(share)).map(({ phase }) => phase);
  const forward = shares.filter(({ share }) => share > 0);
  if (shares.length === 3 && shifted.length === 3)
    return 'In all phases power is half of what it should be, and backwards: voltages and currents are shifted by one phase.';
  if (shares.length === 3 && shifted.length === 2 && forward.length === 1)
    return `Power of phases ${shifted.join(' and ')} is half of what it should be, and backwards: their voltages or CTs are exchanged.`;
  const turned = shares.filter(({ share }) => share < 0);
  if (turned.length === 0) return undefined;
  const names = turned.map(({ phase }) => phase).join(', ');
  if (turned.length === shares.length)
    return `Power flows against the direction that you know in every phase that carries current (${names}): all CTs reversed (change S1 and S2 over), or the other direction.`;
  const sure = turned.every(({ share }) => isTurned(share)) ? '' : ' (or a phase that truly feeds back)';
  return `The CT of phase ${names} is reversed${sure}: change S1 and S2 over.`;
}
