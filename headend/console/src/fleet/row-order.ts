import type { DeviceKind } from '@tiepoint/protocol';
import type { FleetRow } from '../../../src/api/contract.ts';
import { attentionOf, inState } from './attention.ts';
import type { StateFilter } from './attention.ts';

export const sortKeys = [
  'device',
  'gateway',
  'kind',
  'attention',
  'health',
  'state',
  'connection',
  'control',
  'activePowerW',
  'currentA',
  'voltageV',
  'frequencyHz',
  'availableCapacityPct',
  'age',
] as const;
export type SortKey = (typeof sortKeys)[number];
export type Sort = { readonly key: SortKey; readonly descending: boolean };
export type RowFilter = { readonly text: string; readonly kind: DeviceKind | 'all'; readonly state: StateFilter };

export const everything: RowFilter = { text: '', kind: 'all', state: 'all' };

/** Place of each id in the order of names; made anew only when devices come or go, so that sorting compares numbers alone. */
export function nameRanks(rows: readonly FleetRow[]): ReadonlyMap<string, number> {
  const collator = new Intl.Collator('en', { numeric: true });
  const sorted = rows.toSorted((a, b) => collator.compare(a.title, b.title) || collator.compare(a.id, b.id));
  return new Map(sorted.map(({ id }, rank) => [id, rank]));
}

/**
 * The ids that pass the filter, in order. What is unknown comes last, whichever way the column is sorted; equal rows stay in
 * the order of their names.
 */
export function orderRows(
  rows: readonly FleetRow[],
  ranks: ReadonlyMap<string, number>,
  { filter, sort }: { filter: RowFilter; sort: Sort },
): readonly string[] {
  const matches = matcher(filter);
  const kept = rows.filter(matches);
  const way = sort.descending ? -1 : 1;
  const ranked = kept.map((row) => ({ id: row.id, key: keyOf(row, sort.key, ranks), rank: ranks.get(row.id) ?? 0 }));
  ranked.sort((a, b) => {
    if (a.key === undefined || b.key === undefined) {
      return a.key === b.key ? a.rank - b.rank : a.key === undefined ? 1 : -1;
    }
    if (a.key !== b.key) return (a.key < b.key ? -1 : 1) * way;
    return a.rank - b.rank;
  });
  return ranked.map(({ id }) => id);
}

/** Every word must be found in title, id, profile or gateway. */
export function matcher({ text, kind, state }: RowFilter): (row: FleetRow) => boolean {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  return (row) => {
    if (kind !== 'all' && row.kind !== kind) return false;
    if (!inState(row, state)) return false;
    if (wanted.length === 0) return true;
    const hay = `${row.title}\n${row.id}\n${row.profile}`.toLowerCase();
    return wanted.every((word) => hay.includes(word));
  };
}

function keyOf(row: FleetRow, key: SortKey, ranks: ReadonlyMap<string, number>): number | string | undefined {
  switch (key) {
    case 'device':
      return ranks.get(row.id);
    case 'gateway':
      return row.gatewayId;
    case 'kind':
    case 'connection':
    case 'control':
      return row[key];
    case 'attention':
      return attentionOf(row);
    case 'health':
      return row.health === undefined
        ? undefined
        : ['fault', 'warning', 'ok'].indexOf(row.health) * 100 - (row.alarms?.length ?? 0);
    case 'state':
      return row.breakerState ?? row.switchState ?? row.operatingState;
    case 'age':
      return row.measuredAtMs === undefined ? undefined : -row.measuredAtMs;
    case 'activePowerW':
    case 'currentA':
    case 'voltageV':
    case 'frequencyHz':
    case 'availableCapacityPct':
      return row[key];
  }
}

/** Does the order hang on values that change while one looks? */
export function isLiveOrder({ filter, sort }: { filter: RowFilter; sort: Sort }): boolean {
  return filter.state !== 'all' || !['device', 'gateway', 'kind'].includes(sort.key);
}

export function sameOrder(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, i) => id === other[i]);
}
