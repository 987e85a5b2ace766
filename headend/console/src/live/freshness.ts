import type { FleetRow } from '../../../src/api/contract.ts';
import type { Link } from './fleet-store.ts';

/** How far a shown value may be believed: `live`, or why it is only the last one known. */
export type Freshness = 'live' | 'late' | 'lost' | 'never' | 'held-back' | 'unlinked';

export function freshnessOf(row: Pick<FleetRow, 'liveness' | 'stale'>, link: Link): Freshness {
  if (link.state !== 'up') return 'unlinked';
  if (row.liveness !== 'live') return row.liveness;
  return row.stale ? 'late' : 'live';
}

/** In words, for the hover and for who cannot see the hatching. `age` is a duration as text. */
export function staleSay(freshness: Freshness, age: string | undefined): string | undefined {
  const last = age === undefined ? '' : ` Last known value, ${age} old.`;
  switch (freshness) {
    case 'live':
      return undefined;
    case 'late':
      return `Not live: the report is late.${last}`;
    case 'lost':
      return `Not live: the device is lost.${last}`;
    case 'held-back':
      return `Not live: a fleet mode holds the reports back.${last}`;
    case 'never':
      return 'The device has not reported yet.';
    case 'unlinked':
      return `Not live: no connection to the head-end.${last}`;
  }
}
