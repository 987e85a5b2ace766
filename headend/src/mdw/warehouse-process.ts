import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Reason, Result } from '@tiepoint/protocol';
import { columnsOf } from './interval-row.ts';
import type { IntervalRow } from './interval-row.ts';
import { landIntervals, landRegisters, numberMeters } from './requests.ts';
import type { Landed, MeterEntry, RegisterRow } from './requests.ts';
import type { Warehouse } from './warehouse.ts';
import type { AskOptions, WarehouseRequest } from './warehouse-request.ts';
import type { FromWorker, ToWorker, WarehouseCondition, WorkerSettings } from './worker-message.ts';

export type WarehouseProcessParts = {
  /** The program of the worker. */
  readonly program: string;
  readonly settings: WorkerSettings;
  /** What is not well, with a sentence; without: it is well again. */
  readonly onCondition: (id: WarehouseCondition, say: string | undefined) => void;
  readonly log: (level: 'info' | 'warn', say: string) => void;
  /** Waits before each start after a death, the last again and again. */
  readonly backOffMs?: readonly number[];
};

/** A worker that dies at once is not started faster and faster. */
const usualBackOffMs: readonly number[] = [500, 1_000, 2_000, 5_000, 15_000, 30_000];
/** After so long without a death the next one is the first again. */
const wellAfterMs = 60_000;
const defaultWithinMs = 60_000;
const stopWithinMs = 8_000;
const maxAsked = 10_000;
/** Rows that were handed over and not answered: about 40 bytes each. */
const maxRowsAsked = 4_000_000;
/** A request over which so many workers died is not given to another. */
const maxAttempts = 3;

type Asked = {
  readonly id: number;
  readonly request: WarehouseRequest<unknown, unknown>;
  readonly ask: unknown;
  readonly rows: number;
  readonly onProgress: AskOptions['onProgress'];
  readonly timer: NodeJS.Timeout;
  readonly answer: (result: Result<unknown>) => void;
  attempts: number;
  /** The worker has it. */
  sent: boolean;
};

/** The sums of the load engine are short functions in each other, called a hundred million times a day: V8 is to write them into one. */
const inlining = ['--max-inlined-bytecode-size=2000', '--max-inlined-bytecode-size-cumulative=4000'];

/**
 * The warehouse as the head-end sees it: a process of its own that is started again when it dies. What it was asked and had not answered then
 * is asked again where that does no harm, and else answered with a failure that says so.
 */
export class WarehouseProcess implements Warehouse {
  readonly #parts: WarehouseProcessParts;
  readonly #asked = new Map<number, Asked>();
  #child: ChildProcess | undefined;
  #ready = false;
  #lastId = 0;
  #rowsAsked = 0;
  #deaths = 0;
  #startedAtMs = 0;
  /** Why the last worker could not begin. */
  #failed: string | undefined;
  #again: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;

  constructor(parts: WarehouseProcessParts) {
    this.#parts = parts;
  }

  /** Does not wait for the worker: what is asked meanwhile waits. */
  start(): void {
    this.#begin();
  }

  /** Lets the worker end what it does and close its files; one that does not within some seconds is ended. */
  async stop(): Promise<void> {
    this.#stopping ??= this.#end();
    await this.#stopping;
  }

  async numberMeters(meters: readonly MeterEntry[]): Promise<Result<readonly number[]>> {
    return await this.ask(numberMeters, meters);
  }

