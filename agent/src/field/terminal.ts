import { harmless, harmlessJson } from './harmless-text.ts';

/** Where a technician's command meets its person, or the program that called it. */
export type Terminal = {
  /** Programs read the output: one JSON document, or one a line for streams. */
  readonly json: boolean;
  readonly colour: boolean;
  /** A person sits at the input. Without one, `ask` takes the lines that were piped in. */
  readonly interactive: boolean;
  /** Columns. */
  readonly width: number;
  /** Results, to the standard output. A person's terminal gets its lines wrapped between words, unless they are to be taken as they are. */
  print(text: string, how?: 'as-is'): void;
  /** What is wrong, to the standard error. */
  complain(text: string): void;
  /** One live line on the standard error; without a terminal there, a line every few seconds. `undefined` takes it away. */
  progress(text: string | undefined): void;
  /**
   * One line of answer, without spaces around. `undefined`: interrupted, or no input is left. What a person typed before the question
   * stood there is no answer to it: a consent is given to what was read.
   */
  ask(question: string): Promise<string | undefined>;
  /** Ctrl-C, or nobody reads the output any more. */
  readonly signal: AbortSignal;
};

export type Streams = {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/**
 * The terminal of this process. Colours only where the output is a terminal and neither NO_COLOR nor TERM=dumb says otherwise.
 * `close` gives the input back, so that the process can end.
 */
export function openTerminal(
  { stdin, stdout, stderr, environment }: Streams,
  { json }: { json: boolean },
  signal: AbortSignal,
): Terminal & { close(code?: number): void } {
  const live = new LiveLine(stderr);
  const input = new LineInput(stdin, signal);
  const noColour = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  const complaints: string[] = [];
  let isSilent = true;
  return {
    json,
    colour: stdout.isTTY === true && !noColour && !json,
    interactive: stdin.isTTY === true,
    width: stdout.columns ?? 100,
    signal,
    print(text, how) {
      isSilent = false;
      const shown = json ? harmlessJson(text) : harmless(text);
      live.around(() => stdout.write(`${json || how === 'as-is' ? shown : fitted(shown, stdout)}\n`));
    },
    complain(text) {
      if (complaints.length < mostComplaints) complaints.push(text);
      live.around(() => stderr.write(`${fitted(harmless(text), stderr)}\n`));
    },
    progress: (text) => live.show(text === undefined ? undefined : harmless(text)),
    async ask(question) {
      live.show(undefined);
      if (stdin.isTTY === true && (await input.forget()))
        stderr.write(`${fitted('(What was typed before this question is no answer to it.)', stderr)}\n`);
      // Asked on the standard error, so that the output stays clean for whoever reads it.
      stderr.write(`${fitted(harmless(question), stderr)} `);
      const answer = await input.next();
      // Ctrl-C leaves the cursor behind the question.
      if (answer === undefined && stderr.isTTY === true) stderr.write('\n');
      return answer;
    },
    /** A program that reads JSON gets some, also of a command that came to no result. */
    close(code = 0) {
      live.show(undefined);
      if (json && isSilent && code !== 0)
        stdout.write(`${JSON.stringify({ ok: false, exitCode: code, say: complaints.join('\n') })}\n`);
      input.close();
    },
  };
}

const mostComplaints = 50;

export const fitted = (
  text: string,
  { isTTY, columns: width }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>,
): string =>
  isTTY === true && width > 0
    ? text
        .split('\n')
        .flatMap((line) => wrapped(line, width))
        .join('\n')
    : text;

/**
 * A line in pieces of so many columns, cut between words; what goes on stands below the last column of a table, or indented. A word that
 * is longer, what stands in backticks, and a line that is a command to be copied stay whole.
 */
export function wrapped(line: string, width: number): string[] {
  if (seenWidth(line) <= width || /^\s*(?:Next: )?tiepoint-agent /.test(plainText(line))) return [line];
  const plain = plainText(line);
  const lead = /^ */.exec(plain)?.[0].length ?? 0;
  const columnAt = [...plain.matchAll(/\S {2,}(?=\S)/g)].map((gap) => gap.index + gap[0].length).at(-1) ?? 0;
  const indent = columnAt > 0 && columnAt <= width / 2 ? columnAt : lead + 2;
  const pieces: string[] = [];
  let piece = '';
  for (const word of line.match(/ *(?:`[^`]*`|[^ `])+/g) ?? [line]) {
    const isFull = piece.trim() !== '' && seenWidth(piece) + seenWidth(word) > width;
    if (isFull) pieces.push(piece);
    piece = isFull ? ' '.repeat(indent) + word.trimStart() : piece + word;
  }
  return [...pieces, piece];
}

