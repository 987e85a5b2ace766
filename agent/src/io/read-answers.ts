import { encodeIntervals, isName, reading, readRequest } from '@tiepoint/protocol';
import type { DeviceUp, ReadRequest, TimeQuality } from '@tiepoint/protocol';
import { intervalBlocks } from '../core/intervals-blocks.ts';
import { floorTo } from '../core/intervals-grid.ts';
import type { Clock, EndTimer } from './clock.ts';
import { wait, within } from './clock.ts';
import { profileOf } from './configuration.ts';
import type { AgentSettings } from './configuration.ts';
import type { IntervalKeeper } from './interval-keeper.ts';
import type { Log } from './log.ts';
import type { PresentRead, PresentValues } from './present-reading.ts';

/** A meter that this gateway carries. */
export type AnsweringMeter = {
  /** Meters of one bus are read one after the other. */
  readonly bus: string;
  readonly intervalS: number;
  present(): Promise<PresentRead>;
};

/** The meters of this configuration that are carried. */
export function answeringMeters(
  settings: AgentSettings,
  deviceOf: (id: string) => Pick<AnsweringMeter, 'present'> | undefined,
): ReadonlyMap<string, AnsweringMeter> {
  const meters = settings.devices.flatMap(({ id, bus, intervalS, profile }) => {
    const device = deviceOf(id);
    if (device === undefined || profileOf(settings, profile)?.kind !== 'meter') return [];
    return [[id, { bus, intervalS, present: () => device.present() }] as const];
  });
  return new Map(meters);
}

export type ReadAnswersDeps = {
  readonly clock: Clock;
  readonly random01: () => number;
  /** The head-end's clock; undefined: not known in this session. */
  readonly hostMs: () => number | undefined;
  readonly timeQuality: () => TimeQuality;
  readonly meters: ReadonlyMap<string, AnsweringMeter>;
  readonly intervals: Pick<IntervalKeeper, 'range' | 'lengthS' | 'keptRows'>;
  /** True when the broker has it. */
  readonly publish: (deviceId: string, message: DeviceUp, payload: Uint8Array) => Promise<boolean>;
  readonly log: Log;
};

/** One meter's part of a request. Times are monotonic. */
type Task = {
  readonly request: ReadRequest;
  readonly deviceId: string;
  readonly dueMs: number;
  readonly endsMs: number;
};

/** Answers that wait, of all requests: four whole gateways. A request that does not fit in is refused as a whole. */
const maxWaiting = 2_048;
/** Longer no answer is waited for, whatever a request says. */
const longestLifeMs = 2 * 3_600_000;
/** So many meters' intervals are sent at once; each waits for the broker's word. */
const intervalLanes = 4;
/** Readings on their way to the broker; a bus waits at more, so that answers never take the line from statuses. */
const maxSending = 16;
const tries = 3;
const againMs = 2_000;
const longestReadMs = 30_000;

/**
 * Answers what the head-end asks: intervals from the disk, present values from the bus. Everything else goes before: an answer takes what the
 * line and the buses have left, and one that comes to nothing is not kept, for the head-end asks again. Changes nothing at any device.
 */
export class ReadAnswers {
  readonly #deps: ReadAnswersDeps;
  /** By the instant at which they are due. */
  #waiting: Task[] = [];
  readonly #lanes = new Map<string, Task[]>();
  /** How many answers each request still owes. */
  readonly #owed = new Map<ReadRequest, number>();
  #sending = 0;
  #endTimer: EndTimer | undefined;

  constructor(deps: ReadAnswersDeps) {
    this.#deps = deps;
  }

