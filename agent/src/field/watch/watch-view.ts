import { columns, paint, wrapped } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import type { BusRates } from './bus-rates.ts';
import type { PointValue, PointView, RawSource } from './point-view.ts';
import type { RoundTripFigures } from './round-trips.ts';

/** One device as it was seen at one look. */
export type DeviceView = {
  readonly id: string;
  readonly unit: number;
  /** Since 1970. */
  readonly atMs: number;
  readonly identity?: string;
  /** Why the last look failed. */
  readonly trouble?: string;
  readonly points: readonly PointView[];
  readonly bus: BusRates & { readonly where: string; readonly roundTrips?: RoundTripFigures };
};

type Paints = Pick<Terminal, 'colour'>;

/** The live table: a header for each device, and a line for each point. `raw` shows the words as they were read. */
export function tableOf(
  devices: readonly DeviceView[],
  { raw, paints, width }: { raw: boolean; paints: Paints; width: number },
): string[] {
  return devices.flatMap((device) => [
    // Rows are cut at the edge of the screen; what is wrong is read to its end.
    ...headOf(device, paints).flatMap((line) => wrapped(line, width)),
    ...columns(device.points.map((point) => rowOf(point, raw, paints))),
    '',
  ]);
}

function headOf({ id, unit, identity, trouble, bus }: DeviceView, paints: Paints): string[] {
  const name = [`unit ${unit}`, ...(identity === undefined ? [] : [identity])].join(', ');
  const lines = [
    `${paint(paints, 'bold', id)}  ${name}`,
    `  ${paint(paints, 'dim', bus.where)}`,
    `  ${busWords(bus, paints)}`,
  ];
  if (trouble !== undefined) lines.push(paint(paints, 'red', `  ${trouble}`));
  return lines;
}

function busWords(
  { connected, transactionsPerS, errorsPerS, errors, reconnects, roundTrips }: DeviceView['bus'],
  paints: Paints,
): string {
  const trips =
    roundTrips === undefined ? '' : `, round trip ${ms(roundTrips.p50Ms)} (at most ${ms(roundTrips.maxMs)})`;
  const wrong = `${errorsPerS.toFixed(1)} errors/s (${errors} so far)`;
  const again = reconnects === 0 ? '' : `, opened again ${reconnects}×`;
  const port = connected ? '' : `${paint(paints, 'red', 'port lost')}, `;
  return `${port}${transactionsPerS.toFixed(1)} transactions/s, ${errorsPerS > 0 ? paint(paints, 'yellow', wrong) : wrong}${trips}${again}`;
}

function rowOf(point: PointView, raw: boolean, paints: Paints): string[] {
  const mark = point.changed ? paint(paints, 'green', '*') : ' ';
  const value = valueText(point.value);
  const shown = point.quality === 'good' ? value : paint(paints, 'dim', value);
  return [
    `${mark} ${point.name}`,
    point.changed ? paint(paints, 'green', shown) : shown,
    point.unit ?? '',
    qualityText(point, paints),
    ...(raw ? [point.raw.map(rawText).join('  ')] : []),
  ];
}

function qualityText({ quality, ageMs }: PointView, paints: Paints): string {
  const age = ageMs === undefined ? '' : `${(ageMs / 1000).toFixed(1)} s`;
  switch (quality) {
    case 'good':
      return age;
    case 'old':
      return paint(paints, 'yellow', `old, ${age}`);
    case 'no-value':
      return paint(paints, 'yellow', 'no value');
    case 'unread':
      return paint(paints, 'red', 'not read');
  }
}

export function valueText(value: PointValue | undefined): string {
  if (value === undefined) return '–';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(7)));
  return typeof value === 'string' ? value : value.length === 0 ? 'none' : value.join(' ');
}

export function rawText({ table, address, words }: RawSource): string {
  const held = words === undefined ? 'not read' : words.map((word) => word.toString(16).padStart(4, '0')).join(' ');
  return `${table} ${address}: ${held}`;
}

const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

/** One line a look, for pipes and logs. */
export function lineOf(device: DeviceView, { raw }: { raw: boolean }): string {
  const { id, atMs, trouble, points, bus } = device;
  const shown = points.map((point) => {
    const words = raw ? `[${point.raw.map(rawText).join('; ')}]` : '';
    const doubt = point.quality === 'good' ? '' : `(${point.quality})`;
    const unit = point.value === undefined || point.unit === undefined ? '' : ` ${point.unit}`;
    return `${point.changed ? '*' : ''}${point.name}=${valueText(point.value)}${unit}${doubt}${words}`;
  });
  const parts = [
    new Date(atMs).toISOString(),
    id,
    ...(trouble === undefined ? [] : [`TROUBLE: ${trouble}`]),
    ...shown,
    busWords(bus, { colour: false }),
  ];
  return parts.join('  ');
}

/** The shape of a line of `watch --json`. */
export function jsonOf(device: DeviceView, { raw }: { raw: boolean }): object {
  const { id, unit, atMs, identity, trouble, points, bus } = device;
  const { roundTrips, ...rates } = bus;
  return {
    at: new Date(atMs).toISOString(),
    device: id,
    unit,
    ...(identity === undefined ? {} : { identity }),
    ok: trouble === undefined,
    ...(trouble === undefined ? {} : { trouble }),
    bus: { ...rates, ...(roundTrips === undefined ? {} : { roundTrips }) },
    points: Object.fromEntries(
      points.map(({ name, value, unit: pointUnit, quality, ageMs, raw: sources, changed }) => [
        name,
        {
          ...(value === undefined ? {} : { value }),
          ...(pointUnit === undefined ? {} : { unit: pointUnit }),
          quality,
          ...(ageMs === undefined ? {} : { ageMs: Math.round(ageMs) }),
          changed,
          ...(raw ? { raw: sources } : {}),
        },
      ]),
    ),
  };
}
