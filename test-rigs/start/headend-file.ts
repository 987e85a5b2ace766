import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { StartOptions } from './options.ts';
import { townConcentrators } from './town-meters.ts';

/** Which gateways a start with these options runs. */
export function gatewayIds({
  site,
  image,
  real,
  town,
}: Pick<StartOptions, 'site' | 'image' | 'real' | 'town'>): readonly string[] {
  return [
    ...(site ? ['gw-home', 'gw-site'] : []),
    ...(image === undefined ? [] : ['gw-image']),
    ...(real.length === 0 ? [] : ['gw-real']),
    ...(town ? townConcentrators().map(({ id }) => id) : []),
  ];
}

/**
 * The head-end's configuration: which gateways may be enrolled before anything is ordered for them. `demonstration`: it takes
 * commissioning reports of emulated devices, and who commands them needs no second factor.
 */
export const headendFile = (
  ids: readonly string[],
  demonstration: boolean,
  { groupSize, lookBackDays }: { groupSize?: number | undefined; lookBackDays?: number | undefined } = {},
): string =>
  stringify({
    demonstration,
    operators: {
      secondFactor: demonstration ? 'optional' : 'required',
      ...(groupSize === undefined ? {} : { groupSize }),
    },
    ...(lookBackDays === undefined ? {} : { reads: { lookBackDays } }),
    gateways: ids.map((id) => ({ id })),
  });

/** Readable by this user alone, also where it was not before. */
export function writeSecret(file: string, text: string): void {
  if (existsSync(file)) chmodSync(file, 0o600);
  writeFileSync(file, text, { mode: 0o600 });
}
