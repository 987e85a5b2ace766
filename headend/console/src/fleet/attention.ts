import type { FleetRow } from '../../../src/api/contract.ts';

export type StateFilter =
  | 'all'
  | 'abnormal'
  | 'live'
  | 'late'
  | 'lost'
  | 'never'
  | 'held-back'
  | 'alarm'
  | 'command'
  | 'unconfirmed'
  | 'tagged';

export const stateFilters: readonly (readonly [StateFilter, string])[] = [
  ['all', 'All states'],
  ['abnormal', 'Abnormal'],
  ['live', 'Live'],
  ['late', 'Late'],
  ['lost', 'Lost'],
  ['never', 'Not yet reported'],
  ['held-back', 'Held back by a mode'],
  ['alarm', 'With alarms'],
  ['command', 'Command under way'],
  ['unconfirmed', 'Unconfirmed command'],
  ['tagged', 'Tagged'],
];

export function isStateFilter(text: string): text is StateFilter {
  return stateFilters.some(([filter]) => filter === text);
}

type Attended = Pick<
  FleetRow,
  'liveness' | 'health' | 'alarms' | 'activeCommandId' | 'unconfirmedKind' | 'tagOwner' | 'switchState' | 'breakerState'
>;

export function hasAlarm({ health, alarms }: Attended): boolean {
  return health === 'fault' || health === 'warning' || (alarms?.length ?? 0) > 0;
}

/** How urgently an operator should look: 0 first. A device that never reported is not news, so it comes after the alarms. */
export function attentionOf(row: Attended): number {
  if (row.liveness === 'lost') return 0;
  if (row.health === 'fault' || row.switchState === 'failed' || row.breakerState === 'failed') return 1;
  if (row.liveness === 'late') return 2;
  if (hasAlarm(row) || row.unconfirmedKind !== undefined) return 3;
  if (row.liveness === 'never') return 4;
  if (row.activeCommandId !== undefined) return 5;
  return row.tagOwner !== undefined ? 6 : 7;
}

export function inState(row: Attended, filter: StateFilter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'abnormal':
      return attentionOf(row) < 5;
    case 'alarm':
      return hasAlarm(row);
    case 'command':
      return row.activeCommandId !== undefined;
    case 'unconfirmed':
      return row.unconfirmedKind !== undefined;
    case 'tagged':
      return row.tagOwner !== undefined;
    case 'live':
    case 'late':
    case 'lost':
    case 'never':
    case 'held-back':
      return row.liveness === filter;
  }
}

export type FleetSummary = Record<
  'devices' | 'live' | 'late' | 'lost' | 'never' | 'held-back' | 'alarm' | 'command' | 'unconfirmed',
  number
>;

export function summarise(rows: Iterable<FleetRow>): FleetSummary {
  const summary: FleetSummary = {
    devices: 0,
    live: 0,
    late: 0,
    lost: 0,
    never: 0,
    'held-back': 0,
    alarm: 0,
    command: 0,
    unconfirmed: 0,
  };
  for (const row of rows) {
    summary.devices += 1;
    summary[row.liveness] += 1;
    if (hasAlarm(row)) summary.alarm += 1;
    if (row.activeCommandId !== undefined) summary.command += 1;
    if (row.unconfirmedKind !== undefined) summary.unconfirmed += 1;
  }
  return summary;
}
