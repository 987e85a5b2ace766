import type { ContractRecord, DeviceOrder, SiteRecord } from '../../store/provisioning-store.ts';
import { columns } from './csv-columns.ts';
import type { OrderBook } from './order-book.ts';

/** All that is entered as one file, which read again changes nothing. One line a contract, a device without one, or a site alone. */
export function writeExport({ site, device, contract }: OrderBook): string {
  const devicesAt = Map.groupBy(device.values(), ({ siteId }) => siteId);
  const contractsOf = Map.groupBy(contract.values(), ({ deviceKey }) => deviceKey);
  const lines = byName(site.values(), ({ id }) => id).flatMap((place) => {
    const devices = byName(devicesAt.get(place.id) ?? [], ({ key }) => key);
    if (devices.length === 0) return [lineOf({ site: place })];
    return devices.flatMap((each) => {
      const contracts = byName(contractsOf.get(each.key) ?? [], ({ id }) => id);
      return contracts.length === 0
        ? [lineOf({ site: place, device: each })]
        : contracts.map((one) => lineOf({ site: place, device: each, contract: one }));
    });
  });
  return `${[columns.map(({ name }) => name).join(','), ...lines].join('\r\n')}\r\n`;
}

function lineOf(records: { site: SiteRecord; device?: DeviceOrder; contract?: ContractRecord }): string {
  return columns
    .map((column) => {
      const value = (records[column.of] as Readonly<Record<string, unknown>> | undefined)?.[column.field];
      return value === undefined ? '' : quoted(column.write(value));
    })
    .join(',');
}

function quoted(cell: string): string {
  return /[",;\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function byName<T>(records: Iterable<T>, name: (record: T) => string): readonly T[] {
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...records].toSorted((a, b) => compare(name(a), name(b)));
}
