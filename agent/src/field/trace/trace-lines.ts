import { shown } from '../read-command.ts';
import { paint } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import type { NamedPoint, PointNames } from './point-names.ts';
import { crcOf, fromHex, hexOf, traceMarks, wordsOf } from './trace-record.ts';
import type { TracedFrame, TraceMark, TraceRecord } from './trace-record.ts';

/** The shape of a line of JSON. Times are ISO 8601 in UTC. */
export type TraceJson =
  | { readonly at?: string; readonly note: string }
  | {
      readonly at?: string;
      readonly gapMs?: number;
      readonly direction: TracedFrame['direction'];
      readonly framing: TracedFrame['framing'];
      readonly role: TracedFrame['role'] | 'exception';
      readonly hex: string;
      readonly crc?: 'good' | 'bad';
      readonly mark?: TraceMark;
      readonly roundTripMs?: number;
      readonly unit?: number;
      readonly functionCode?: number;
      readonly function?: string;
      readonly table?: string;
      readonly address?: number;
      readonly quantity?: number;
      readonly values?: readonly number[];
      readonly exception?: { readonly code: number; readonly name: string };
      readonly points?: readonly NamedPoint[];
      readonly say: string;
    };

/** One record as it is written: as a line for people, in colours or plain, and as JSON. */
export type TraceLines = {
  readonly text: (paints: Pick<Terminal, 'colour'>, isFile: boolean) => string;
  readonly json: TraceJson;
};

export function linesOf(record: TraceRecord, names: PointNames): TraceLines {
  const at = record.atMs === undefined ? undefined : new Date(record.atMs).toISOString();
  const told = at === undefined ? {} : { at };
  const shown = (isFile: boolean): string =>
    record.atMs === undefined || at === undefined ? 'time-unknown' : isFile ? at : clockOf(record.atMs);
  if (record.kind === 'note') {
    const text: TraceLines['text'] = (paints, isFile) =>
      `${shown(isFile)}  ${paint(paints, 'yellow', `— ${record.say}`)}`;
    return { text, json: { ...told, note: record.say } };
  }
  const words = wordsOf(record);
  const points = words === undefined ? [] : names.of(words);
  const crc = crcOf(record);
  const say = words?.say ?? noiseWords(record);
  const json: TraceJson = {
    ...told,
    ...(record.gapMs === undefined ? {} : { gapMs: rounded(record.gapMs) }),
    direction: record.direction,
    framing: record.framing,
    hex: hexOf(record.bytes),
    ...(crc === undefined ? {} : { crc }),
    ...(record.mark === undefined ? {} : { mark: record.mark }),
    ...(record.roundTripMs === undefined ? {} : { roundTripMs: rounded(record.roundTripMs) }),
    role: record.role,
    ...(words === undefined ? {} : words),
    ...(points.length === 0 ? {} : { points }),
    say,
  };
  const text: TraceLines['text'] = (paints, isFile) =>
    frameText({ record, at: shown(isFile), say, points, crc }, paints);
  return { text, json };
}

const arrows = { out: '→', in: '←', heard: '·' } as const;

function frameText(
  {
    record,
    at,
    say,
    points,
    crc,
  }: { record: TracedFrame; at: string; say: string; points: readonly NamedPoint[]; crc: 'good' | 'bad' | undefined },
  paints: Pick<Terminal, 'colour'>,
): string {
  const { role, direction, mark, gapMs, roundTripMs } = record;
  const arrow = direction === 'heard' && role !== 'noise' ? (role === 'request' ? '→' : '←') : arrows[direction];
  const gap = gapMs === undefined ? '' : `+${gapMs.toFixed(1)}`;
  const tail = [
    say,
    ...(crc === 'bad' ? [paint(paints, 'red', 'CRC bad')] : []),
    ...(roundTripMs === undefined ? [] : [`${roundTripMs.toFixed(1)} ms`]),
    ...(mark === undefined
      ? []
      : [paint(paints, isHarmless(mark) ? 'yellow' : 'red', `[${mark}] ${traceMarks[mark]}`)]),
  ].join(', ');
  const named = points.length === 0 ? '' : `  { ${points.map(pointText).join(', ')} }`;
  return `${at} ${gap.padStart(8)} ${arrow} ${paint(paints, 'dim', hexOf(record.bytes))}  ${tail}${paint(paints, 'cyan', named)}`;
}

