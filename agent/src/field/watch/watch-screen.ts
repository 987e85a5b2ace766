import { harmless } from '../harmless-text.ts';
import type { Terminal } from '../terminal.ts';

export type WatchKey = 'quit' | 'raw' | 'pause' | 'interrupt' | 'up' | 'down' | 'page-up' | 'page-down';

type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns' | 'rows'>;
type Input = Pick<NodeJS.ReadStream, 'isTTY' | 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>;
export type ScreenStreams = { readonly stdin: Input; readonly stdout: Output };

/** The whole terminal, painted anew at each look, and single keys. Gives both back in `close`, whatever happened between. */
export class WatchScreen {
  readonly #streams: ScreenStreams;
  readonly #onKey: (key: WatchKey) => void;
  readonly #onData = (bytes: Buffer): void => this.#take(bytes.toString('latin1'));
  #open = false;

  constructor(streams: ScreenStreams, onKey: (key: WatchKey) => void) {
    this.#streams = streams;
    this.#onKey = onKey;
  }

  open(): void {
    const { stdin, stdout } = this.#streams;
    this.#open = true;
    stdout.write('\u001B[?1049h\u001B[?25l');
    if (stdin.isTTY !== true) return;
    stdin.setRawMode(true);
    stdin.on('data', this.#onData);
    stdin.resume();
  }

  /** A terminal may be made wider or narrower while it is looked at. */
  get columns(): number {
    return known(this.#streams.stdout.columns) ?? 100;
  }

  /** `offset` lines of the body are above the screen. Returns the greatest offset that shows something. */
  paint(body: readonly string[], foot: string, offset: number): number {
    const { stdout } = this.#streams;
    const { columns } = this;
    const rows = Math.max(3, known(stdout.rows) ?? 24);
    const room = rows - 1;
    const most = Math.max(0, body.length - room);
    const shown = body.slice(Math.min(offset, most), Math.min(offset, most) + room);
    const lines = [...shown, ...Array.from({ length: room - shown.length }, () => ''), foot];
    const text = lines.map((line) => `${cropped(harmless(line), columns)}\u001B[K`).join('\r\n');
    stdout.write(`\u001B[H${text}\u001B[J`);
    return most;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    const { stdin, stdout } = this.#streams;
    stdout.write('\u001B[?25h\u001B[?1049l');
    if (stdin.isTTY !== true) return;
    stdin.off('data', this.#onData);
    stdin.setRawMode(false);
    stdin.pause();
  }

  #take(text: string): void {
    for (const [sequence, key] of sequences) if (text.startsWith(sequence)) return this.#onKey(key);
    for (const letter of text) {
      const key = keys[letter];
      if (key !== undefined) this.#onKey(key);
    }
  }
}

/** A terminal that does not tell its size says 0. */
const known = (size: number | undefined): number | undefined => (size === 0 ? undefined : size);

const sequences: readonly (readonly [string, WatchKey])[] = [
  ['\u001B[A', 'up'],
  ['\u001B[B', 'down'],
  ['\u001B[5~', 'page-up'],
  ['\u001B[6~', 'page-down'],
];

const keys: Readonly<Record<string, WatchKey>> = {
  q: 'quit',
  r: 'raw',
  p: 'pause',
  k: 'up',
  j: 'down',
  ' ': 'page-down',
  '\u0003': 'interrupt',
};

/** Cut to so many columns; colours take none, and end where the line ends. */
export function cropped(line: string, columns: number): string {
  let seen = 0;
  let at = 0;
  while (at < line.length) {
    // eslint-disable-next-line no-control-regex
    const colour = /^\u001B\[\d+m/.exec(line.slice(at, at + 8));
    if (colour !== null) {
      at += colour[0].length;
      continue;
    }
    if (seen === columns) return `${line.slice(0, at)}\u001B[0m`;
    seen++;
    at++;
  }
  return line;
}

/** Whether a live table can be shown: a person's terminal, and no program that reads JSON. */
export const canPaint = ({ stdout }: ScreenStreams, { json }: Pick<Terminal, 'json'>): boolean =>
  stdout.isTTY === true && !json;