const paints = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** The text in a colour where the terminal shows colours. */
export function paint({ colour }: Pick<Terminal, 'colour'>, how: keyof typeof paints, text: string): string {
  return colour ? `\u001B[${paints[how]}m${text}\u001B[0m` : text;
}

/** Columns side by side, as wide as their widest cell; the last one as it is. Colours do not count as width. */
export function columns(rows: readonly (readonly string[])[], gap = '  '): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, seenWidth(cell))));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell + ' '.repeat((widths[at] ?? 0) - seenWidth(cell))))
      .join(gap)
      .trimEnd(),
  );
}

// eslint-disable-next-line no-control-regex
const plainText = (text: string): string => text.replace(/\u001B\[\d+m/g, '');
const seenWidth = (text: string): number => plainText(text).length;

const quietMs = 5_000;

/** The one line at the bottom that changes. */
class LiveLine {
  readonly #stderr: NodeJS.WriteStream;
  #shown = '';
  #toldAtMs = performance.now();

  constructor(stderr: NodeJS.WriteStream) {
    this.#stderr = stderr;
  }

  show(text: string | undefined): void {
    if (this.#stderr.isTTY !== true) return this.#tell(text);
    if (text === undefined && this.#shown === '') return;
    // A terminal that does not tell its size says 0.
    this.#shown = (text ?? '').slice(0, Math.max(20, (this.#stderr.columns || 80) - 1));
    this.#stderr.write(`\r\u001B[2K${this.#shown}`);
  }

  /** Writes something above the live line. */
  around(write: () => void): void {
    const shown = this.#shown;
    if (shown !== '') this.#stderr.write('\r\u001B[2K');
    write();
    if (shown !== '') this.#stderr.write(shown);
  }

  #tell(text: string | undefined): void {
    const nowMs = performance.now();
    if (text === undefined || nowMs - this.#toldAtMs < quietMs) return;
    this.#toldAtMs = nowMs;
    this.#stderr.write(`${text}\n`);
  }
}

/** What the terminal's driver holds comes at once when it is read. */
const forgetMs = 30;

/** Lines of the input, one for each question; what was piped ahead waits. */
class LineInput {
  readonly #stdin: NodeJS.ReadStream;
  readonly #signal: AbortSignal;
  #text = '';
  #ended = false;
  #listening = false;
  #give: ((line: string | undefined) => void) | undefined;

  constructor(stdin: NodeJS.ReadStream, signal: AbortSignal) {
    this.#stdin = stdin;
    this.#signal = signal;
  }

  next(): Promise<string | undefined> {
    if (this.#signal.aborted) return Promise.resolve(undefined);
    this.#listen();
    return new Promise((resolve) => {
      const settle = (line: string | undefined): void => {
        this.#signal.removeEventListener('abort', onAbort);
        this.#give = undefined;
        this.#stdin.pause();
        resolve(line?.trim());
      };
      const onAbort = (): void => settle(undefined);
      this.#signal.addEventListener('abort', onAbort, { once: true });
      this.#give = settle;
      this.#serve();
      if (this.#give !== undefined) this.#stdin.resume();
    });
  }

  /** Whole lines that wait, at a terminal, are thrown away. True: there were some. */
  async forget(): Promise<boolean> {
    if (this.#signal.aborted || this.#ended) return false;
    this.#listen();
    this.#stdin.resume();
    await new Promise((resolve) => setTimeout(resolve, forgetMs));
    if (!this.#ended) this.#stdin.pause();
    const had = this.#text !== '';
    this.#text = '';
    return had;
  }

  close(): void {
    this.#give?.(undefined);
    if (this.#listening) this.#stdin.destroy();
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#stdin.setEncoding('utf8');
    this.#stdin.on('data', (chunk: string) => {
      // A line longer than this is no answer to any question.
      this.#text = (this.#text + chunk).slice(-longestInput);
      this.#serve();
    });
    for (const event of ['end', 'error', 'close']) {
      this.#stdin.on(event, () => {
        this.#ended = true;
        this.#serve();
      });
    }
  }

  #serve(): void {
    if (this.#give === undefined) return;
    const end = this.#text.indexOf('\n');
    if (end >= 0) {
      const line = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 1);
      return this.#give(line);
    }
    if (!this.#ended) return;
    const rest = this.#text;
    this.#text = '';
    this.#give(rest === '' ? undefined : rest);
  }
}

const longestInput = 65_536;
