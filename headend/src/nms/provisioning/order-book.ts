import { commandKinds, maxDevicesPerGateway } from '@tiepoint/protocol';
import { contractShape, orderedDeviceShape, siteShape } from '@tiepoint/protocol/field';
import type { Shape } from '@tiepoint/protocol/field';
import type {
  ContractRecord,
  DeviceOrder,
  ProvisioningChange,
  ProvisioningRecords,
  SiteRecord,
} from '../../store/provisioning-store.ts';
import { parseConnection, wireOf } from './connection.ts';

/** What was entered: sites, devices ordered for them, contracts; by their ids. */
export type OrderBook = {
  readonly site: ReadonlyMap<string, SiteRecord>;
  readonly device: ReadonlyMap<string, DeviceOrder>;
  readonly contract: ReadonlyMap<string, ContractRecord>;
};
export type EnteredKind = keyof OrderBook;
export type EnteredChange = Extract<ProvisioningChange, { kind: EnteredKind }>;

/** What is wrong with a record, and in which field of it. */
export type BookFault = {
  readonly kind: EnteredKind;
  readonly id: string;
  readonly field: string;
  readonly say: string;
};

export function withChanges(book: OrderBook, changes: readonly EnteredChange[]): OrderBook {
  const next = { site: new Map(book.site), device: new Map(book.device), contract: new Map(book.contract) };
  for (const { kind, id, record } of changes) {
    const of = next[kind] as Map<string, ProvisioningRecords[EnteredKind]>;
    if (record === undefined) of.delete(id);
    else of.set(id, record);
  }
  return next;
}

/** Everything that is wrong with a book in which these records have changed; the rest of it was sound before. */
export function bookFaults(book: OrderBook, changes: readonly EnteredChange[]): readonly BookFault[] {
  const gateways = byGateway(book);
  return changes.flatMap(({ kind, id, record }): readonly BookFault[] => {
    if (record === undefined) return removalFaults(book, kind, id);
    switch (kind) {
      case 'site':
        return faultsOf(kind, id, shapeFaults(siteShape, record));
      case 'device':
        return faultsOf(kind, id, deviceFaults(book, gateways.get(record.gatewayId) ?? [], record));
      case 'contract':
        return faultsOf(kind, id, contractFaults(book, record));
    }
  });
}

type FieldFault = readonly [field: string, say: string];

function faultsOf(kind: EnteredKind, id: string, faults: readonly FieldFault[]): readonly BookFault[] {
  return faults.map(([field, say]) => ({ kind, id, field, say }));
}

function byGateway({ device }: OrderBook): ReadonlyMap<string, readonly DeviceOrder[]> {
  return Map.groupBy(device.values(), ({ gatewayId }) => gatewayId);
}