  /** Of a message whose signature was verified. Never throws. */
  take(content: Uint8Array): void {
    const { log, clock, meters } = this.#deps;
    const read = readRequest.fromBytes(content);
    if (!read.ok) {
      log.warn({ path: read.path, why: read.say }, 'a request for reads that cannot be read was ignored');
      return;
    }
    const request = read.value;
    const about = { request: request.id, wanted: request.wanted };
    const lifeMs = this.#lifeMs(request);
    if (lifeMs <= 0) {
      log.warn(about, 'a request for reads that has expired was ignored');
      return;
    }
    // The broker may give it twice. When it is done it may be asked for again: reading changes nothing.
    if ([...this.#owed.keys()].some(({ id }) => id === request.id)) {
      log.debug(about, 'a request for reads that is being answered already was ignored');
      return;
    }
    const deviceIds = [...new Set(request.deviceIds ?? meters.keys())].filter(isName);
    const waiting = this.#count();
    if (waiting + deviceIds.length > maxWaiting) {
      log.warn({ ...about, waiting }, 'too many reads are asked for at once: refused');
      const say = `${waiting} answers wait at this gateway already, and at most ${maxWaiting} may: ask again later.`;
      void this.#fail(request, deviceIds[0] ?? '', say);
      return;
    }
    log.debug({ ...about, devices: deviceIds.length }, 'reads are asked for');
    this.#accept(request, deviceIds, clock.monotonicMs() + lifeMs);
  }

  /** The line is down, or the agent stops: nobody waits for the answers any more. */
  clear(): void {
    this.#endTimer?.();
    this.#waiting = [];
    for (const lane of this.#lanes.values()) lane.length = 0;
    this.#owed.clear();
  }

  /** By the head-end's clock, whatever this machine's shows; where that is not known, from now on. */
  #lifeMs({ issuedAtMs, expiresAtMs }: ReadRequest): number {
    return Math.min(longestLifeMs, expiresAtMs - (this.#deps.hostMs() ?? issuedAtMs));
  }

  #count(): number {
    return [...this.#owed.values()].reduce((sum, owed) => sum + owed, 0);
  }

  #accept(request: ReadRequest, deviceIds: readonly string[], endsMs: number): void {
    if (deviceIds.length === 0) return;
    const { clock, random01 } = this.#deps;
    const nowMs = clock.monotonicMs();
    const tasks = deviceIds.map((deviceId): Task => {
      const dueMs = nowMs + random01() * (request.spreadMs ?? 0);
      return { request, deviceId, dueMs, endsMs };
    });
    this.#owed.set(request, tasks.length);
    this.#waiting = [...this.#waiting, ...tasks].sort((a, b) => a.dueMs - b.dueMs);
    this.#next();
  }

  #next(): void {
    const { clock } = this.#deps;
    this.#endTimer?.();
    this.#endTimer = undefined;
    const nowMs = clock.monotonicMs();
    for (let task = this.#waiting[0]; task !== undefined && task.dueMs <= nowMs; task = this.#waiting[0]) {
      this.#waiting.shift();
      this.#toLane(task);
    }
    const [first] = this.#waiting;
    if (first !== undefined) this.#endTimer = clock.after(Math.ceil(first.dueMs - nowMs), () => this.#next());
  }

  #toLane(task: Task): void {
    const meter = this.#deps.meters.get(task.deviceId);
    const isOfBus = task.request.wanted === 'present' && meter !== undefined;
    const name = isOfBus ? `bus ${meter.bus}` : `disk ${this.#shortest()}`;
    const lane = this.#lanes.get(name);
    if (lane !== undefined) {
      lane.push(task);
      return;
    }
    this.#lanes.set(name, [task]);
    void this.#run(name);
  }

  /** Of the lanes that need no bus. */
  #shortest(): number {
    const lengths = Array.from({ length: intervalLanes }, (_, index) => this.#lanes.get(`disk ${index}`)?.length ?? -1);
    return lengths.indexOf(Math.min(...lengths));
  }

