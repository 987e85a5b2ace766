import { amiMeter200A } from '../profiles/tiepoint/ami-meter-200a.ts';
import { deepSeaGenset } from '../profiles/deep-sea/genset.ts';
import { sdm630 } from '../profiles/eastron/sdm630.ts';
import { kmtronicRelay } from '../profiles/kmtronic/relay.ts';
import { sunspecDer } from '../profiles/sunspec/der.ts';
import { sunspecInverter } from '../profiles/sunspec/inverter.ts';
import { sunspecMeter } from '../profiles/sunspec/meter.ts';
import type { Profile } from './profile.ts';

/** Every device that Tiepoint knows. */
export const profiles: readonly Profile[] = [
  sunspecInverter,
  sunspecDer,
  sunspecMeter,
  sdm630,
  amiMeter200A,
  deepSeaGenset,
  kmtronicRelay,
];

/** By its name, as configuration gives it. */
export function findProfile(name: string): Profile | undefined {
  return profiles.find((profile) => profile.name === name);
}
