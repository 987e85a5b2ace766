import type { ModbusSettings } from '../io/bus/bus.ts';
import { connectionOptions, hostAndPort, openForReading, wholeOption } from './connection-options.ts';
import { listOf, textOf } from './field-command.ts';
import type { ExitCode, FieldCommand, FieldValues } from './field-command.ts';
import { recogniseUnit, recognitionJson } from './recognition-report.ts';
import { hostRanges, scanHosts } from './scan/scan-hosts.ts';
import type { FoundHost, HostScan } from './scan/scan-hosts.ts';
import { scanLine } from './scan/scan-line.ts';
import type { FoundUnit, LineScan } from './scan/scan-line.ts';
import { numberRanges, settingsFor, settingText } from './scan/scan-plan.ts';
import type { LineSetting } from './scan/scan-plan.ts';
import type { Question } from './scan/unit-probe.ts';
import { columns, paint } from './terminal.ts';
import type { Terminal } from './terminal.ts';

const { port, 'rtu-tcp': rtuTcp } = connectionOptions;

export const scan: FieldCommand = {
  name: 'scan',
  summary: 'who answers on a serial line or on a range of TCP addresses; never writes',
  usage: '--port PATH | --rtu-tcp HOST:PORT | --tcp RANGE',
  examples: [
    'tiepoint-agent scan --port /dev/ttyUSB0                          every likely setting',
    'tiepoint-agent scan --port /dev/ttyUSB0 --baud 9600,19200 --units 1-32',
    'tiepoint-agent scan --tcp 192.0.2.10-40,192.0.2.128/28 --tcp-port 502,1502',
  ],
  options: {
    port,
    'rtu-tcp': rtuTcp,
    tcp: {
      type: 'string',
      multiple: true,
      placeholder: 'RANGE',
      help: 'addresses, as 192.0.2.10-20 or 192.0.2.0/28; nothing else is tried',
    },
    'tcp-port': { type: 'string', placeholder: 'LIST', help: 'TCP ports to try (502)' },
    baud: {
      ...connectionOptions.baud,
      placeholder: 'LIST',
      help: 'baud rates to try, most likely first (all usual ones)',
    },
    parity: { type: 'string', help: 'parities to try (even,none)', values: ['even', 'none', 'odd'] },
    'stop-bits': connectionOptions['stop-bits'],
    units: {
      type: 'string',
      short: 'u',
      placeholder: 'LIST',
      help: 'unit numbers, as 1-32,100 (1-247; on TCP the likely ones, all behind a gateway)',
    },
    wait: {
      type: 'string',
      placeholder: 'MS',
      help: 'how long a unit may take to begin its answer, beside the time on the wire (100; on TCP 1000)',
    },
    thorough: {
      type: 'boolean',
      help: 'ask who is silent in three more ways, and every setting although one answered: four times as long',
    },
    'no-identify': { type: 'boolean', help: 'do not find out what the found units are' },
  },
  async run({ values }, terminal) {
    const isTcp = textOf(values, 'tcp') !== undefined;
    const ways = ['port', 'rtu-tcp', 'tcp'].filter((name) => textOf(values, name) !== undefined);
    if (ways.length !== 1)
      return refuse(
        terminal,
        'Where? One, and only one, of --port PATH, --rtu-tcp HOST:PORT, --tcp RANGE. `tiepoint-agent ports` lists the ports.',
      );
    const waitMs = wholeOption(values, 'wait', 5, 10_000);
    if (!waitMs.ok) return refuse(terminal, waitMs.say);
    const least = isTcp ? 0 : 1;
    const most = isTcp ? 255 : 247;
    const unitsText = textOf(values, 'units');
    const units = unitsText === undefined ? undefined : numberRanges(unitsText, least, most);
    if (unitsText !== undefined && units === undefined)
      return refuse(
        terminal,
        `--units ${unitsText}: is no list such as ${least}-20,100 of numbers from ${least} to ${most}.`,
      );
    const common = { values, units, questions: questionsFor(values), terminal };
    return isTcp
      ? tcpScan({ ...common, waitMs: waitMs.value ?? 1_000 })
      : lineScan({ ...common, waitMs: waitMs.value ?? 100 });
  },
};