  async #run(name: string): Promise<void> {
    const lane = this.#lanes.get(name) ?? [];
    for (let task = lane.shift(); task !== undefined; task = lane.shift()) {
      const tasks = [task, ...takeSame(lane, task)];
      try {
        await this.#answer(tasks.filter((each) => this.#isWanted(each)));
      } catch (error) {
        const { deviceId, request } = task;
        const about = { device: deviceId, request: request.id, error: String(error) };
        this.#deps.log.error(about, 'a read came to nothing');
        void this.#fail(request, deviceId, `The gateway could not answer: ${String(error)}.`);
      }
      for (const { request } of tasks) this.#settle(request);
    }
    this.#lanes.delete(name);
  }

  #isWanted({ request, endsMs }: Task): boolean {
    return this.#owed.has(request) && this.#deps.clock.monotonicMs() < endsMs;
  }

  #settle(request: ReadRequest): void {
    const owed = this.#owed.get(request);
    if (owed === undefined) return;
    if (owed > 1) this.#owed.set(request, owed - 1);
    else this.#owed.delete(request);
  }

  /** All of one meter; several only of its present values. */
  async #answer(tasks: readonly Task[]): Promise<void> {
    const [task] = tasks;
    if (task === undefined) return;
    const { request, deviceId } = task;
    const meter = this.#deps.meters.get(deviceId);
    if (meter === undefined) await this.#fail(request, deviceId, `This gateway carries no meter ${deviceId}.`);
    else if (request.wanted === 'present') await this.#answerPresent(tasks, task, meter);
    else await this.#answerIntervals(task, meter);
  }

  async #answerPresent(tasks: readonly Task[], { deviceId, endsMs }: Task, meter: AnsweringMeter): Promise<void> {
    const { clock, timeQuality } = this.#deps;
    const patienceMs = Math.min(longestReadMs, endsMs - clock.monotonicMs());
    let read: PresentRead | undefined;
    const reads = meter.present().then((done) => (read = done));
    await within(clock, patienceMs, reads);
    if (read === undefined) {
      const say = `Its bus had no time for it in ${Math.round(patienceMs / 1_000)} s: polls and commands go before.`;
      for (const { request } of tasks) void this.#fail(request, deviceId, say);
      // Whatever still waits on the bus comes to its end before the next one is asked.
      await reads;
      return;
    }
    for (const { request } of tasks.filter((each) => this.#isWanted(each))) {
      const stamp = { requestId: request.id, timeMs: clock.nowMs(), timeQuality: timeQuality() };
      const said = read.ok ? { timeMs: read.timeMs, ...tellable(read.values) } : { failed: read.say };
      const sent = this.#send(deviceId, 'reading', reading.toBytes({ ...stamp, ...said }));
      if (this.#sending > maxSending) await sent;
    }
  }

  async #answerIntervals(task: Task, meter: AnsweringMeter): Promise<void> {
    const { clock, intervals } = this.#deps;
    const { request, deviceId } = task;
    const nowMs = clock.nowMs();
    const lengthS = intervals.lengthS(deviceId) ?? meter.intervalS;
    const limit = intervals.keptRows(lengthS);
    const toMs = request.toMs ?? floorTo(nowMs, lengthS);
    // What is beyond what could be kept is not told as missing: a range from 1970 on would be a long answer.
    const earliestMs = floorTo(Math.min(toMs, nowMs), lengthS) - limit * lengthS * 1_000;
    const fromMs = request.fromMs === undefined ? undefined : Math.max(request.fromMs, earliestMs);
    const kept = intervals.range(deviceId, { fromMs: fromMs ?? 0, toMs, limit });
    const blocks = intervalBlocks(kept, { requestId: request.id, fromMs, toMs, nowMs, lengthS });
    if (blocks.length === 0) await this.#fail(request, deviceId, 'No interval has ended in this range.');
    for (const block of blocks) {
      if (!this.#isWanted(task) || !(await this.#send(deviceId, 'intervals', encodeIntervals(block)))) return;
    }
  }

  async #fail({ id }: ReadRequest, deviceId: string, say: string): Promise<void> {
    if (!isName(deviceId)) return;
    const { clock, timeQuality } = this.#deps;
    const failed = { requestId: id, timeMs: clock.nowMs(), timeQuality: timeQuality(), failed: say };
    await this.#send(deviceId, 'reading', reading.toBytes(failed));
  }

  /** False: the broker did not take it, also later. */
  async #send(deviceId: string, message: DeviceUp, payload: Uint8Array): Promise<boolean> {
    const { publish, clock } = this.#deps;
    this.#sending += 1;
    try {
      for (let left = tries; left > 0; left--) {
        if (await publish(deviceId, message, payload)) return true;
        if (left > 1) await wait(clock, againMs);
      }
      return false;
    } finally {
      this.#sending -= 1;
    }
  }
}

/** Of the same meter's present values: one reading, which begins now, answers all that wait for it. */
function takeSame(lane: Task[], { request: { wanted }, deviceId }: Task): readonly Task[] {
  if (wanted !== 'present') return [];
  const same = lane.filter((each) => each.deviceId === deviceId && each.request.wanted === 'present');
  for (const each of same) lane.splice(lane.indexOf(each), 1);
  return same;
}

/** Without what no message can carry: it is unknown. */
function tellable(values: PresentValues): PresentValues {
  const names = Object.keys(values) as (keyof PresentValues)[];
  const told = names.filter((name) => {
    const value = values[name];
    return value !== undefined && reading.shape[name].field.encode(value) !== undefined;
  });
  return Object.fromEntries(told.map((name) => [name, values[name]]));
}
