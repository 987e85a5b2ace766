import type { Position } from '@tiepoint/headend/network/model/network.ts';
import type { SeededRandom } from '../devices/seeded-random.ts';

/** Metres east and north of the town's south-western corner, before the whole is turned. */
export type Spot = { readonly east: number; readonly north: number };

/** Avenues run north, streets run east; where they cross, poles stand. Both are counted from 0, with parts between. */
export type Town = {
  readonly name: string;
  readonly avenues: number;
  readonly streets: number;
  crossing(avenue: number, street: number): Spot;
  position(spot: Spot): Position;
  avenueName(avenue: number): string;
};

const avenueGapM = 112;
const streetGapM = 94;
/** On the plain; no town stands there. */
const corner = { x: -100.905, y: 41.352 };
const turnedBy = (11 * Math.PI) / 180;
const metresPerDegree = 111_195;

const trees =
  'Alder Ash Aspen Beech Birch Cedar Cherry Chestnut Cypress Elder Elm Fir Hawthorn Hazel Hickory Juniper Larch Linden Maple Oak Pine Plum Poplar Rowan Spruce Walnut Willow';
const names = trees.split(' ');

/** A grid as towns have it: gaps that are not quite alike, streets that follow the slope, the whole turned off north. */
export function town(random: SeededRandom): Town {
  const avenues = 27;
  const streets = 18;
  const jitter = (count: number, widthM: number): number[] =>
    Array.from({ length: count }, () => (random.next() - 0.5) * widthM);
  const [avenueShift, streetShift] = [jitter(avenues, 18), jitter(streets, 14)];
  const between = (shifts: readonly number[], at: number): number => {
    const low = Math.min(shifts.length - 1, Math.max(0, Math.floor(at)));
    const high = Math.min(shifts.length - 1, Math.max(0, Math.ceil(at)));
    return (shifts[low] ?? 0) + ((shifts[high] ?? 0) - (shifts[low] ?? 0)) * (at - Math.floor(at));
  };
  return {
    name: 'Tallgrass',
    avenues,
    streets,
    crossing(avenue, street) {
      const east = avenue * avenueGapM + between(avenueShift, avenue);
      return { east, north: street * streetGapM + between(streetShift, street) + 28 * Math.sin(east / 700) };
    },
    position({ east, north }) {
      const [x, y] = [
        east * Math.cos(turnedBy) - north * Math.sin(turnedBy),
        east * Math.sin(turnedBy) + north * Math.cos(turnedBy),
      ];
      const perLongitude = metresPerDegree * Math.cos((corner.y * Math.PI) / 180);
      const round = (degrees: number): number => Math.round(degrees * 1e7) / 1e7;
      return { x: round(corner.x + x / perLongitude), y: round(corner.y + y / metresPerDegree) };
    },
    avenueName: (avenue) => `${names[avenue % names.length] ?? ''} Avenue`,
  };
}

export const distanceM = (from: Spot, to: Spot): number => Math.hypot(from.east - to.east, from.north - to.north);