  async land(rows: readonly IntervalRow[]): Promise<Result<Landed>> {
    if (this.#rowsAsked + rows.length > maxRowsAsked)
      return failure('busy', `the warehouse has ${this.#rowsAsked} rows to land already: land these again later`);
    return await this.#put(landIntervals, columnsOf(rows), rows.length);
  }

  async landRegisters(rows: readonly RegisterRow[]): Promise<Result<number>> {
    return await this.ask(landRegisters, rows);
  }

  async ask<Ask, Answer>(
    request: WarehouseRequest<Ask, Answer>,
    ask: Ask,
    options: AskOptions = {},
  ): Promise<Result<Answer>> {
    return await this.#put(request, ask, 0, options);
  }

  /** The worker's process, for who watches its memory. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async #put<Ask, Answer>(
    request: WarehouseRequest<Ask, Answer>,
    ask: Ask,
    rows: number,
    { withinMs = defaultWithinMs, onProgress }: AskOptions = {},
  ): Promise<Result<Answer>> {
    if (this.#stopping !== undefined) return failure('stopped', 'the head-end stops: the warehouse takes nothing more');
    if (this.#failed !== undefined) return failure('not-running', this.#failed);
    if (this.#asked.size >= maxAsked)
      return failure('busy', `the warehouse has ${maxAsked} requests to answer already: ask again later`);
    return await new Promise((resolve) => {
      const id = (this.#lastId += 1);
      const late = `the warehouse did not answer ${request.name} within ${withinMs / 1_000} s; it may still do it`;
      const timer = setTimeout(() => this.#answer(id, failure('no-answer', late)), withinMs);
      const answer = (result: Result<unknown>): void => resolve(result as Result<Answer>);
      const asked: Asked = { id, request, ask, rows, onProgress, timer, answer, attempts: 0, sent: false };
      this.#asked.set(id, asked);
      this.#rowsAsked += rows;
      if (this.#ready) this.#send(asked);
    });
  }

  #begin(): void {
    const { program, settings } = this.#parts;
    const child = fork(program, [JSON.stringify(settings)], {
      serialization: 'advanced',
      execArgv: [...inlining],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    this.#startedAtMs = performance.now();
    child.on('message', (message: FromWorker) => this.#hear(message));
    child.on('error', (error) => this.#parts.log('warn', `the warehouse's process: ${error.message}`));
    child.once('exit', (code, signal) => this.#died(signal ?? `code ${code ?? 0}`));
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case 'ready': {
        this.#ready = true;
        this.#failed = undefined;
        this.#parts.onCondition('warehouse', undefined);
        for (const asked of this.#asked.values()) this.#send(asked);
        return;
      }
      case 'failed':
        this.#failed = message.say;
        return;
      case 'condition':
        return this.#parts.onCondition(message.id, message.say);
      case 'log':
        return this.#parts.log(message.level, message.say);
      case 'progress':
        return this.#asked.get(message.id)?.onProgress?.(message.progress);
      case 'answer':
        return this.#answer(message.id, message.ok ? { ok: true, value: message.value } : message);
    }
  }

  #send(asked: Asked): void {
    Object.assign(asked, { sent: true, attempts: asked.attempts + 1 });
    this.#tell({ kind: 'ask', id: asked.id, name: asked.request.name, ask: asked.ask });
  }

  #tell(message: ToWorker): void {
    // A worker that is gone is heard of by its end, which asks again or answers.
    this.#child?.send(message, () => undefined);
  }

  #answer(id: number, result: Result<unknown>): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    this.#asked.delete(id);
    this.#rowsAsked -= asked.rows;
    clearTimeout(asked.timer);
    asked.answer(result.ok ? result : failure(result.reason, result.say));
  }

  #died(how: string): void {
    this.#child = undefined;
    this.#ready = false;
    if (this.#stopping !== undefined) return;
    if (performance.now() - this.#startedAtMs > wellAfterMs) this.#deaths = 0;
    const { backOffMs = usualBackOffMs } = this.#parts;
    const againInMs = backOffMs[Math.min(this.#deaths, backOffMs.length - 1)] ?? 0;
    this.#deaths += 1;
    const why = this.#failed ?? `the warehouse's process ended (${how})`;
    this.#parts.onCondition('warehouse', `${why}. It is started again; intervals are not kept until then`);
    for (const asked of this.#asked.values()) this.#afterDeath(asked, why);
    this.#again = setTimeout(() => this.#begin(), againInMs);
  }

  #afterDeath(asked: Asked, why: string): void {
    if (this.#failed !== undefined) return this.#answer(asked.id, failure('not-running', this.#failed));
    if (!asked.sent) return;
    asked.sent = false;
    if (asked.request.repeatable && asked.attempts < maxAttempts) return;
    const say = `${why} while it did ${asked.request.name}: what is done of it is not known. Look before it is asked again`;
    this.#answer(asked.id, failure('interrupted', say));
  }

  async #end(): Promise<void> {
    clearTimeout(this.#again);
    const child = this.#child;
    if (child !== undefined) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      this.#tell({ kind: 'stop' });
      const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
      await gone;
      clearTimeout(timer);
    }
    for (const id of this.#asked.keys())
      this.#answer(id, failure('stopped', 'the head-end stopped before the warehouse answered'));
  }
}

const failure = (reason: Reason, say: string): { ok: false; reason: Reason; say: string } => ({
  ok: false,
  reason,
  say,
});