type Asked = {
  readonly values: FieldValues;
  readonly units: readonly number[] | undefined;
  readonly questions: readonly Question[];
  readonly terminal: Terminal;
  readonly waitMs: number;
};

/** Two registers at once, for devices that give whole 32-bit values only. Every device must at least refuse. */
function questionsFor(values: FieldValues): readonly Question[] {
  const first: Question = { table: 'holding', address: 0, quantity: 2 };
  if (values['thorough'] !== true) return [first];
  return [
    first,
    { table: 'input', address: 0, quantity: 2 },
    { table: 'coil', address: 0, quantity: 1 },
    { table: 'holding', address: 40_000, quantity: 2 },
  ];
}

async function lineScan({ values, units, questions, terminal, waitMs }: Asked): Promise<ExitCode> {
  const line = lineOf(values);
  if (!line.ok) return refuse(terminal, line.say);
  const scanned = await scanLine({
    settings: line.settings,
    units: units ?? Array.from({ length: 247 }, (_, at) => at + 1),
    everySetting: values['thorough'] === true,
    busAt: line.busAt,
    questions,
    marginMs: waitMs,
    deps: { nowMs: () => performance.now() },
    signal: terminal.signal,
    onFound: (found) => {
      if (!terminal.json) terminal.print(`${paint(terminal, 'green', 'found')} ${unitLine(found)}`);
    },
    onProgress: ({ setting, unit, found, remainingMs }) =>
      terminal.progress(`${settingText(setting)}: unit ${unit}, ${found} found, ${duration(remainingMs)} left`),
  });
  if (!scanned.ok) {
    terminal.progress(undefined);
    terminal.complain(scanned.say);
    return 1;
  }
  const names = new Map<FoundUnit, object>();
  if (values['no-identify'] !== true) {
    for (const found of scanned.found) names.set(found, await named(line.busAt(found.setting), found.unit, terminal));
  }
  terminal.progress(undefined);
  showLine(line, scanned, names, terminal);
  if (!terminal.json && scanned.found.length === 0 && scanned.complete)
    terminal.print(
      `Nobody answered. Power, A and B swapped, termination? A unit slower than ${waitMs} ms is missed: try --wait 500; one that is silent to what it does not know: --thorough.`,
    );
  return terminal.signal.aborted ? 130 : scanned.found.length > 0 && scanned.complete ? 0 : 1;
}

function showLine(
  line: Line & { ok: true },
  { found, asked, tookMs, complete, remarks }: LineScan,
  names: ReadonlyMap<FoundUnit, object>,
  terminal: Terminal,
): void {
  const { kind, where } = line;
  if (terminal.json) {
    const told = found.map((unit) => {
      const { setting, roundTripMs, ...one } = unit;
      const tripMs = roundTripMs === undefined ? {} : { roundTripMs: Math.round(roundTripMs) };
      return { ...setting, ...one, ...tripMs, ...names.get(unit) };
    });
    return terminal.print(
      JSON.stringify({ kind, where, found: told, asked, tookMs: Math.round(tookMs), complete, remarks }),
    );
  }
  for (const one of found) {
    const { baudRate, parity } = one.setting;
    const next = `${kind === 'serial' ? '--port' : '--rtu-tcp'} ${where} --baud ${baudRate} --parity ${parity} --unit ${one.unit}`;
    terminal.print(sayOf(names.get(one), `unit ${one.unit}`, terminal));
    terminal.print(paint(terminal, 'dim', `  tiepoint-agent identify ${next}`));
  }
  for (const remark of remarks) terminal.print(paint(terminal, 'yellow', remark));
  const end = complete ? '' : '; not complete';
  terminal.print(`${found.length} found, ${asked} questions in ${duration(tookMs)}${end}`);
}