/** The first misfit of a shape names its field before the colon. */
function shapeFaults(shape: Shape<unknown>, record: object): readonly FieldFault[] {
  const read = shape(record, '');
  if (read.ok) return [];
  const at = read.say.indexOf(': ');
  return [[read.say.slice(0, at).split(/[.[]/)[0] ?? '', read.say.slice(at + 2)]];
}

function deviceFaults(book: OrderBook, beside: readonly DeviceOrder[], order: DeviceOrder): readonly FieldFault[] {
  const misshapen = shapeFaults(orderedDeviceShape, order);
  if (misshapen.length > 0) return misshapen;
  const { key, siteId, gatewayId, deviceId, switchedBy } = order;
  // Not held against each other, for that takes the square of their number.
  if (beside.length > maxDevicesPerGateway)
    return [['gatewayId', `${gatewayId} would carry ${beside.length} devices, more than ${maxDevicesPerGateway}`]];
  const faults: FieldFault[] = [];
  if (siteId === undefined) faults.push(['siteId', 'is missing: at which site is this device?']);
  else if (!book.site.has(siteId)) faults.push(['siteId', `there is no site ${siteId}: enter it first, or with this`]);
  const elsewhere = beside.find((other) => other.siteId !== siteId);
  if (elsewhere !== undefined)
    faults.push([
      'gatewayId',
      `${gatewayId} is at site ${elsewhere.siteId} with ${elsewhere.deviceId}: one site a gateway`,
    ]);
  if (switchedBy === deviceId)
    faults.push(['switchedBy', 'a device is not switched by itself: name the meter before it']);
  else if (switchedBy !== undefined && !beside.some((other) => other.deviceId === switchedBy))
    faults.push(['switchedBy', `there is no device ${switchedBy} at ${gatewayId}`]);
  return [
    ...faults,
    ...placeFaults(
      order,
      beside.filter((other) => other.key !== key),
    ),
  ];
}

function placeFaults(order: DeviceOrder, others: readonly DeviceOrder[]): readonly FieldFault[] {
  const { connection, unit, profile } = order;
  if (connection === undefined) return [];
  const place = parseConnection(connection);
  if (!place.ok) return [['connection', place.say]];
  if (unit === undefined) return [['unit', 'is missing: the address at which the device answers on its connection']];
  if (place.value.kind !== 'tcp' && (unit < 1 || unit > 247))
    return [['unit', `${unit} is no unit of a serial line: 1 to 247`]];
  for (const other of others) {
    const its = other.connection === undefined ? undefined : parseConnection(other.connection);
    if (its?.ok !== true || wireOf(its.value) !== wireOf(place.value)) continue;
    if (JSON.stringify(its.value) !== JSON.stringify(place.value))
      return [
        [
          'connection',
          `is the port of ${other.deviceId} with other settings (${other.connection}): one setting a port`,
        ],
      ];
    if (other.unit === unit && (place.value.kind !== 'tcp' || other.profile === profile))
      return [['unit', `${unit} on ${connection} is ${other.deviceId} already`]];
  }
  return [];
}

function contractFaults(book: OrderBook, record: ContractRecord): readonly FieldFault[] {
  const misshapen = shapeFaults(contractShape, record);
  if (misshapen.length > 0) return misshapen;
  const { deviceKey, ratedPowerW, maxPowerW, commands = [], operators, fromDay, toDay } = record;
  const faults: FieldFault[] = [];
  if (!book.device.has(deviceKey))
    faults.push(['deviceKey', `there is no device ${deviceKey}: enter it first, or with this`]);
  const foreign = commands.find((kind) => !(commandKinds as readonly string[]).includes(kind));
  if (foreign !== undefined)
    faults.push(['commands', `'${foreign}' is no command; these are: ${commandKinds.join(', ')}`]);
  if (operators.includes(anybody) && operators.length > 1)
    faults.push(['operators', `'${anybody}' stands alone, or names do`]);
  for (const [field, day] of [
    ['fromDay', fromDay],
    ['toDay', toDay],
  ] as const)
    if (day !== undefined && !isDay(day)) faults.push([field, `${day} is no day of the calendar`]);
  if (toDay !== undefined && toDay < fromDay) faults.push(['toDay', `${toDay} is before ${fromDay}`]);
  if (maxPowerW !== undefined && ratedPowerW !== undefined && maxPowerW > ratedPowerW)
    faults.push(['maxPowerW', `${maxPowerW} W is above the rated ${ratedPowerW} W`]);
  return faults;
}

/** In a contract: whoever operates may command. */
export const anybody = 'any';

function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

function removalFaults(book: OrderBook, kind: EnteredKind, id: string): readonly BookFault[] {
  const held =
    kind === 'site'
      ? [...book.device.values()].filter(({ siteId }) => siteId === id).map(({ key }) => key)
      : kind === 'device'
        ? [...book.contract.values()].filter(({ deviceKey }) => deviceKey === id).map((each) => `contract ${each.id}`)
        : [];
  if (held.length === 0) return [];
  const say = `${id} still has ${held.slice(0, 3).join(', ')}${held.length > 3 ? ' and more' : ''}: remove those first`;
  return [{ kind, id, field: 'id', say }];
}
