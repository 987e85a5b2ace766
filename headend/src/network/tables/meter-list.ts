import type { Finding } from '../model/finding.ts';
import { nearestNames } from '../model/nearest-name.ts';
import type { Network, UsagePoint } from '../model/network.ts';
import type { TableImport } from './customer-map.ts';
import { tableLines } from './table-lines.ts';
import type { Columns } from './table-lines.ts';

type Column = 'meter' | 'service_point' | 'customer' | 'latitude' | 'longitude';

const columns: Columns<Column> = {
  meter: { names: ['meter_number', 'meter_id', 'serial_number'], required: true },
  service_point: { names: ['usage_point', 'service_point_id', 'premise', 'premise_id'] },
  customer: { names: ['customer_id', 'account', 'account_number'] },
  latitude: { names: ['lat'] },
  longitude: { names: ['lon', 'lng', 'long'] },
};

/** Which meter of the AMI stands at which service point, or at the one service point of which customer. */
export function importMeterList(file: string, text: string, network: Network): TableImport {
  const { lines, findings: faults } = tableLines(file, text, columns);
  const findings: Finding[] = [...faults];
  const puts = new Map<string, UsagePoint>();
  const meters = new Map<string, number>();
  const pointsOf = Map.groupBy(network.usagePoints.values(), ({ customer }) => customer ?? '');
  const holder = new Map(
    [...network.usagePoints.values()].flatMap((point) =>
      point.meter === undefined ? [] : [[point.meter, point] as const],
    ),
  );
  const nearest = nearestNames();
  for (const { line, cells } of lines) {
    const tell = (say: string): void =>
      void findings.push({
        severity: 'error',
        code: 'table',
        say: `${say}: the line is left out`,
        place: { file, line },
      });
    const meter = cells.meter ?? '';
    const before = meters.get(meter);
    meters.set(meter, before ?? line);
    if (before !== undefined) {
      tell(`meter ${meter} is in line ${before} already`);
      continue;
    }
    const point = pointFor({ network, pointsOf, nearest }, cells, tell);
    if (point === undefined) continue;
    const other = puts.get(point.id);
    if (other?.meter !== undefined) {
      tell(`service point ${point.id} has meter ${other.meter} by line ${other.from?.line ?? 0} already`);
      continue;
    }
    // A meter that is listed elsewhere now has been moved: it cannot be at both.
    const moved = holder.get(meter);
    if (moved !== undefined && moved.id !== point.id && !puts.has(moved.id)) {
      const { meter: _meter, ...rest } = moved;
      puts.set(moved.id, rest);
    }
    puts.set(point.id, { ...point, meter, ...positionOf(cells, tell), from: { file, line } });
  }
  return { changes: [...puts.values()].map((put) => ({ put })), findings };
}

type Cells = Partial<Record<Column, string>>;

function pointFor(
  {
    network,
    pointsOf,
    nearest,
  }: {
    network: Network;
    pointsOf: ReadonlyMap<string, UsagePoint[]>;
    nearest: ReturnType<typeof nearestNames>;
  },
  cells: Cells,
  tell: (say: string) => void,
): UsagePoint | undefined {
  if (cells.service_point !== undefined) {
    const found = network.usagePoints.get(cells.service_point);
    const near = found === undefined ? nearest(cells.service_point, network.usagePoints) : undefined;
    if (found === undefined)
      tell(`there is no service point ${cells.service_point}${near === undefined ? '' : ` (is ${near} meant?)`}`);
    return found;
  }
  if (cells.customer === undefined) {
    tell('says neither a service point nor a customer');
    return undefined;
  }
  const found = pointsOf.get(cells.customer) ?? [];
  if (found.length === 1) return found[0];
  tell(
    found.length === 0
      ? `customer ${cells.customer} has no service point`
      : `customer ${cells.customer} has ${found.length} service points: name one`,
  );
  return undefined;
}

function positionOf(
  { latitude, longitude }: Cells,
  tell: (say: string) => void,
): { position?: { x: number; y: number } } {
  if (latitude === undefined && longitude === undefined) return {};
  const [x, y] = [Number(longitude), Number(latitude)];
  if (Math.abs(x) <= 180 && Math.abs(y) <= 90) return { position: { x, y } };
  tell(`latitude '${latitude ?? ''}' and longitude '${longitude ?? ''}' are nowhere`);
  return {};
}
