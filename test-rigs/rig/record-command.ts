import { writeFile } from 'node:fs/promises';
import {
  connectionOf,
  connectionOptions,
  openForReading,
  profileOption,
  wholeOption,
  type Connection,
} from '@tiepoint/agent/field/connection-options.ts';
import {
  listOf,
  textOf,
  type ExitCode,
  type FieldCommand,
  type FieldInput,
} from '@tiepoint/agent/field/field-command.ts';
import type { Terminal } from '@tiepoint/agent/field/terminal.ts';
import type { ReadBus } from '@tiepoint/agent/io/bus/bus.ts';
import { formatImage } from '../devices/image-file.ts';
import type { RegisterImage } from '../devices/register-image.ts';
import { readRange, type RegisterRange } from '../devices/register-range.ts';
import { joined, rangesOfProfile, record } from './recording.ts';
import { formatFrame } from './series-file.ts';

const { config: _config, device: _device, ...where } = connectionOptions;

/** Records a real device into an image, or a series of images. Nothing is ever written: the bus is opened for reading alone. */
export const recordCommand: FieldCommand = {
  name: 'record',
  summary: 'records the registers of a real device into a file, for `tiepoint-rig emulate --image`; never writes to it',
  usage: '--tcp HOST[:PORT]|--port PATH --unit N --profile NAME|--ranges RANGE,… --out FILE',
  examples: [
    'tiepoint-rig record --tcp 192.168.1.20 --unit 1 --profile sunspec-inverter --out pv.hex',
    'tiepoint-rig record --port /dev/ttyUSB0 --baud 9600 --unit 3 --ranges holding:40000-40200,input:0-79 --out meter.hex',
    'tiepoint-rig record --tcp 192.168.1.20 --profile sunspec-inverter --every 5 --for 600 --out pv.series',
  ],
  options: {
    ...where,
    ...profileOption,
    ranges: {
      type: 'string',
      multiple: true,
      placeholder: 'TABLE:FROM-TO',
      help: 'registers, as holding:40000-40200; both ends included, several with commas',
    },
    out: { type: 'string', placeholder: 'FILE', help: 'where to; the standard output where not given' },
    every: { type: 'string', placeholder: 'SECONDS', help: 'a series: again after so long' },
    for: { type: 'string', placeholder: 'SECONDS', help: 'how long a series takes (60)' },
    'max-registers': { type: 'string', placeholder: 'N', help: 'most that the device answers at once' },
  },
  run: (input, terminal) => runRecord(input, terminal),
};

async function runRecord({ values }: FieldInput, terminal: Terminal): Promise<ExitCode> {
  const refuse = (say: string): ExitCode => {
    terminal.complain(say);
    return 2;
  };
  const connection = connectionOf(values);
  if (!connection.ok) return refuse(connection.say);
  const { unit = 1, profile } = connection.value;
  const named = listOf(values, 'ranges');
  const ranges = named.map((text) => readRange(text));
  const odd = named.find((_, index) => ranges[index] === undefined);
  if (odd !== undefined) return refuse(`--ranges ${odd}: is no range; write for example holding:40000-40200.`);
  if (ranges.length === 0 && profile === undefined)
    return refuse('Which registers? --profile NAME, or --ranges holding:40000-40200.');
  const everyS = wholeOption(values, 'every', 1, 86_400);
  const forS = wholeOption(values, 'for', 1, 31_536_000);
  const most = wholeOption(values, 'max-registers', 1, 125);
  for (const each of [everyS, forS, most]) if (!each.ok) return refuse(each.say);
  const number = (of: typeof everyS): number | undefined => (of.ok ? of.value : undefined);
  const opened = await openForReading(connection.value);
  if (!opened.ok) {
    terminal.complain(opened.say);
    return 1;
  }
  try {
    return await recordTo(opened.value, terminal, {
      connection: connection.value,
      unit,
      ranges: ranges.filter((range) => range !== undefined),
      out: textOf(values, 'out'),
      everyS: number(everyS),
      forS: number(forS) ?? 60,
      maxRegisters: number(most) ?? profile?.maxRegisters ?? 125,
    });
  } finally {
    await opened.value.stop();
  }
}

