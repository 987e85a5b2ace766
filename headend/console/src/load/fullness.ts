import type { LoadHoursResponse } from '../../../src/api/load-contract.ts';

/** From this share of the rating on, somebody should look; from all of it, act. */
export const fullFrom = 0.8;

export type Fullness = 'usual' | 'full' | 'over';

export function fullnessOf(share: number): Fullness {
  return share >= 1 ? 'over' : share >= fullFrom ? 'full' : 'usual';
}

/** What is shown, and with what it is compared: apparent power with a transformer's rating, else the current of the most loaded phase. */
export type Measure = { readonly unit: 'W' | 'A'; readonly rated: number | undefined; readonly ratedUnit: 'VA' | 'A' };

export function measureOf({ kind, ratedA, ratedVa }: LoadHoursResponse['element']): Measure {
  if (kind === 'transformer') return { unit: 'W', rated: ratedVa, ratedUnit: 'VA' };
  return ratedA === undefined
    ? { unit: 'W', rated: undefined, ratedUnit: 'VA' }
    : { unit: 'A', rated: ratedA, ratedUnit: 'A' };
}

/** By hour, in the rating's unit; null is unknown. Back-feed fills as much as load does. */
export function sizesOf(hours: LoadHoursResponse, { unit }: Measure): readonly (number | null)[] {
  if (unit === 'W')
    return hours.activeW.map((active, at) => {
      const reactive = hours.reactiveVar[at] ?? null;
      return active === null || reactive === null ? null : Math.hypot(active, reactive);
    });
  return hours.hourS.map((_, at) => {
    const phases = [hours.ampsA[at], hours.ampsB[at], hours.ampsC[at]].filter((each) => typeof each === 'number');
    return phases.length === 0 ? null : Math.max(...phases);
  });
}

/** By hour, what sizes are compared with: an exchanged transformer was full by what it was then. */
export function ratingsOf({ element, rated }: LoadHoursResponse, { unit }: Measure): readonly (number | null)[] {
  return (element.kind === 'transformer') === (unit === 'W') ? rated : rated.map(() => null);
}

/** `110 %`; from 10 % on without a decimal. */
export function shareText(share: number): string {
  const percent = 100 * share;
  return `${percent.toFixed(percent >= 9.95 ? 0 : 1)}\u00a0%`;
}
