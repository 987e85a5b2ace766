import type { Place } from './place.ts';
import { placeText } from './place.ts';

/**
 * Something that an importer or a check has to say. `error`: the network is not as it was meant, or a part of it is missing.
 * `warning`: a person should look. `note`: it was read and deliberately not carried over.
 */
export type Finding = {
  readonly severity: 'error' | 'warning' | 'note';
  readonly code: string;
  readonly say: string;
  /** Ids of what it is about, the first being the culprit. */
  readonly elements?: readonly string[];
  readonly place?: Place;
};

export function findingLine({ severity, say, place }: Finding): string {
  return `${place === undefined ? '' : `${placeText(place)}  `}${severity}: ${say}`;
}