const isHarmless = (mark: TraceMark): boolean =>
  mark === 'own-echo' || mark === 'repeated' || mark === 'after-no-reply';
const pointText = ({ name, value }: NamedPoint): string => (value === undefined ? name : `${name}=${shown(value)}`);

function noiseWords({ bytes }: TracedFrame): string {
  return `${bytes.length} ${bytes.length === 1 ? 'byte' : 'bytes'} that are no whole frame`;
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10;

function clockOf(atMs: number): string {
  const at = new Date(atMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

/** What can be taken from a line of a recorded trace: of our JSON, of our text, or any line with the bytes of a frame in hex. */
export type RecordedLine =
  | {
      readonly kind: 'frame';
      readonly atMs?: number;
      readonly mark?: TraceMark;
      readonly roundTripMs?: number;
      readonly direction?: TracedFrame['direction'];
      readonly framing?: TracedFrame['framing'];
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'note'; readonly atMs?: number; readonly say: string }
  | { readonly kind: 'strange' };

export function recordedLine(line: string): RecordedLine {
  if (line.startsWith('{')) return fromJson(line);
  const own = /^(\S+)\s+(?:\+[\d.]+\s+)?([→←·])\s+((?:[0-9a-f]{2} )*[0-9a-f]{2})(?:\s{2}|$)/i.exec(line);
  if (own !== null) {
    const bytes = fromHex(own[3]!);
    const direction = own[2] === '→' ? 'out' : own[2] === '←' ? 'in' : 'heard';
    if (bytes !== undefined) return { kind: 'frame', ...timeOf(own[1]!), direction, bytes };
  }
  const note = /^(\S+)\s+— (.*)$/.exec(line);
  if (note !== null) return { kind: 'note', ...timeOf(note[1]!), say: note[2]! };
  return fromAnyHex(line);
}

function fromJson(line: string): RecordedLine {
  let value: {
    mark?: unknown;
    roundTripMs?: unknown;
    at?: unknown;
    note?: unknown;
    hex?: unknown;
    direction?: unknown;
    framing?: unknown;
  };
  try {
    value = JSON.parse(line) as typeof value;
  } catch {
    return { kind: 'strange' };
  }
  const time = typeof value.at === 'string' ? timeOf(value.at) : {};
  if (typeof value.note === 'string') return { kind: 'note', ...time, say: value.note };
  const bytes = typeof value.hex === 'string' ? fromHex(value.hex) : undefined;
  if (bytes === undefined) return { kind: 'strange' };
  const { direction, framing, mark, roundTripMs } = value;
  return {
    kind: 'frame',
    ...time,
    bytes,
    ...(direction === 'out' || direction === 'in' || direction === 'heard' ? { direction } : {}),
    ...(framing === 'rtu' || framing === 'tcp' ? { framing } : {}),
    ...(isMark(mark) ? { mark } : {}),
    ...(typeof roundTripMs === 'number' ? { roundTripMs } : {}),
  };
}

const isMark = (mark: unknown): mark is TraceMark => typeof mark === 'string' && Object.hasOwn(traceMarks, mark);

/** As other tools write them: `[01][03]…`, `<01><03>…`, `01 03 …`, `0x01, 0x03 …`; of brackets the square ones were sent. */
function fromAnyHex(line: string): RecordedLine {
  const direction = line.includes('[') ? ('out' as const) : line.includes('<') ? ('in' as const) : undefined;
  const match = /(?:[[<]?(?:0x)?[0-9a-f]{2}[\]>]?[\s,:-]*){4,}/i.exec(line);
  const bytes = match === null ? undefined : fromHex(match[0].replaceAll(/0x|[^0-9a-f]/gi, ''));
  return bytes === undefined ? { kind: 'strange' } : { kind: 'frame', bytes, ...(direction && { direction }) };
}

function timeOf(text: string): { atMs?: number } {
  const atMs = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? {} : { atMs };
}
