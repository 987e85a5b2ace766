import type { IntervalBlock } from '@tiepoint/protocol';
import { deviceKeyOf, splitDeviceKey } from '../device-key.ts';
import type { ReadAnswer, ReadExchange } from './read-exchange.ts';
import type { NightWindow } from './night-window.ts';

/** What the warehouse lacks of one meter, from its first gap to its last. */
export type MeterGap = { readonly deviceKey: string; readonly fromMs: number; readonly toMs: number };
export type Delivery = { readonly deviceKey: string; readonly block: IntervalBlock; readonly readAtMs: number };

export type NightProgress = {
  readonly day: string;
  /** `over`: the window ended before all was read. */
  readonly state: 'asking' | 'running' | 'done' | 'over';
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly meters: number;
  readonly read: number;
  readonly underWay: number;
  /** Their gateway is not on line. */
  readonly away: number;
  readonly requests: number;
  readonly repeated: number;
  readonly blocks: number;
  readonly intervals: number;
  /** Why nothing can be put into the warehouse, while it is so. */
  readonly landingFails?: string;
};

type Task = MeterGap & {
  readonly gatewayId: string;
  readonly deviceId: string;
  attempts: number;
  notBeforeMs: number;
  /** How much of its time the answers to the request of this id told, so that a block that was lost is missed. */
  toldMs: number;
  toldOf: string | undefined;
  state: 'waiting' | 'asked' | 'landing' | 'read';
};

type Request = {
  readonly id: string;
  readonly tasks: readonly Task[];
  readonly endsMs: number;
  /** So long answers may be spread by chance. */
  readonly spreadUntilMs: number;
  lastAnswerMs: number | undefined;
};

type Gateway = {
  readonly tasks: Task[];
  request?: Request;
};

type Night = {
  readonly window: NightWindow;
  readonly startedAtMs: number;
  readonly gateways: Map<string, Gateway>;
  readonly tasks: ReadonlyMap<string, Task>;
  state: NightProgress['state'];
  endedAtMs?: number;
  requests: number;
  repeated: number;
  blocks: number;
  intervals: number;
  landingFails?: string;
};

type Landing = Delivery & { readonly task: Task; readonly final: boolean };

const metersPerRequest = 64;
const answerWithinMs = 45_000;
/** Each meter of a request may wait so long by chance, so that a concentrator does not answer all at once. */
const spreadPerMeterMs = 50;
/** Where some have answered and then nothing comes for so long, the rest was lost on the way, and the gateway is free for the next. */
const quietMs = 6_000;
/** A gateway that goes on telling less than it was asked for has no more to tell. */
const wholeAttempts = 3;
const firstBackOffMs = 15_000;
const longestBackOffMs = 600_000;
/** More than these wait for the warehouse: nothing more is asked until it has taken some. */
const maxLanding = 20_000;
const blocksPerLanding = 2_000;

export type NightlyParts = {
  exchange: Pick<ReadExchange, 'ask' | 'end'>;
  online: (gatewayId: string) => boolean;
  /** Of all meters that are expected to be read. Later nights ask for what earlier ones did not get. */
  gaps: (window: NightWindow) => Promise<readonly MeterGap[]>;
  /** Resolves when they are on the disk. */
  land: (deliveries: readonly Delivery[]) => Promise<void>;
  /** Over the whole fleet. */
  metersPerSecond: number;
  /** From 0 to 1. */
  random: () => number;
  now: () => number;
  monotonicMs: () => number;
};

/**
 * The night's read: asks every gateway for what the warehouse lacks, one request at a time each and no more in all than the broker should
 * bear, again with back-off where nothing came, until all is there or the window ends. A meter counts as read when its intervals are on the warehouse's
 * disk. After a restart it asks for the gaps anew, and so goes on where it was.
 */
export class NightlyRead {
  readonly #parts: NightlyParts;
  #night: Night | undefined;
  #landing: Landing[] = [];
  #landingNow = false;
  #tokens = 0;
  #lastTickMs: number | undefined;
  /** Where the next round begins, so that no gateway is always the last. */
  #turn = 0;

  constructor(parts: NightlyParts) {
    this.#parts = parts;
  }

