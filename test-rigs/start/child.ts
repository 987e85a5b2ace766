import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const parentWatch = fileURLToPath(new URL('./parent-watch.mjs', import.meta.url));
const lastWordsLines = 12;
const lookMs = 50;

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
 * A program of the project in a process of its own. It writes straight into its log file, never into a pipe: a logger whose pipe
 * has lost its reader tries for ever, and the process would outlive a launcher that was killed. In a group of its own, so that
 * Ctrl-C in a terminal reaches only the launcher, which stops its children in order; it ends by itself when the launcher has gone.
 */
export class Child {
  readonly title: string;
  readonly logFile: string;
  readonly #options: ChildOptions;
  #process: ChildProcess | undefined;
  /** Where in the log file this run begins. */
  #logFrom = 0;
  #ended: Promise<Ending> = Promise.resolve({ code: null, signal: null });
  #isOver = true;

  constructor(options: ChildOptions) {
    this.title = options.title;
    this.logFile = options.logFile;
    this.#options = options;
  }

  /** `over` is called when it has ended, in whatever way. Throws what the system says where the log file cannot be written. */
  start(over: (ending: Ending) => void): void {
    const { script, args, nodeFlags = [], logFile } = this.#options;
    const log = openSync(logFile, 'a');
    this.#logFrom = statSync(logFile).size;
    const child = spawn(process.execPath, ['--import', parentWatch, ...nodeFlags, script, ...args], {
      stdio: ['pipe', log, log],
      detached: true,
    });
    closeSync(log);
    this.#process = child;
    this.#isOver = false;
    child.stdin?.on('error', () => undefined); // it has ended; 'exit' tells
    this.#ended = new Promise((resolve) => {
      const end = (ending: Ending): void => {
        if (this.#isOver) return;
        this.#isOver = true;
        over(ending);
        resolve(ending);
      };
      child.once('error', () => end({ code: null, signal: null }));
      child.once('exit', (code, signal) => end({ code, signal }));
    });
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Its latest lines, oldest first. A stack trace would push out the sentence that tells what is wrong, so it is left out. */
  lastLines(): readonly string[] {
    return this.#lines()
      .filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
      .slice(-lastWordsLines);
  }

  /** The first line of JSON with this `msg`; `undefined` when it ends first or takes longer. */
  async said(msg: string, withinMs: number): Promise<Record<string, unknown> | undefined> {
    const deadlineMs = performance.now() + withinMs;
    while (!this.#isOver && performance.now() < deadlineMs) {
      const found = this.#lines()
        .map(jsonOf)
        .find((each) => each?.['msg'] === msg);
      if (found !== undefined) return found;
      await pause(lookMs);
    }
    return undefined;
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

  /** Whole lines of this run. */
  #lines(): readonly string[] {
    return readFileSync(this.logFile).subarray(this.#logFrom).toString().split('\n').slice(0, -1);
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
