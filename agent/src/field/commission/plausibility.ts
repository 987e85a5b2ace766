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

/** A quantity that the device measures, and whether it told one now. */
export type Asked = { readonly point: NumberPoint; readonly isTold: boolean };

/**
 * Side by side. Failed where a quantity that was read does not agree; a load that moved while it was read is allowed its range. Passed
 * where voltage and, with load flowing, current or power agree, of those that the device measures. Less shows nothing: a dead current
 * input agrees with a clamp around an idle wire.
 */
export function judgePlausibility(
  readings: readonly Reading[],
  accuracy: Accuracy,
  asked: readonly Asked[],
): Judgement {
  if (readings.length === 0) return skipped('No reading of an instrument was entered.');
  const measured = readings.map((reading) => sideBySide(reading, accuracy));
  const wrong = readings.filter((reading, i) => measured[i]?.met !== 'yes' && !isUntoldNothing(reading, accuracy));
  if (wrong.length > 0)
    return { outcome: 'failed', say: wrong.map((reading) => suspicion(reading, accuracy)).join(' '), measured };
  const agreeing = readings.filter((_reading, i) => measured[i]?.met === 'yes');
  const agreed = agreeing.length === 0 ? '' : `Device and instrument agree in ${wordsFor(agreeing)}.`;
  const shown = agreeing.filter((reading) => isClear(reading, accuracy)).map(({ point }) => point);
  const gaps = [['voltageV'] as const, ['currentA', 'activePowerW'] as const]
    .map((points) => asked.filter(({ point }) => points.some((each) => each === point)))
    .filter((group) => group.length > 0 && !group.some(({ point }) => shown.includes(point)));
  if (gaps.length === 0) return { outcome: 'passed', say: agreed, measured };
  const say = [agreed, ...gaps.map((group) => gapWords(group, readings)), remedy(gaps.flat(), readings, accuracy)];
  // Some meters tell no voltage at all: that is for the technician to judge. Nothing stands in for a load.
  const isTellingNone = gaps.flat().every(({ point, isTold }) => point === 'voltageV' && !isTold);
  return { outcome: isTellingNone ? 'differs' : 'skipped', say: say.filter(Boolean).join(' '), measured };
}

/** More than what instrument and device may be off: a reading near nothing agrees with everything. */
const isClear = (reading: Reading, accuracy: Accuracy): boolean =>
  Math.abs(reading.instrumentValue) > 2 * toleranceOf(reading.point, reading.instrumentValue, accuracy);

/** Nothing there by the instrument, and nothing told by the device, as an inverter at night. */
const isUntoldNothing = (reading: Reading, accuracy: Accuracy): boolean =>
  reading.deviceValues.length === 0 && !isClear(reading, accuracy);

/** Why voltage, or current and power, are not shown. */
function gapWords(group: readonly Asked[], readings: readonly Reading[]): string {
  const read = readings.filter(({ point }) => group.some((each) => each.point === point));
  const names = group.map(({ point }) => pointWords(point)).join(' or ');
  const isVoltage = group.some(({ point }) => point === 'voltageV');
  if (read.length > 0) {
    const seen = read
      .map(({ point, instrumentValue }) => `${plain(instrumentValue)} ${numberPoints[point]}`)
      .join(', ');
    return `${isVoltage ? 'There is no voltage' : 'No load flows'} (${seen}), so ${names} ${group.length > 1 ? 'are' : 'is'} not shown.`;
  }
  if (group.every(({ isTold }) => !isTold)) return `The device tells no ${names} now.`;
  return `Its ${names} was not read with an instrument.`;
}

/** What to do so that it shows. */
function remedy(gaps: readonly Asked[], readings: readonly Reading[], { kind }: Accuracy): string {
  const wasRead = gaps.some(({ point }) => readings.some((reading) => reading.point === point));
  const isUntold = gaps.every(({ isTold }) => !isTold);
  if (!wasRead && !isUntold) return 'Do it again with a voltmeter and a clamp, under load.';
  if (gaps.every(({ point }) => point === 'voltageV') && isUntold) return '';
  return kind === 'aas' ? 'Let it generate (an inverter: by day), and do it again.' : 'Put a load on, and do it again.';
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
  const known = factors.find(
    ({ times }) => isClear(reading, accuracy) && Math.abs(value / (instrumentValue * times) - 1) < 0.05,
  );
  return known === undefined ? `${both}.` : `${both}; ${known.means}.`;
}
