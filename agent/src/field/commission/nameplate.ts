import type { Identity } from '@tiepoint/hardware-profiles';
import type { DeviceLimits } from '@tiepoint/protocol';
import type { OrderedDevice, ReportMeasurement } from '@tiepoint/protocol/field';
import { plain, skipped } from './judgement.ts';
import type { Judgement } from './judgement.ts';

/** Ratings are rounded on plates and in registers; more than this is another device. */
const ratingTolerancePct = 2;

/** What an order and a plate say of the size of a device, in the words of the report. */
export const orderedRatings = [
  { name: 'ratedPowerW', words: 'rated power', unit: 'W' },
  { name: 'ratedCurrentA', words: 'rated current', unit: 'A' },
  { name: 'switchRatingA', words: 'rating of the switch', unit: 'A' },
] as const;
export type RatingName = (typeof orderedRatings)[number]['name'];

/**
 * The device against what was ordered. `toldLimits` are the device's own: those of the configuration were written after the order, and
 * would agree with it whatever hangs on the bus. `plate`: as the technician read it, for devices that do not tell. What the order does
 * not say is not compared. Skipped without an order.
 */
export function judgeNameplate(
  ordered: OrderedDevice | undefined,
  device: {
    readonly profileName: string;
    readonly identity: Identity;
    readonly toldLimits: DeviceLimits;
    readonly plate?: { readonly serialNumber?: string | undefined } & Readonly<DeviceLimits>;
  },
): Judgement {
  if (ordered === undefined)
    return skipped('There is no order to compare with: the head-end has none for this device, or was out of reach.');
  const { identity, toldLimits, plate = {} } = device;
  const serial = identity.serialNumber ?? plate.serialNumber;
  const words: readonly ReportMeasurement[] = [
    compared('profile', device.profileName, ordered.profile, same),
    ...given(ordered.make, (make) => compared('manufacturer', identity.manufacturer, make, contains)),
    ...given(ordered.model, (model) => compared('model', identity.model, model, contains)),
    ...given(ordered.serialNumber, (number) => compared('serial number', serial, number, same)),
  ];
  const ratings: readonly ReportMeasurement[] = orderedRatings.flatMap(({ name, words: point, unit }) =>
    given(ordered[name], (rated) => rating(point, toldLimits[name] ?? plate[name], rated, unit)),
  );
  const measured = [...words, ...ratings];
  const wrong = measured.filter(({ met }) => met === 'no').map(({ point }) => point);
  const untold = measured.filter(({ met }) => met === 'unknown').map(({ point }) => point);
  if (wrong.length > 0)
    return {
      outcome: 'failed',
      say: `Not what was ordered: ${wrong.join(', ')}. Is it the right device, and the right order?`,
      measured,
    };
  if (untold.length > 0)
    return {
      outcome: 'differs',
      say: `The device does not tell its ${untold.join(', ')}, and it was not read from the plate.`,
      measured,
    };
  return { outcome: 'passed', say: `As ordered (${measured.map(({ point }) => point).join(', ')}).`, measured };
}

function given<T>(value: T | undefined, compare: (value: T) => ReportMeasurement): readonly ReportMeasurement[] {
  return value === undefined ? [] : [compare(value)];
}

function compared(
  point: string,
  told: string | undefined,
  expected: string,
  holds: (told: string, expected: string) => boolean,
): ReportMeasurement {
  if (told === undefined) return { point, expected, met: 'unknown' };
  return { point, word: told, expected, met: holds(plainText(told), plainText(expected)) ? 'yes' : 'no' };
}

const plainText = (text: string): string => text.toLowerCase().replace(/[\s_-]+/g, '');
const same = (told: string, expected: string): boolean => told === expected;
/** Orders and devices shorten names differently: `SDM630` and `SDM630-Modbus V2`. */
const contains = (told: string, expected: string): boolean => told.includes(expected) || expected.includes(told);

export const ratingFits = (told: number, ordered: number): boolean =>
  Math.abs(told - ordered) <= (ordered * ratingTolerancePct) / 100;

function rating(point: string, told: number | undefined, ordered: number, unit: string): ReportMeasurement {
  const expected = `${plain(ordered)} ${unit} ± ${ratingTolerancePct} %`;
  if (told === undefined) return { point, unit, expected, met: 'unknown' };
  return { point, value: told, unit, expected, met: ratingFits(told, ordered) ? 'yes' : 'no' };
}