async function tcpScan({ values, units, questions, terminal, waitMs }: Asked): Promise<ExitCode> {
  const rangeText = listOf(values, 'tcp').join(',');
  const hosts = hostRanges(rangeText);
  if (hosts === undefined)
    return refuse(
      terminal,
      `--tcp ${rangeText}: is no range such as 192.0.2.10-20 or 192.0.2.0/28 of at most 1024 addresses, nor a name. Ports go into --tcp-port.`,
    );
  const portsText = textOf(values, 'tcp-port') ?? '502';
  const ports = numberRanges(portsText, 1, 65_535);
  if (ports === undefined || ports.length > 64)
    return refuse(terminal, `--tcp-port ${portsText}: is no list such as 502,1502 of at most 64 ports.`);
  const scanned = await scanHosts({
    targets: hosts.flatMap((host) => ports.map((each) => ({ host, port: each }))),
    units,
    questions,
    connectMs: connectMs,
    marginMs: waitMs,
    deps: { nowMs: () => performance.now() },
    signal: terminal.signal,
    onFound: (host, hostPort, unit) => {
      if (!terminal.json) terminal.print(`${paint(terminal, 'green', 'found')} ${host}:${hostPort} unit ${unit}`);
    },
    onProgress: ({ tried, targets, open, remainingMs, asking }) => {
      const now =
        asking === undefined ? '' : `; ${asking.host}:${asking.port} unit ${asking.unit}, ${asking.left} to ask`;
      terminal.progress(`${tried} of ${targets} addresses tried, ${open} open${now}, ${duration(remainingMs)} left`);
    },
  });
  const found = scanned.hosts.flatMap((host) =>
    host.units.map(({ roundTripMs, ...unit }) => ({
      ...unit,
      ...(roundTripMs === undefined ? {} : { roundTripMs: Math.round(roundTripMs) }),
      host: host.host,
      port: host.port,
    })),
  );
  const names = new Map<UnitAt, object>();
  if (values['no-identify'] !== true) {
    for (const one of found)
      names.set(
        one,
        await named(
          { name: `${one.host}:${one.port}`, kind: 'tcp', host: one.host, port: one.port },
          one.unit,
          terminal,
        ),
      );
  }
  terminal.progress(undefined);
  showHosts(scanned, found, names, terminal);
  return terminal.signal.aborted ? 130 : found.length > 0 && scanned.complete ? 0 : 1;
}

type UnitAt = { readonly unit: number; readonly host: string; readonly port: number };

function showHosts(
  scanned: HostScan,
  found: readonly UnitAt[],
  names: ReadonlyMap<UnitAt, object>,
  terminal: Terminal,
): void {
  const { tried, tookMs, complete } = scanned;
  if (terminal.json) {
    const openPorts = scanned.hosts.map(({ units: answering, ...rest }) => ({
      ...rest,
      units: answering.map(({ unit }) => unit),
    }));
    const withNames = found.map((one) => ({ ...one, ...names.get(one) }));
    terminal.print(
      JSON.stringify({ kind: 'tcp', found: withNames, open: openPorts, tried, tookMs: Math.round(tookMs), complete }),
    );
  } else {
    for (const one of found)
      terminal.print(sayOf(names.get(one), `${one.host}:${one.port} unit ${one.unit}`, terminal));
    for (const line of columns(scanned.hosts.map((host) => [`${host.host}:${host.port}`, hostLine(host)])))
      terminal.print(line);
    if (scanned.hosts.length === 0) for (const line of closedLines(scanned.closed)) terminal.print(line);
    terminal.print(
      `${found.length} found at ${tried} ${tried === 1 ? 'address' : 'addresses'} in ${duration(tookMs)}${complete ? '' : '; not complete'}`,
    );
  }
}

/** Why nobody was found: a line for each reason, with how many addresses have it. */
function closedLines(closed: HostScan['closed']): readonly string[] {
  const reasonOf = ({ host, port, say }: HostScan['closed'][number]): string => say.replace(`${host}:${port}: `, '');
  return [...Map.groupBy(closed, reasonOf)].map(([reason, those]) => {
    const [first] = those;
    return those.length === 1 ? `${first?.host}:${first?.port}: ${reason}` : `${those.length} addresses: ${reason}`;
  });
}

