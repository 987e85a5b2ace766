import type { IClientOptions, MqttClient } from 'mqtt';
import type { Connection, Line, SimBroker } from './broker.ts';
import type { Life } from './life.ts';

type Parts = { readonly life: Life; readonly broker: SimBroker; readonly line: Line };
type Listener = (...args: never[]) => void;

/** The part of mqtt.js that the agent uses, at the simulated broker. */
export function simClient({ life, broker, line }: Parts, options: IClientOptions): MqttClient {
  return new SimClient({ life, broker, line }, options) as unknown as MqttClient;
}

const refusedAfterMs = 2_000;

class SimClient {
  readonly #parts: Parts;
  readonly #options: IClientOptions;
  readonly #listeners = new Map<string, Listener>();
  #connection: Connection | undefined;
  #isConnected = false;
  #ended = false;

  constructor(parts: Parts, options: IClientOptions) {
    this.#parts = parts;
    this.#options = options;
    parts.life.outward(() => parts.line.up(() => parts.life.later(0, () => this.#connect())));
    parts.life.later(options.connectTimeout ?? 10_000, () => {
      if (this.#isConnected) return;
      this.#connection?.break('with-will');
      this.#close();
    });
  }

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, listener);
    return this;
  }

  once(event: string, listener: Listener): this {
    return this.on(event, listener);
  }

  removeAllListeners(event: string): this {
    this.#listeners.delete(event);
    return this;
  }

  subscribeAsync(filters: string[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#connection === undefined) reject(new Error('not connected'));
      else this.#connection.subscribe(filters, () => this.#parts.life.later(0, () => resolve([])));
    });
  }

  publish(topic: string, payload: Buffer, _options: object, done: (error?: Error) => void): this {
    const { life } = this.#parts;
    if (topic.endsWith('/ack') && life.alive) life.strikes('publish-ack', 'before');
    const connection = this.#connection;
    life.outward(() =>
      connection?.publish({ topic, payload: Uint8Array.from(payload), retained: false }, () => life.later(0, done)),
    );
    if (topic.endsWith('/ack') && life.alive) life.strikes('publish-ack', 'after');
    return this;
  }

  end(_force?: boolean): this {
    this.#ended = true;
    const connection = this.#connection;
    this.#connection = undefined;
    this.#parts.life.outward(() => connection?.break('with-will'));
    return this;
  }

  endAsync(): Promise<void> {
    this.end();
    return Promise.resolve();
  }

  #connect(): void {
    const { life, broker, line } = this.#parts;
    if (this.#ended) return;
    if (!broker.up || line.isCut) {
      life.later(refusedAfterMs, () => this.#close());
      return;
    }
    const { clientId = '', will } = this.#options;
    const connection = broker.connect(
      {
        clientId,
        line,
        will: will && { topic: will.topic, payload: Uint8Array.from(will.payload as Buffer) },
      },
      {
        heard: ({ topic, payload, retained }) =>
          life.later(0, () => !this.#ended && this.#emit('message', topic, Buffer.from(payload), { retain: retained })),
        closed: () => life.later(0, () => this.#close()),
      },
    );
    this.#connection = connection;
    line.down(() =>
      life.later(0, () => {
        if (this.#connection !== connection) return;
        this.#isConnected = true;
        this.#emit('connect');
      }),
    );
  }

  #close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#connection = undefined;
    this.#emit('close');
  }

  #emit(event: string, ...args: unknown[]): void {
    (this.#listeners.get(event) as ((...given: unknown[]) => void) | undefined)?.(...args);
  }
}
