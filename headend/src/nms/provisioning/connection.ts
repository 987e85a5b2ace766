import type { Result } from '@tiepoint/protocol';

/** Where a device hangs, in the words of the agent's configuration. */
export type BusPlace =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'rtu-over-tcp'; readonly host: string; readonly port: number; readonly baudRate: number }
  | {
      readonly kind: 'rtu';
      readonly path: string;
      readonly baudRate: number;
      readonly dataBits: 7 | 8;
      readonly parity: 'none' | 'even' | 'odd';
      readonly stopBits: 1 | 2;
    };

const rates = [1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200];
const parities = { N: 'none', E: 'even', O: 'odd' } as const;
const forms = 'tcp HOST[:PORT], rtu-tcp HOST:PORT [BAUD], or rtu PATH BAUD 8E1';

/** Reads `tcp 192.0.2.7:502`, `rtu-tcp 192.0.2.7:4001 9600` or `rtu /dev/ttyUSB0 9600 8E1`. */
export function parseConnection(text: string): Result<BusPlace, 'invalid'> {
  const [kind = '', place = '', ...rest] = text.trim().split(/\s+/);
  switch (kind.toLowerCase()) {
    case 'tcp':
      return rest.length > 0 ? unread(text) : withAddress(place, 502, (at) => ({ kind: 'tcp', ...at }));
    case 'rtu-tcp':
    case 'rtu-over-tcp': {
      const baudRate = baudOf(rest[0] ?? '9600');
      if (rest.length > 1) return unread(text);
      return typeof baudRate === 'string'
        ? invalid(baudRate)
        : withAddress(place, undefined, (at) => ({ kind: 'rtu-over-tcp', ...at, baudRate }));
    }
    case 'rtu':
      return rest.length > 2 || place === '' ? unread(text) : serial(place, rest[0] ?? '', rest[1] ?? '8E1');
    default:
      return unread(text);
  }
}

/** The same wire, so that devices there share one bus: for TCP the address, for a serial line the port. */
export function wireOf(place: BusPlace): string {
  return place.kind === 'rtu' ? `rtu ${place.path}` : `${place.kind} ${place.host}:${place.port}`;
}

function serial(path: string, baud: string, format: string): Result<BusPlace, 'invalid'> {
  const baudRate = baudOf(baud);
  if (typeof baudRate === 'string') return invalid(baudRate);
  const read = /^([78])([NEO])([12])$/.exec(format.toUpperCase());
  if (read === null) return invalid(`${format} is no serial format such as 8E1, 8N1 or 7E1`);
  const [, bits, parity, stops] = read;
  return {
    ok: true,
    value: {
      kind: 'rtu',
      path,
      baudRate,
      dataBits: bits === '7' ? 7 : 8,
      parity: parities[parity as keyof typeof parities],
      stopBits: stops === '2' ? 2 : 1,
    },
  };
}

function withAddress(
  text: string,
  defaultPort: number | undefined,
  make: (at: { host: string; port: number }) => BusPlace,
): Result<BusPlace, 'invalid'> {
  const read = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(text);
  const host = read?.[1]?.replace(/^\[|\]$/g, '');
  const port = read?.[2] === undefined ? defaultPort : Number(read[2]);
  if (host === undefined || host === '') return invalid(`'${text}' is no host, or HOST:PORT`);
  if (port === undefined) return invalid(`'${text}' names no port: HOST:PORT`);
  return port < 1 || port > 65_535
    ? invalid(`${port} is no port: 1 to 65535`)
    : { ok: true, value: make({ host, port }) };
}

function baudOf(text: string): number | string {
  const rate = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (rates.includes(rate)) return rate;
  return `'${text}' is no standard baud rate: ${rates.join(', ')}`;
}

function unread(text: string): Result<BusPlace, 'invalid'> {
  return invalid(`'${text}' is no connection: ${forms}`);
}

function invalid(say: string): Result<BusPlace, 'invalid'> {
  return { ok: false, reason: 'invalid', say };
}
