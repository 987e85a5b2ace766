import type { Measurement } from '@tiepoint/protocol';
import type { ReportMeasurement, ReportPlot } from '@tiepoint/protocol/field';

/**
 * What came of one item. `differs`: measured, and not as expected, in a way that a technician may accept with a reason. `skipped`:
 * not done, and why. `interrupted`: to be done again.
 */
export type Judgement = {
  readonly outcome: 'passed' | 'failed' | 'differs' | 'not-applicable' | 'skipped' | 'interrupted';
  readonly say: string;
  readonly measured: readonly ReportMeasurement[];
  readonly expected?: string;
  readonly plot?: ReportPlot;
  readonly commandIds?: readonly string[];
};

export const interrupted: Judgement = { outcome: 'interrupted', say: 'Interrupted: to be done again.', measured: [] };

export const skipped = (why: string): Judgement => ({ outcome: 'skipped', say: why, measured: [] });

export const notApplicable = (why: string): Judgement => ({ outcome: 'not-applicable', say: why, measured: [] });

/** The gravest outcome of several measurements. Unknown is not as expected. */
export function allMet(measured: readonly ReportMeasurement[]): boolean {
  return measured.length > 0 && measured.every(({ met }) => met === 'yes');
}

/** A command's own measurement as the report tells it. */
export function toldMeasurement({ point, value, word, unit, expected, met }: Measurement): ReportMeasurement {
  return {
    point,
    ...(value === undefined ? {} : { value }),
    ...(word === undefined ? {} : { word }),
    ...(unit === undefined ? {} : { unit }),
    ...(expected === undefined ? {} : { expected }),
    ...(met === undefined ? {} : { met }),
  };
}

/** Up to four significant digits, without trailing zeros: 240.1, 0.2345, 12340. */
export function plain(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const digits = Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value))));
  return String(Number(value.toFixed(Math.min(6, digits))));
}
