import { numberPoints } from '@tiepoint/protocol';
import type { DeviceKind, NumberPoint } from '@tiepoint/protocol';
import type { ReportMeasurement } from '@tiepoint/protocol/field';
import { plain, skipped } from './judgement.ts';
import type { Judgement } from './judgement.ts';
import { pointWords } from './point-words.ts';

/** One quantity as the technician read it, and what the device said while the instrument was read. */
export type Reading = {
  readonly point: NumberPoint;
  readonly instrumentValue: number;
  /** All values in the time of the reading, the latest last; empty where the device told none. */
  readonly deviceValues: readonly number[];
};

export type Accuracy = {
  readonly kind: DeviceKind;
  /** Of the reading, by the instrument's class. */
  readonly instrumentPct: number;
  readonly ratedPowerW?: number | undefined;
  readonly ratedVoltageV?: number | undefined;
};

/**
 * Half the width of the band in which a reading agrees: the instrument's class, and what the device may be off. Of an AAS as IEEE
 * 1547-2018 table 3 demands in steady state (1 % of nominal voltage, 5 % of rated power, 10 mHz); of a meter class 1 of the reading.
 */
export function toleranceOf(point: NumberPoint, value: number, accuracy: Accuracy): number {
  const instrument = (Math.abs(value) * accuracy.instrumentPct) / 100;
  const isAas = accuracy.kind === 'aas';
  switch (numberPoints[point]) {
    case 'V':
      return instrument + 0.01 * (isAas ? (accuracy.ratedVoltageV ?? Math.abs(value)) : Math.abs(value)) + 0.5;
    case 'A':
      return instrument + Math.abs(value) * (isAas ? 0.05 : 0.01) + 0.2;
    case 'W':
      return instrument + (isAas ? 0.05 * (accuracy.ratedPowerW ?? Math.abs(value)) : 0.01 * Math.abs(value)) + 20;
    case 'Hz':
      // The class of a clamp meter says nothing of its frequency, which is good to two digits.
      return 0.05;
    default:
      return instrument + Math.abs(value) * 0.01;
  }
}

/** Side by side: passed where each quantity that was read agrees. A load that moved while it was read is allowed its range. */
export function judgePlausibility(readings: readonly Reading[], accuracy: Accuracy): Judgement {
  if (readings.length === 0) return skipped('No reading of an instrument was entered.');
  const measured = readings.map((reading) => sideBySide(reading, accuracy));
  const wrong = readings.filter((_reading, i) => measured[i]?.met !== 'yes');
  if (wrong.length === 0)
    return { outcome: 'passed', say: `Device and instrument agree in ${wordsFor(readings)}.`, measured };
  return { outcome: 'failed', say: wrong.map((reading) => suspicion(reading, accuracy)).join(' '), measured };
}

const wordsFor = (readings: readonly Reading[]): string => readings.map(({ point }) => pointWords(point)).join(', ');

function sideBySide(reading: Reading, accuracy: Accuracy): ReportMeasurement {
  const { point, instrumentValue, deviceValues } = reading;
  const tolerance = toleranceOf(point, instrumentValue, accuracy);
  const value = deviceValues.at(-1);
  return {
    point,
    ...(value === undefined ? {} : { value }),
    unit: numberPoints[point],
    instrumentValue,
    expected: `${plain(instrumentValue)} ± ${plain(tolerance)} ${numberPoints[point]}`,
    met: value === undefined ? 'unknown' : agrees(reading, instrumentValue, tolerance) ? 'yes' : 'no',
  };
}

function agrees({ deviceValues }: Reading, expected: number, tolerance: number): boolean {
  return Math.min(...deviceValues) <= expected + tolerance && Math.max(...deviceValues) >= expected - tolerance;
}

const factors: readonly { readonly times: number; readonly means: string }[] = [
  {
    times: -1,
    means: 'the sign is the other way round: a reversed CT, or the direction that the profile gives to import',
  },
  { times: Math.sqrt(3), means: 'one of the two is between phases and the other from phase to neutral' },
  { times: 1 / Math.sqrt(3), means: 'one of the two is between phases and the other from phase to neutral' },
  { times: 3, means: 'one of the two is the sum of three phases' },
  { times: 1 / 3, means: 'one of the two is the sum of three phases' },
  { times: 10, means: 'the scale is off by ten' },
  { times: 0.1, means: 'the scale is off by ten' },
  { times: 1_000, means: 'one of the two is in thousands' },
  { times: 0.001, means: 'one of the two is in thousands' },
];

function suspicion(reading: Reading, accuracy: Accuracy): string {
  const { point, instrumentValue, deviceValues } = reading;
  const unit = numberPoints[point];
  const value = deviceValues.at(-1);
  if (value === undefined) return `The device does not tell its ${pointWords(point)}.`;
  const both = `${pointWords(point)}: the device says ${plain(value)} ${unit}, the instrument ${plain(instrumentValue)} ${unit}`;
  // A reading near nothing agrees with every factor.
  const isClear = Math.abs(instrumentValue) > 2 * toleranceOf(point, instrumentValue, accuracy);
  const known = factors.find(({ times }) => isClear && Math.abs(value / (instrumentValue * times) - 1) < 0.05);
  return known === undefined ? `${both}.` : `${both}; ${known.means}.`;
}
