import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const parentWatch = fileURLToPath(new URL('./parent-watch.mjs', import.meta.url));
const rememberedLines = 12;

export type ChildOptions = {
  /** As people know it. */
  readonly title: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly nodeFlags?: readonly string[];
};

/** How a child ended. */
export type Ending = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/**
 * A program of the project in a process of its own. What it writes goes to its log file. In a group of its own, so that Ctrl-C in a
 * terminal reaches only the launcher, which stops its children in order; it ends by itself when the launcher has gone.
 */
export class Child {
  readonly title: string;
  readonly logFile: string;
  readonly #options: ChildOptions;
  readonly #last: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();
  #process: ChildProcess | undefined;
  #log: WriteStream | undefined;
  #ended: Promise<Ending> = Promise.resolve({ code: null, signal: null });
  #isOver = true;

  constructor(options: ChildOptions) {
    this.title = options.title;
    this.logFile = options.logFile;
    this.#options = options;
  }

  /** `over` is called when it has ended, in whatever way. */
  start(over: (ending: Ending) => void): void {
    const { script, args, nodeFlags = [], logFile } = this.#options;
    const child = spawn(process.execPath, ['--import', parentWatch, ...nodeFlags, script, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.#process = child;
    this.#isOver = false;
    const log = createWriteStream(logFile, { flags: 'a' });
    log.on('error', () => undefined); // a full disk must not stop what runs
    this.#log = log;
    child.stdin.on('error', () => undefined); // it has ended; 'close' tells
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => this.#take(line));
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => this.#take(error.message));
      child.once('close', (code, signal) => {
        this.#isOver = true;
        log.end();
        over({ code, signal });
        resolve({ code, signal });
      });
    });
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Its latest lines, oldest first. */
  get lastLines(): readonly string[] {
    return this.#last;
  }

  /** The first line of JSON with this `msg`; `undefined` when it ends first or takes longer. */
  said(msg: string, withinMs: number): Promise<Record<string, unknown> | undefined> {
    return new Promise((resolve) => {
      const finish = (found: Record<string, unknown> | undefined): void => {
        clearTimeout(timer);
        this.#listeners.delete(listen);
        resolve(found);
      };
      const listen = (line: string): void => {
        const found = jsonOf(line);
        if (found?.['msg'] === msg) finish(found);
      };
      const timer = setTimeout(() => finish(undefined), withinMs);
      this.#listeners.add(listen);
      void this.#ended.then(() => finish(undefined));
    });
  }

  /** Asks it to stop; kills it by its number where it has not within this time. */
  async stop(withinMs: number): Promise<'stopped' | 'killed'> {
    if (this.#isOver) return 'stopped';
    this.#process?.kill('SIGTERM');
    let killed = false;
    const timer = setTimeout(() => {
      killed = true;
      this.kill();
    }, withinMs);
    await this.#ended;
    clearTimeout(timer);
    return killed ? 'killed' : 'stopped';
  }

  kill(): void {
    if (!this.#isOver) this.#process?.kill('SIGKILL');
  }

  #take(line: string): void {
    this.#log?.write(`${line}\n`);
    // A stack trace would push out the sentence that tells what is wrong.
    if (/^\s+at /.test(line) || line.trim() === '') return this.#tellListeners(line);
    this.#last.push(line);
    if (this.#last.length > rememberedLines) this.#last.shift();
    this.#tellListeners(line);
  }

  #tellListeners(line: string): void {
    for (const listen of this.#listeners) listen(line);
  }
}

function jsonOf(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