  get progress(): NightProgress | undefined {
    const night = this.#night;
    if (night === undefined) return undefined;
    const tasks = [...night.tasks.values()];
    const { state, startedAtMs, endedAtMs, requests, repeated, blocks, intervals, landingFails } = night;
    return {
      day: night.window.day,
      state,
      startedAtMs,
      ...(endedAtMs === undefined ? {} : { endedAtMs }),
      meters: tasks.length,
      read: tasks.filter((task) => task.state === 'read').length,
      underWay: tasks.filter((task) => task.state === 'asked' || task.state === 'landing').length,
      away: tasks.filter((task) => task.state === 'waiting' && !this.#parts.online(task.gatewayId)).length,
      requests,
      repeated,
      blocks,
      intervals,
      ...(landingFails === undefined ? {} : { landingFails }),
    };
  }

  /** Whether a night of this window was begun. */
  isOf(window: NightWindow): boolean {
    return this.#night?.window.day === window.day;
  }

  /** Throws what `gaps` throws; the night is then not begun. */
  async begin(window: NightWindow): Promise<void> {
    this.#end('over');
    const night: Night = {
      window,
      startedAtMs: this.#parts.now(),
      gateways: new Map(),
      tasks: new Map(),
      state: 'asking',
      requests: 0,
      repeated: 0,
      blocks: 0,
      intervals: 0,
    };
    this.#night = night;
    try {
      const gaps = await this.#parts.gaps(window);
      if (this.#night !== night) return;
      const tasks = new Map(gaps.flatMap((gap) => this.#taskOf(gap)));
      for (const task of tasks.values()) {
        const gateway = night.gateways.get(task.gatewayId) ?? { tasks: [] };
        gateway.tasks.push(task);
        night.gateways.set(task.gatewayId, gateway);
      }
      this.#night = { ...night, tasks, state: 'running' };
    } catch (error) {
      if (this.#night === night) this.#night = undefined;
      throw error;
    }
  }

  /** Called several times a second. */
  tick(): void {
    const nowMs = this.#parts.monotonicMs();
    const elapsedMs = nowMs - (this.#lastTickMs ?? nowMs);
    this.#lastTickMs = nowMs;
    const night = this.#night;
    if (night?.state !== 'running') return;
    this.#expire(night, nowMs);
    void this.#land(night);
    if (night.tasks.values().every(({ state }) => state === 'read')) return this.#end('done');
    if (this.#parts.now() >= night.window.endMs) return this.#end('over');
    const { metersPerSecond } = this.#parts;
    // What was not used is gone: an hour without tokens taken must not become a burst.
    this.#tokens = Math.min(metersPerSecond, this.#tokens + (elapsedMs / 1_000) * metersPerSecond);
    this.#ask(night, nowMs);
  }

  #end(state: 'done' | 'over'): void {
    const night = this.#night;
    if (night?.state !== 'running') return;
    for (const { request } of night.gateways.values()) if (request !== undefined) this.#parts.exchange.end(request.id);
    night.state = state;
    night.endedAtMs = this.#parts.now();
  }

  #taskOf(gap: MeterGap): readonly (readonly [string, Task])[] {
    const place = splitDeviceKey(gap.deviceKey);
    if (place === undefined) return [];
    return [
      [
        gap.deviceKey,
        { ...gap, ...place, attempts: 0, notBeforeMs: 0, toldMs: 0, toldOf: undefined, state: 'waiting' },
      ],
    ];
  }

  #ask(night: Night, nowMs: number): void {
    const ids = [...night.gateways.keys()];
    for (let step = 0; step < ids.length && this.#tokens >= 1 && this.#landing.length < maxLanding; step += 1) {
      this.#turn = (this.#turn + 1) % ids.length;
      const gatewayId = ids[this.#turn] ?? '';
      const gateway = night.gateways.get(gatewayId);
      if (gateway === undefined || gateway.request !== undefined || !this.#parts.online(gatewayId)) continue;
      const ready = gateway.tasks.filter((task) => task.state === 'waiting' && task.notBeforeMs <= nowMs);
      const [first] = ready;
      if (first === undefined) continue;
      const most = Math.max(1, Math.min(metersPerRequest, Math.floor(this.#tokens)));
      const batch = ready.filter(({ fromMs, toMs }) => fromMs === first.fromMs && toMs === first.toMs).slice(0, most);
      this.#request(night, gatewayId, gateway, batch, nowMs);
    }
  }

  #request(night: Night, gatewayId: string, gateway: Gateway, batch: readonly Task[], nowMs: number): void {
    const [first] = batch;
    if (first === undefined) return;
    const spreadMs = batch.length * spreadPerMeterMs;
    const forMs = answerWithinMs + spreadMs;
    const id = this.#parts.exchange.ask(
      {
        gatewayId,
        deviceIds: batch.map(({ deviceId }) => deviceId),
        wanted: 'intervals',
        fromMs: first.fromMs,
        toMs: first.toMs,
        forMs,
        spreadMs,
      },
      (answer) => this.#take(night, gatewayId, answer),
    );
    if (id === undefined) return;
    const spreadUntilMs = nowMs + spreadMs;
    gateway.request = { id, tasks: batch, endsMs: nowMs + forMs, spreadUntilMs, lastAnswerMs: undefined };
    this.#tokens -= batch.length;
    night.requests += 1;
    for (const task of batch) {
      task.state = 'asked';
      if (task.attempts > 0) night.repeated += 1;
      task.attempts += 1;
    }
  }

  #take(night: Night, gatewayId: string, answer: ReadAnswer): void {
    const task = night.tasks.get(deviceKeyOf(gatewayId, answer.deviceId));
    if (task === undefined || task.state === 'read' || this.#night !== night) return;
    if (answer.of === 'intervals') this.#takeBlock(night, task, answer.block);
    // The gateway says why it has nothing.
    else if (task.state === 'asked') this.#later(task, this.#parts.monotonicMs());
    const { request } = night.gateways.get(gatewayId) ?? {};
    if (request?.tasks.includes(task) === true) request.lastAnswerMs = this.#parts.monotonicMs();
    if (request?.tasks.every(({ state }) => state !== 'asked') === true) this.#close(night, gatewayId);
  }

  #takeBlock(night: Night, task: Task, block: IntervalBlock): void {
    night.blocks += 1;
    night.intervals += block.intervals.length;
    if (task.toldOf !== block.requestId) [task.toldMs, task.toldOf] = [0, block.requestId];
    task.toldMs += block.intervals.length * block.intervalS * 1_000;
    // The range need not begin and end where an interval does.
    const isWhole = task.toldMs + block.intervalS * 1_000 > task.toMs - task.fromMs || task.attempts >= wholeAttempts;
    const final = block.final && isWhole;
    if (final) task.state = 'landing';
    else if (block.final) this.#later(task, this.#parts.monotonicMs());
    const { deviceKey } = task;
    this.#landing.push({ deviceKey, block, readAtMs: this.#parts.now(), task, final });
  }

  #close(night: Night, gatewayId: string): void {
    const gateway = night.gateways.get(gatewayId);
    if (gateway?.request === undefined) return;
    this.#parts.exchange.end(gateway.request.id);
    delete gateway.request;
  }

  /** What nobody answered is asked again later, and the later the more often it was in vain. */
  #expire(night: Night, nowMs: number): void {
    for (const [gatewayId, { request }] of night.gateways) {
      const isGone = request !== undefined && !this.#parts.online(gatewayId);
      if (request === undefined) continue;
      const isOver = nowMs >= request.endsMs || isGone;
      if (!isOver && !isQuiet(request, nowMs)) continue;
      for (const task of request.tasks) if (task.state === 'asked') this.#later(task, nowMs);
      // What comes all the same is taken until the request itself is over.
      if (isOver) this.#close(night, gatewayId);
      else delete night.gateways.get(gatewayId)?.request;
    }
  }

  #later(task: Task, nowMs: number): void {
    const backOffMs = Math.min(longestBackOffMs, firstBackOffMs * 2 ** (task.attempts - 1));
    task.state = 'waiting';
    task.notBeforeMs = nowMs + backOffMs * (0.5 + this.#parts.random());
  }

  async #land(night: Night): Promise<void> {
    if (this.#landingNow || this.#landing.length === 0) return;
    const batch = this.#landing.splice(0, blocksPerLanding);
    this.#landingNow = true;
    try {
      await this.#parts.land(batch.map(({ deviceKey, block, readAtMs }) => ({ deviceKey, block, readAtMs })));
      delete night.landingFails;
      for (const { task, final } of batch) if (final && task.state === 'landing') task.state = 'read';
    } catch (error) {
      // What the warehouse did not take was not read: the gateway still has it.
      night.landingFails = error instanceof Error ? error.message : String(error);
      for (const { task } of batch) if (task.state !== 'read') this.#later(task, this.#parts.monotonicMs());
    } finally {
      this.#landingNow = false;
    }
  }
}

function isQuiet({ spreadUntilMs, lastAnswerMs }: Request, nowMs: number): boolean {
  return lastAnswerMs !== undefined && nowMs - Math.max(spreadUntilMs, lastAnswerMs) > quietMs;
}
