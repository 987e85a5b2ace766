import { isIP } from 'node:net';
import type { BusDeps } from '../../io/bus/bus.ts';
import { UnitProbe } from './unit-probe.ts';
import type { Question } from './unit-probe.ts';

/** A Modbus TCP port that accepted a connection, and the units that answered behind it. */
export type FoundHost = {
  readonly host: string;
  readonly port: number;
  readonly units: readonly { readonly unit: number; readonly roundTripMs?: number; readonly exceptionCode?: number }[];
  /** It answers whatever the number: one device, which does not look at it. `units` then names one of them. */
  readonly anyUnit: boolean;
  /** It said for other numbers that nobody is there: a gateway with a line behind it. */
  readonly gateway: boolean;
  /** Why it was not asked to the end. */
  readonly say?: string;
};

export type HostScan = {
  readonly hosts: readonly FoundHost[];
  /** Where no connection came about, and why. */
  readonly closed: readonly { readonly host: string; readonly port: number; readonly say: string }[];
  /** Addresses that were tried. */
  readonly tried: number;
  readonly tookMs: number;
  readonly complete: boolean;
};

export type HostScanOptions = {
  readonly targets: readonly { readonly host: string; readonly port: number }[];
  /** Without units: the likely ones, and all of them behind a gateway. */
  readonly units: readonly number[] | undefined;
  readonly questions: readonly Question[];
  readonly connectMs: number;
  readonly marginMs: number;
  readonly deps: BusDeps;
  readonly signal: AbortSignal;
  readonly onFound: (host: string, port: number, unit: number) => void;
  readonly onProgress: (progress: HostProgress) => void;
};

/** `asking`: a unit of one of the open addresses, and how many it still has. `remainingMs`: where nobody else answers. */
export type HostProgress = {
  readonly tried: number;
  readonly targets: number;
  readonly open: number;
  readonly remainingMs: number;
  readonly asking?: { readonly host: string; readonly port: number; readonly unit: number; readonly left: number };
};

type Target = HostScanOptions['targets'][number];

/**
 * Tries TCP ports, sixteen at a time, and asks units at those that open, one at a time each. Never writes. What a gateway says on
 * behalf of a unit that is not there (exceptions 10 and 11) is no answer of a unit.
 */
export async function scanHosts(options: HostScanOptions): Promise<HostScan> {
  const { targets, deps, signal, connectMs, questions, marginMs } = options;
  const beganMs = deps.nowMs();
  const waiting = [...targets];
  const hosts: FoundHost[] = [];
  const closed: HostScan['closed'][number][] = [];
  const unitsLeft = new Map<Target, number>();
  let tried = 0;
  const tell = (asking?: HostProgress['asking']): void => {
    const connectingMs = Math.ceil((waiting.length + 1) / atOnce) * connectMs;
    const askingMs = Math.max(0, ...unitsLeft.values()) * questions.length * marginMs;
    const remainingMs = waiting.length === 0 && unitsLeft.size > 0 ? askingMs : connectingMs + askingMs;
    const open = hosts.length + unitsLeft.size;
    options.onProgress({
      tried,
      targets: targets.length,
      open,
      remainingMs,
      ...(asking === undefined ? {} : { asking }),
    });
  };
  const work = async (): Promise<void> => {
    for (let target = waiting.shift(); target !== undefined && !signal.aborted; target = waiting.shift()) {
      tell();
      const at = target;
      const found = await scanHost(at, options, (unit, left) => {
        unitsLeft.set(at, left);
        tell({ ...at, unit, left });
      });
      unitsLeft.delete(at);
      tried++;
      if (typeof found === 'string') closed.push({ ...at, say: found });
      else hosts.push(found);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, targets.length) }, work));
  const place = new Map(targets.map((target, at) => [target, at]));
  const placeOf = ({ host, port }: FoundHost): number =>
    place.get(targets.find((target) => target.host === host && target.port === port) ?? targets[0]!) ?? 0;
  return {
    hosts: hosts.toSorted((a, b) => placeOf(a) - placeOf(b)),
    closed,
    tried,
    tookMs: deps.nowMs() - beganMs,
    complete: !signal.aborted,
  };
}

