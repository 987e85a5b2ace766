import { decodePoints, identify } from '@tiepoint/hardware-profiles';
import type { DeviceModel, Profile, Span, WordImage } from '@tiepoint/hardware-profiles';
import { didYouMean } from '../core/nearest.ts';
import { askDevice, readOnce } from './ask-device.ts';
import { connectionOf, connectionOptions, openForReading, profileOption } from './connection-options.ts';
import type { Connection } from './connection-options.ts';
import type { ExitCode, FieldCommand } from './field-command.ts';
import { rawRequest, rawValues } from './raw-read.ts';
import { columns, paint } from './terminal.ts';
import type { Terminal } from './terminal.ts';
import { unitOf } from './unit-of.ts';

export const read: FieldCommand = {
  name: 'read',
  summary: 'read points by their name, or raw registers, once',
  usage: '… --profile NAME [POINT…] | … --table holding ADDRESS [COUNT] [--as float32]',
  examples: [
    'tiepoint-agent read --tcp 192.0.2.10 --unit 126 --profile sunspec-inverter activePowerW frequencyHz',
    'tiepoint-agent read --port /dev/ttyUSB0 --parity none --unit 1 --profile eastron-sdm630',
    'tiepoint-agent read --port /dev/ttyUSB0 --unit 1 --table input 0 6 --as float32',
  ],
  options: {
    ...connectionOptions,
    ...profileOption,
    table: { type: 'string', help: 'raw: which table', values: ['holding', 'input', 'coil', 'discrete'] },
    as: {
      type: 'string',
      help: 'raw: how the words lie (uint16)',
      values: ['uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64', 'float32', 'float64', 'text', 'hex'],
    },
    order: {
      type: 'string',
      help: 'raw: which word of a value comes first, the big or the little end (big)',
      values: ['big', 'little'],
    },
  },
  async run({ values, positionals }, terminal) {
    const connection = connectionOf(values);
    if (!connection.ok) return refuse(terminal, connection.say);
    const { unit, profile } = connection.value;
    if (unit === undefined) return refuse(terminal, 'Which unit? --unit N; `tiepoint-agent scan` finds who answers.');
    if (values['table'] !== undefined) {
      const request = rawRequest(values, positionals);
      if (!request.ok) return refuse(terminal, request.say);
      return withBus(connection.value, terminal, async (bus) => {
        const { table, address, quantity } = request.value;
        const result = await bus.read({ unit, table, address, quantity }, 'command');
        if (terminal.signal.aborted) return 130;
        if (!result.ok) {
          terminal.complain(result.say);
          return 1;
        }
        const rows = rawValues(request.value, result.value);
        if (terminal.json) terminal.print(JSON.stringify({ unit, table, address, words: result.value, values: rows }));
        else
          for (const line of columns(rows.map((row) => [String(row.address), row.hex, String(row.value ?? 'unknown')])))
            terminal.print(line);
        return 0;
      });
    }
    if (profile === undefined)
      return refuse(terminal, 'Which points? --profile NAME with names of points, or --table holding ADDRESS COUNT.');
    const strange = positionals.find((name) => !(name in profile.points) && !name.startsWith('identity:'));
    if (strange !== undefined)
      return refuse(
        terminal,
        `${strange}: profile ${profile.name} has no such point.${didYouMean(strange, Object.keys(profile.points))} It has ${Object.keys(profile.points).join(', ')}.`,
      );
    return withBus(connection.value, terminal, (bus) =>
      readPoints(bus, connection.value, { unit, profile, names: positionals }, terminal),
    );
  },
};

type Bus = Extract<Awaited<ReturnType<typeof openForReading>>, { ok: true }>['value'];

async function withBus(
  connection: Connection,
  terminal: Terminal,
  use: (bus: Bus) => Promise<ExitCode>,
): Promise<ExitCode> {
  const opened = await openForReading(connection);
  if (!opened.ok) {
    terminal.complain(opened.say);
    return 1;
  }
  const stop = (): void => void opened.value.stop();
  terminal.signal.addEventListener('abort', stop);
  try {
    return await use(opened.value);
  } finally {
    terminal.signal.removeEventListener('abort', stop);
    await opened.value.stop();
  }
}

async function readPoints(
  bus: Bus,
  { bus: settings, limits, confirmed, where }: Connection,
  { unit, profile, names }: { unit: number; profile: Profile; names: readonly string[] },
  terminal: Terminal,
): Promise<ExitCode> {
  const { signal } = terminal;
  const identified = await askDevice(identify(profile, limits, confirmed), { bus, unit, signal });
  if (identified === undefined) return 130;
  if (!identified.ok) {
    terminal.complain(identified.say);
    return 1;
  }
  const model = identified.value;
  const wanted = [...model.points, ...model.nameplate].filter(({ name }) => names.length === 0 || names.includes(name));
  const { image, failure } = await readOnce(
    wanted.flatMap(({ reads }) => reads),
    {
      bus,
      unit,
      signal,
      settings,
      maxRegisters: model.maxRegisters,
    },
  );
  if (signal.aborted) return 130;
  const rows = wanted.map((point) => ({
    name: point.name,
    value: valueOf(point.name, model, image),
    ...wordsOf(point.sources[0], image),
  }));
  const lacking = names.filter((name) => !wanted.some((point) => point.name === name));
  if (terminal.json) {
    const points = rows.map((row) => ({ ...row, unit: unitOf(row.name) }));
    terminal.print(JSON.stringify({ where, unit, profile: profile.name, points, lacking, failure }));
  } else {
    terminal.print(`${where}, unit ${unit}: ${profile.make} ${profile.model}`);
    for (const line of columns(
      rows.map(({ name, value, table, address, words }) => [
        `  ${name}`,
        value === undefined ? paint(terminal, 'yellow', 'unknown') : `${shown(value)} ${unitOf(name) ?? ''}`.trim(),
        table === undefined
          ? ''
          : paint(terminal, 'dim', `${table} ${address}: ${words?.map(hex).join(' ') ?? 'not readable'}`),
      ]),
    ))
      terminal.print(line);
    for (const name of lacking) terminal.print(`  ${name}: this device lacks it`);
    if (failure !== undefined) terminal.print(paint(terminal, 'yellow', `Not all could be read: ${failure}`));
  }
  return rows.some(({ value }) => value !== undefined) ? 0 : 1;
}

/** `undefined` is unknown: not read, not implemented, or not believable. */
export function valueOf(name: string, model: DeviceModel, image: WordImage): unknown {
  const { identity, limits } = model;
  if (name.startsWith('identity:')) return (identity as Record<string, unknown>)[name.slice('identity:'.length)];
  if (name.startsWith('limit:')) return (limits as Record<string, unknown>)[name.slice('limit:'.length)];
  const { measured, setpoints } = decodePoints(model, image);
  return name.startsWith('set:') ? setpoints[name] : (measured as Record<string, unknown>)[name];
}

function wordsOf(
  source: Span | undefined,
  image: WordImage,
): { table?: string; address?: number; words?: readonly number[] } {
  if (source === undefined) return {};
  const words = image.words(source);
  return { table: source.table, address: source.address, ...(words === undefined ? {} : { words }) };
}

const hex = (word: number): string => word.toString(16).toUpperCase().padStart(4, '0');

/** At most six digits that mean something; lists as they are. */
export function shown(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(Math.abs(value) >= 1e6 ? 10 : 6)));
  return Array.isArray(value) ? value.join(', ') || 'none' : String(value);
}

function refuse(terminal: Terminal, say: string): ExitCode {
  terminal.complain(say);
  return 2;
}
