import { levels, matches } from '@tiepoint/headend/nms/link/topic-filter.ts';
import type { SeededRandom } from '../../devices/seeded-random.ts';
import type { SteppedTime } from './stepped-time.ts';

export type Message = { readonly topic: string; readonly payload: Uint8Array; readonly retained: boolean };

/** What the network between a client and the broker does; changed while it runs. */
export type Weather = {
  latencyMs: number;
  /** Of 1: messages that are lost, come twice, or are held up for long. */
  lostShare: number;
  twiceShare: number;
  heldShare: number;
  longestHeldMs: number;
  /** What is held up is overtaken by what comes after it. */
  reorders: boolean;
};

/** A connection is believed dead by both ends after so long without a byte: one and a half keep-alives of 15 s. */
const deadAfterMs = 22_500;

/** The way between one client and the broker: in order and whole on a calm day, as TCP has it. */
export class Line {
  readonly #time: SteppedTime;
  readonly #random: SeededRandom;
  readonly #weather: Weather;
  #cutUntilMs = 0;
  #lastUpMs = 0;
  #lastDownMs = 0;
  connection: Connection | undefined;

  constructor(time: SteppedTime, random: SeededRandom, weather: Weather) {
    this.#time = time;
    this.#random = random;
    this.#weather = weather;
  }

  get isCut(): boolean {
    return this.#time.nowMs < this.#cutUntilMs;
  }

  /** Nothing passes for so long; what was sent comes after it, if the connection is still believed alive then. */
  cut(ms: number): void {
    this.#cutUntilMs = Math.max(this.#cutUntilMs, this.#time.nowMs + ms);
    const { connection } = this;
    if (ms >= deadAfterMs) this.#time.after(deadAfterMs, () => connection?.break('with-will'));
  }

  /** Of a message to the broker. */
  up(run: () => void): void {
    this.#lastUpMs = this.#pass(this.#lastUpMs, run);
  }

  down(run: () => void): void {
    this.#lastDownMs = this.#pass(this.#lastDownMs, run);
  }

  #pass(lastMs: number, run: () => void): number {
    const { latencyMs, lostShare, twiceShare, heldShare, longestHeldMs, reorders } = this.#weather;
    const random = this.#random;
    if (random.next() < lostShare) return lastMs;
    const held = random.next() < heldShare ? random.next() * longestHeldMs : 0;
    const onTheWayMs = Math.max(this.#time.nowMs, this.#cutUntilMs) + 1 + random.next() * latencyMs + held;
    const atMs = reorders ? onTheWayMs : Math.max(lastMs, onTheWayMs);
    this.#time.after(atMs - this.#time.nowMs, run);
    if (random.next() < twiceShare) this.#time.after(atMs - this.#time.nowMs + random.next() * 3_000, run);
    return atMs;
  }
}

/** A client's session at the broker. */
export class Connection {
  readonly clientId: string;
  readonly line: Line;
  readonly will: Omit<Message, 'retained'> | undefined;
  readonly #broker: SimBroker;
  readonly #heard: (message: Message) => void;
  readonly #closed: () => void;
  filters: readonly string[] = [];
  open = true;

  constructor(
    broker: SimBroker,
    settings: Pick<Connection, 'clientId' | 'line' | 'will'>,
    ends: { heard: (message: Message) => void; closed: () => void },
  ) {
    this.#broker = broker;
    this.clientId = settings.clientId;
    this.line = settings.line;
    this.will = settings.will;
    this.#heard = ends.heard;
    this.#closed = ends.closed;
    this.line.connection = this;
  }

  subscribe(filters: readonly string[], done: () => void): void {
    this.line.up(() => {
      if (!this.open) return;
      this.filters = filters;
      this.line.down(() => this.open && done());
      for (const message of this.#broker.retained.values()) this.offer({ ...message, retained: true });
    });
  }

  /** `taken`: the broker's word that it has it. */
  publish(message: Message, taken: () => void): void {
    this.line.up(() => {
      if (!this.open) return;
      this.#broker.take(message);
      this.line.down(() => this.open && taken());
    });
  }

  offer(message: Message): void {
    if (!this.filters.some((filter) => matches(levels(filter), levels(message.topic)))) return;
    this.line.down(() => this.open && this.#heard(message));
  }

  /** The client goes without a word, or the broker does. */
  break(how: 'with-will' | 'without-will'): void {
    if (!this.open) return;
    this.open = false;
    this.#broker.forget(this);
    if (how === 'with-will' && this.will !== undefined) this.#broker.take({ ...this.will, retained: false });
    this.#closed();
  }
}

/** An MQTT broker as the product may count on it, and no better: no sessions, retained messages, wills. */
export class SimBroker {
  up = true;
  readonly retained = new Map<string, Message>();
  /** What was said last, for whoever listens in. */
  readonly said: Message[] = [];
  readonly #connections = new Map<string, Connection>();
  /** The head-end, where the broker is inside it. */
  inside: ((message: Message) => void) | undefined;

  connect(
    settings: Pick<Connection, 'clientId' | 'line' | 'will'>,
    ends: ConstructorParameters<typeof Connection>[2],
  ): Connection {
    this.#connections.get(settings.clientId)?.break('with-will');
    const connection = new Connection(this, settings, ends);
    this.#connections.set(settings.clientId, connection);
    return connection;
  }

  take(message: Message): void {
    if (message.retained) this.retained.set(message.topic, message);
    this.said.push(message);
    if (this.said.length > 100) this.said.shift();
    const live = { ...message, retained: false };
    this.inside?.(live);
    for (const connection of this.#connections.values()) connection.offer(live);
  }

  forget(connection: Connection): void {
    if (this.#connections.get(connection.clientId) === connection) this.#connections.delete(connection.clientId);
  }

  /** Every connection ends at once, and no will is told. */
  stop({ forgets }: { forgets: boolean }): void {
    this.up = false;
    this.inside = undefined;
    for (const connection of this.#connections.values()) connection.break('without-will');
    if (forgets) this.retained.clear();
  }
}