type Order = {
  readonly connection: Connection;
  readonly unit: number;
  readonly ranges: readonly RegisterRange[];
  readonly out: string | undefined;
  readonly everyS: number | undefined;
  readonly forS: number;
  readonly maxRegisters: number;
};

async function recordTo(bus: ReadBus, terminal: Terminal, order: Order): Promise<ExitCode> {
  const { connection, unit, out, everyS, maxRegisters } = order;
  const { profile, where } = connection;
  let ranges = joined(order.ranges);
  let title = `${where} unit ${unit}`;
  if (profile !== undefined) {
    const found = await rangesOfProfile(bus, unit, profile);
    if (!found.ok) {
      terminal.complain(`${where} unit ${unit}: ${found.say}`);
      return 1;
    }
    ranges = joined([...order.ranges, ...found.ranges]);
    title += `, profile ${profile.name}`;
  }
  const count = ranges.reduce((sum, range) => sum + range.count, 0);
  const heading = `# ${title}\n# recorded ${new Date().toISOString()}; a hole (----) is a register that it refuses\n`;
  const look = (): ReturnType<typeof record> =>
    record(bus, unit, ranges, {
      maxRegisters,
      signal: terminal.signal,
      progress: (share) => terminal.progress(`${Math.round(100 * share)} % of ${count} registers`),
    });
  const first = await look();
  terminal.progress(undefined);
  if (!first.ok) return ended(terminal, first.say, 'nothing was saved');
  if (everyS === undefined) {
    const saved = await save(out, heading + formatImage(first.image), terminal);
    if (saved) tellDone(terminal, `${count} registers, ${first.holes} of them holes`, out);
    return saved ? 0 : 1;
  }
  return recordSeries(look, first.image, heading, { terminal, order, everyS });
}

async function recordSeries(
  look: () => ReturnType<typeof record>,
  first: RegisterImage,
  heading: string,
  { terminal, order, everyS }: { terminal: Terminal; order: Order; everyS: number },
): Promise<ExitCode> {
  const frames = [formatFrame(0, first)];
  const startMs = performance.now();
  let before = first;
  let failures = 0;
  for (;;) {
    const dueS = frames.length * everyS;
    if (dueS > order.forS) break;
    await rest(startMs + dueS * 1000 - performance.now(), terminal.signal);
    if (terminal.signal.aborted) break;
    const seen = await look();
    // A look that failed leaves out its frame: what was so then is not known.
    if (!seen.ok && ++failures > maxFailures) {
      terminal.complain(`${seen.say}: the series ends here`);
      break;
    }
    if (seen.ok) {
      frames.push(formatFrame((performance.now() - startMs) / 1000, seen.image, before));
      before = seen.image;
      failures = 0;
    }
  }
  terminal.progress(undefined);
  const saved = await save(order.out, heading + frames.join('\n'), terminal);
  if (saved) tellDone(terminal, `${frames.length} frames`, order.out);
  return saved ? (terminal.signal.aborted ? 130 : failures > maxFailures ? 1 : 0) : 1;
}

const maxFailures = 5;

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(), Math.max(0, ms));
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}

async function save(out: string | undefined, text: string, terminal: Terminal): Promise<boolean> {
  if (out === undefined) {
    terminal.print(text.trimEnd());
    return true;
  }
  try {
    await writeFile(out, text);
    return true;
  } catch (error) {
    terminal.complain(`${out}: cannot be written (${error instanceof Error ? error.message : String(error)})`);
    return false;
  }
}

function tellDone(terminal: Terminal, what: string, out: string | undefined): void {
  if (out !== undefined)
    terminal.print(
      `${out}: ${what}. To serve it: tiepoint-rig emulate --${what.endsWith('frames') ? 'series' : 'image'} ${out} --tcp 1502`,
    );
}

function ended(terminal: Terminal, say: string, and: string): ExitCode {
  terminal.complain(terminal.signal.aborted ? `interrupted: ${and}` : `${say}: ${and}`);
  return terminal.signal.aborted ? 130 : 1;
}
