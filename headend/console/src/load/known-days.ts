import type { LoadHoursResponse } from '../../../src/api/load-contract.ts';
import { localHour } from './local-hours.ts';

/** How the customers' hours are known, as shares that make up 1. */
export type Known = { readonly measured: number; readonly estimated: number; readonly missing: number };
export type KnownDay = Known & { readonly day: string };

type Hours = Pick<LoadHoursResponse, 'hourS' | 'measured' | 'estimated' | 'missing'>;

/** Undefined: nobody was there. */
export function knownOf(hours: Hours): Known | undefined {
  const [measured, estimated, missing] = [sum(hours.measured), sum(hours.estimated), sum(hours.missing)];
  return shares(measured, estimated, missing);
}

/** By local day. */
export function knownDays(hours: Hours, timeZone: string): readonly KnownDay[] {
  const days = new Map<string, [number, number, number]>();
  for (const [at, atS] of hours.hourS.entries()) {
    const { day } = localHour(atS, timeZone);
    const [measured, estimated, missing] = days.get(day) ?? [0, 0, 0];
    days.set(day, [
      measured + (hours.measured[at] ?? 0),
      estimated + (hours.estimated[at] ?? 0),
      missing + (hours.missing[at] ?? 0),
    ]);
  }
  return [...days].flatMap(([day, counts]) => {
    const known = shares(...counts);
    return known === undefined ? [] : [{ day, ...known }];
  });
}

function shares(measured: number, estimated: number, missing: number): Known | undefined {
  const all = measured + estimated + missing;
  return all === 0 ? undefined : { measured: measured / all, estimated: estimated / all, missing: missing / all };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