/** Why there is no connection, where there is none. */
async function scanHost(
  { host, port }: Target,
  { units, questions, connectMs, marginMs, deps, signal, onFound }: HostScanOptions,
  onUnit: (unit: number, left: number) => void,
): Promise<FoundHost | string> {
  const answered = new Map<number, { unit: number; roundTripMs?: number; exceptionCode?: number }>();
  const overheard = (unit: number, functionCode: number): void => {
    // A late refusal may be the gateway's own; a late value is the unit's.
    if (functionCode < 0x80 && !answered.has(unit)) answered.set(unit, { unit });
  };
  const probe = new UnitProbe(
    { name: `${host}:${port}`, kind: 'tcp', host, port },
    { ...deps, onOverheard: overheard },
  );
  const onAbort = (): void => void probe.close();
  signal.addEventListener('abort', onAbort);
  try {
    const opened = await probe.open(connectMs);
    if (!opened.ok) return opened.say;
    let gateway = false;
    let asked = 0;
    const queue = [...(units ?? likelyUnits)];
    let say: string | undefined;
    for (let unit = queue.shift(); unit !== undefined && !signal.aborted; unit = queue.shift()) {
      asked++;
      onUnit(unit, queue.length + 1);
      const heard = await askAll(probe, unit, questions, marginMs);
      if (signal.aborted) {
        say = `asked no further than unit ${unit}`;
        break;
      }
      if (heard === 'lost') {
        say = `the connection was closed at unit ${unit}${asked === 1 ? ': this may be no Modbus device' : ''}`;
        break;
      }
      if (heard === 'nobody' && !gateway) {
        gateway = true;
        if (units === undefined) queue.push(...range(1, 247).filter((each) => !likelyUnits.includes(each)));
      }
      if (typeof heard !== 'object') continue;
      answered.set(unit, { unit, ...heard });
      onFound(host, port, unit);
      // Nobody puts devices on all the numbers that were asked so far: this one does not look at the number.
      if (units === undefined && asked === answered.size && asked >= sureAfter) break;
    }
    const anyUnit = units === undefined && answered.size >= sureAfter && answered.size === asked;
    const all = [...answered.values()].toSorted((a, b) => a.unit - b.unit);
    const chosen = anyUnit ? all.filter(({ unit }) => unit === 1) : all;
    return { host, port, units: chosen, anyUnit, gateway, ...(say === undefined ? {} : { say }) };
  } finally {
    signal.removeEventListener('abort', onAbort);
    await probe.close();
  }
}

async function askAll(
  probe: UnitProbe,
  unit: number,
  questions: readonly Question[],
  marginMs: number,
): Promise<'lost' | 'nobody' | 'silent' | { roundTripMs: number; exceptionCode?: number }> {
  for (const question of questions) {
    const heard = await probe.ask(unit, question, marginMs);
    if (heard.kind === 'lost' || heard.kind === 'stopped') return 'lost';
    if (heard.kind !== 'answer') continue;
    if (heard.exceptionCode === 10 || heard.exceptionCode === 11) return 'nobody';
    const { roundTripMs, exceptionCode } = heard;
    return { roundTripMs, ...(exceptionCode === undefined ? {} : { exceptionCode }) };
  }
  return 'silent';
}

/**
 * 192.0.2.10, 192.0.2.10-20, 192.0.2.0/28 or a name, with commas between. `undefined` for what is none of these or is more than
 * 1024 addresses.
 */
export function hostRanges(text: string): readonly string[] | undefined {
  const hosts = new Set<string>();
  for (const part of text.split(',').map((each) => each.trim())) {
    const added = hostRange(part);
    if (added === undefined) return undefined;
    for (const host of added) hosts.add(host);
    if (hosts.size > mostHosts) return undefined;
  }
  return [...hosts];
}

function hostRange(part: string): readonly string[] | undefined {
  const span = /^(\d+\.\d+\.\d+)\.(\d+)-(?:\1\.)?(\d+)$/.exec(part);
  if (span !== null) {
    const [from, to] = [Number(span[2]), Number(span[3])];
    const fits = isAddress(`${span[1]}.${from}`) && to <= 255 && from <= to;
    return fits ? range(from, to).map((last) => `${span[1]}.${last}`) : undefined;
  }
  const net = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(part);
  if (net !== null) {
    const [address = '', bits] = [net[1], Number(net[2])];
    if (!isAddress(address) || bits > 32 || 2 ** (32 - bits) > mostHosts) return undefined;
    const size = 2 ** (32 - bits);
    const number = address.split('.').reduce((sum, each) => sum * 256 + Number(each), 0);
    const first = Math.floor(number / size) * size;
    // Network and broadcast address are no hosts, but where the net is too small to have them.
    return (size > 2 ? range(first + 1, first + size - 2) : range(first, first + size - 1)).map(dotted);
  }
  if (/^\d+(\.\d+)*$/.test(part)) return isAddress(part) ? [part] : undefined;
  // A range that is none of the above, or HOST:PORT, would else be looked up as a name, and nothing be found.
  if (/^[\d.-]+$/.test(part)) return undefined;
  if (part.includes(':')) return isIP(part) === 6 ? [part] : undefined;
  return /^[\w.%-]+$/.test(part) ? [part] : undefined;
}

const isAddress = (text: string): boolean =>
  text.split('.').length === 4 && text.split('.').every((each) => Number(each) <= 255);
const dotted = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);

const atOnce = 16;
const sureAfter = 5;
const mostHosts = 1024;
/** Single devices answer to one of these; a gateway's first reply of "nobody there" makes the scan ask all. */
const likelyUnits: readonly number[] = [1, 255, 126, 2, 247, 3, 100, 0, 4, 5, 10];
