import { expect, test } from 'vitest';
import type { FleetRow } from '../../../src/api/contract.ts';
import { attentionOf, inState, summarise } from './attention.ts';
import { everything, isLiveOrder, nameRanks, orderRows, sameOrder, sortKeys } from './row-order.ts';
import type { RowFilter, Sort } from './row-order.ts';

const row = (deviceId: string, fields: Partial<FleetRow> = {}): FleetRow => ({
  id: `gw.${deviceId}`,
  gatewayId: 'gw',
  deviceId,
  title: deviceId,
  kind: 'meter',
  capabilities: [],
  profile: 'ami',
  readOnly: false,
  liveness: 'live',
  stale: false,
  ...fields,
});
const rows = [
  row('m 10', { activePowerW: 0, health: 'ok' }),
  row('m 2', { activePowerW: -50, health: 'warning', alarms: ['tamper'] }),
  row('lost', { liveness: 'lost', activePowerW: 900 }),
  row('never', { liveness: 'never' }),
  row('late', { liveness: 'late', activePowerW: 900 }),
  row('gen', { kind: 'aas', health: 'fault', activePowerW: 40, gatewayId: 'other', id: 'other.gen' }),
  row('busy', { activeCommandId: 'c', activePowerW: 1, unconfirmedKind: 'disconnect' }),
];
const ordered = (sort: Sort, filter: Partial<RowFilter> = {}): string =>
  orderRows(rows, nameRanks(rows), { filter: { ...everything, ...filter }, sort })
    .map((id) => id.split('.')[1])
    .join(', ');

test.each<[Sort, Partial<RowFilter>, string]>([
  [{ key: 'attention', descending: false }, {}, 'lost, gen, late, busy, m 2, never, m 10'],
  [{ key: 'device', descending: false }, {}, 'busy, gen, late, lost, m 2, m 10, never'],
  [{ key: 'device', descending: true }, {}, 'never, m 10, m 2, lost, late, gen, busy'],
  [{ key: 'activePowerW', descending: false }, {}, 'm 2, m 10, busy, gen, late, lost, never'],
  [{ key: 'activePowerW', descending: true }, {}, 'late, lost, gen, busy, m 10, m 2, never'],
  [{ key: 'device', descending: false }, { state: 'abnormal' }, 'busy, gen, late, lost, m 2, never'],
  [{ key: 'device', descending: false }, { state: 'unconfirmed' }, 'busy'],
  [{ key: 'device', descending: false }, { kind: 'aas' }, 'gen'],
  [{ key: 'device', descending: false }, { text: 'OTHER gen' }, 'gen'],
  [{ key: 'device', descending: false }, { text: 'gw nothing' }, ''],
])('%j with %j', (sort, filter, order) => expect(ordered(sort, filter)).toBe(order));

test('every column sorts all rows, none is lost', () => {
  for (const key of sortKeys)
    expect(orderRows(rows, nameRanks(rows), { filter: everything, sort: { key, descending: true } }).length).toBe(
      rows.length,
    );
});

test('only what hangs on live values is put in order again and again', () => {
  expect(isLiveOrder({ filter: everything, sort: { key: 'device', descending: false } })).toBe(false);
  expect(isLiveOrder({ filter: { ...everything, state: 'lost' }, sort: { key: 'device', descending: false } })).toBe(
    true,
  );
  expect(isLiveOrder({ filter: everything, sort: { key: 'activePowerW', descending: true } })).toBe(true);
  expect(sameOrder(['a', 'b'], ['a', 'b'])).toBe(true);
  expect(sameOrder(['a', 'b'], ['b', 'a'])).toBe(false);
});

test('the summary counts every device once by liveness', () => {
  expect(summarise(rows)).toEqual({
    devices: 7,
    live: 4,
    late: 1,
    lost: 1,
    never: 1,
    'held-back': 0,
    alarm: 2,
    command: 1,
    unconfirmed: 1,
  });
});

test('a switch that failed is urgent although the device is well', () => {
  expect(attentionOf(row('x', { health: 'ok', switchState: 'failed' }))).toBe(1);
  expect(inState(row('x', { tagOwner: 'Ana' }), 'tagged')).toBe(true);
});