function hostLine({ units, anyUnit, gateway, say }: FoundHost): string {
  const whole = anyUnit
    ? 'one device, which answers to every unit number'
    : `${gateway ? 'a gateway; ' : ''}${units.length === 0 ? 'open, but no unit answered' : `units ${units.map(({ unit }) => unit).join(', ')}`}`;
  return say === undefined ? whole : `${whole}; ${say}`;
}

/** What a found unit is, read over a bus of its own. A failure is told in its place. */
async function named(settings: ModbusSettings, unit: number, terminal: Terminal): Promise<object> {
  if (terminal.signal.aborted) return {};
  terminal.progress(`unit ${unit}: what is it?`);
  const opened = await openForReading({ bus: settings });
  if (!opened.ok) return { say: opened.say };
  const stop = (): void => void opened.value.stop();
  terminal.signal.addEventListener('abort', stop);
  const recognised = await recogniseUnit({ bus: opened.value, unit, signal: terminal.signal, kind: settings.kind });
  terminal.signal.removeEventListener('abort', stop);
  await opened.value.stop();
  return recognised.ok ? recognitionJson(recognised.value) : { say: recognised.say };
}

function sayOf(recognised: object | undefined, what: string, terminal: Terminal): string {
  const say = recognised !== undefined && 'say' in recognised ? `: ${String(recognised.say)}` : '';
  return `${paint(terminal, 'bold', what)}${say}`;
}

function unitLine({ unit, setting, roundTripMs, exceptionCode, late, overheard }: FoundUnit): string {
  const how = late
    ? 'late'
    : overheard
      ? 'overheard'
      : `in ${Math.round(roundTripMs ?? 0)} ms${exceptionCode === undefined ? '' : `, by exception ${exceptionCode}, which is an answer, too`}`;
  return `unit ${unit} at ${settingText(setting)}, ${how}`;
}

type Line =
  | {
      ok: true;
      kind: 'serial' | 'rtu-over-tcp';
      where: string;
      settings: readonly LineSetting[];
      busAt: (setting: LineSetting) => ModbusSettings;
    }
  | { ok: false; say: string };

function lineOf(values: FieldValues): Line {
  const bauds = listOf(values, 'baud').map(Number);
  const wrongBaud = bauds.find((rate) => !(Number.isInteger(rate) && rate >= 300 && rate <= 1_000_000));
  if (wrongBaud !== undefined)
    return { ok: false, say: `--baud: ${listOf(values, 'baud').join(',')} is no list of baud rates.` };
  const parities = listOf(values, 'parity');
  const known = parities.filter(
    (each): each is LineSetting['parity'] => each === 'even' || each === 'odd' || each === 'none',
  );
  if (known.length < parities.length)
    return { ok: false, say: `--parity ${parities.join(',')}: must be even, odd or none.` };
  const stopBits = textOf(values, 'stop-bits') ?? '1';
  if (stopBits !== '1' && stopBits !== '2') return { ok: false, say: `--stop-bits ${stopBits}: is 1 or 2.` };
  const path = textOf(values, 'port');
  if (path !== undefined) {
    const settings = settingsFor(
      bauds.length > 0 ? bauds : undefined,
      known.length > 0 ? known : undefined,
      stopBits === '1' ? 1 : 2,
    );
    return {
      ok: true,
      kind: 'serial',
      where: path,
      settings,
      busAt: (setting) => ({ name: path, kind: 'rtu', path, ...setting }),
    };
  }
  const where = textOf(values, 'rtu-tcp') ?? '';
  const address = hostAndPort(where);
  if (!address.ok) return address;
  // The serial server has its own setting; only the time on the wire depends on what is told here.
  const settings = settingsFor(
    bauds.length > 0 ? bauds.slice(0, 1) : [9600],
    known.length > 0 ? known.slice(0, 1) : ['even'],
  );
  const { host, port: tcpPort } = address.value;
  return {
    ok: true,
    kind: 'rtu-over-tcp',
    where,
    settings,
    busAt: ({ baudRate }) => ({ name: where, kind: 'rtu-over-tcp', host, port: tcpPort, baudRate }),
  };
}

function refuse(terminal: Terminal, say: string): ExitCode {
  terminal.complain(say);
  return 2;
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** A host that is there accepts at once; one that is not says nothing. */
const connectMs = 1_500;
