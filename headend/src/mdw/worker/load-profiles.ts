import { dayTypes } from '../local-days.ts';
import type { CustomerProfile, ProfileShape } from '../profile-requests.ts';

/** Mean of 311 homes in Ireland, March to May 2009, in Wh by local hour: of spring, and without air conditioning. */
const residential: ProfileShape = {
  weekday: [
    348, 250, 207, 190, 183, 195, 251, 414, 532, 489, 460, 432, 433, 425, 398, 410, 490, 656, 699, 681, 678, 711, 665,
    510,
  ],
  saturday: [
    398, 298, 229, 200, 190, 191, 218, 280, 413, 527, 568, 573, 585, 545, 494, 468, 491, 594, 668, 644, 625, 601, 591,
    514,
  ],
  sunday: [
    402, 309, 242, 215, 197, 192, 208, 250, 349, 487, 574, 635, 619, 580, 530, 522, 548, 674, 718, 701, 683, 697, 657,
    513,
  ],
};

const hours = (power: (hour: number) => number): readonly number[] =>
  Array.from({ length: 24 }, (_, hour) => power(hour));
const between = (from: number, to: number, inside: number, outside: number): readonly number[] =>
  hours((hour) => (hour >= from && hour < to ? inside : outside));

/** Assumed, not measured: shops and offices by day, a trade of two shifts, pumps by night and day. */
const assumed: Readonly<Record<string, ProfileShape>> = {
  commercial: { weekday: between(7, 20, 100, 35), saturday: between(9, 18, 80, 35), sunday: between(10, 17, 45, 35) },
  industrial: { weekday: between(6, 22, 100, 45), saturday: between(6, 14, 65, 40), sunday: hours(() => 40) },
  public: { weekday: between(7, 18, 100, 40), saturday: hours(() => 40), sunday: hours(() => 40) },
  agricultural: {
    weekday: between(5, 20, 100, 60),
    saturday: between(5, 20, 100, 60),
    sunday: between(5, 20, 100, 60),
  },
};

/** What the program brings. */
export const standardProfiles: readonly Omit<CustomerProfile, 'customers'>[] = [
  { name: 'residential', origin: 'measured', shape: residential },
  ...Object.entries(assumed).map(([name, shape]) => ({ name, origin: 'assumed' as const, shape })),
];
const values = standardProfiles.flatMap(({ name, shape }) =>
  dayTypes.flatMap((type, index) => shape[type].map((weight, hour) => `('${name}', ${index}, ${hour}, ${weight})`)),
);

/** SQL: how classes of customers take power, by kind of day and local hour: the utility's own where it told them, else these. */
export const loadProfiles = `(
  SELECT class, day_type::INTEGER AS day_type, hour::INTEGER AS hour, weight FROM profile
  UNION ALL
  SELECT * FROM (VALUES ${values.join(', ')}) s(class, day_type, hour, weight) WHERE class NOT IN (SELECT class FROM profile))`;
