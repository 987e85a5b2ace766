import { Inbox } from '@tiepoint/headend/nms/link/inbox.ts';
import { silentLog } from '@tiepoint/headend/nms/link/link.ts';
import type {
  Link,
  LinkState,
  LinkStats,
  MessageHandler,
  Published,
  PublishOptions,
  StateHandler,
  SubscribeOptions,
} from '@tiepoint/headend/nms/link/link.ts';
import type { Connection, Line, Message, SimBroker } from './broker.ts';
import type { Life } from './life.ts';

type Parts = {
  readonly life: Life;
  readonly broker: SimBroker;
  /** To a broker outside; absent: the broker is in the head-end itself, starts and dies with it. */
  readonly line: Line | undefined;
  readonly will: Message;
};

const reconnectMs = 2_000;
const publishTimeoutMs = 10_000;

/** The head-end's line, as its interface has it, at the simulated broker: inside it or outside. */
export class SimLink implements Link {
  readonly #parts: Parts;
  readonly #inbox = new Inbox(silentLog);
  readonly #stateHandlers: StateHandler[] = [];
  #state: LinkState = 'down';
  #connection: Connection | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(): Promise<void> {
    const { broker, line } = this.#parts;
    this.#inbox.open();
    if (line === undefined) {
      broker.up = true;
      broker.inside = (message) => this.#heard(message);
      this.#tell('up');
    } else this.#connect(line);
    return Promise.resolve();
  }

  stop(): Promise<void> {
    throw new Error('the simulated head-end only crashes');
  }

  publish(topic: string, payload: Uint8Array, { retain = false }: PublishOptions): Promise<Published> {
    const { life, broker, line } = this.#parts;
    const point = topic.endsWith('/command');
    if (point && life.alive) life.strikes('publish-command', 'before');
    if (!life.alive) return new Promise(() => undefined);
    const message: Message = { topic, payload, retained: retain };
    const connection = this.#connection;
    if (this.#state === 'down' || (line !== undefined && connection === undefined))
      return Promise.resolve({ ok: false, reason: 'link-down', say: 'The line is down.' });
    const published = new Promise<Published>((resolve) => {
      if (connection === undefined) {
        life.outward(() => broker.take(message));
        life.later(0, () => resolve({ ok: true }));
        return;
      }
      life.outward(() => connection.publish(message, () => life.later(0, () => resolve({ ok: true }))));
      life.later(publishTimeoutMs, () => resolve({ ok: false, reason: 'timeout', say: 'It may have been sent.' }));
    });
    if (point) life.strikes('publish-command', 'after');
    return published;
  }

  onMessage(filter: string, handler: MessageHandler, options?: SubscribeOptions): void {
    this.#inbox.add(filter, handler, options);
  }

  onState(handler: StateHandler): void {
    this.#stateHandlers.push(handler);
  }

  stats(): LinkStats {
    const { received, receivedBytes, handlerFailures } = this.#inbox;
    const none = { published: 0, publishFailures: 0, connectionsLost: 0, slowed: 0, cutOff: {} };
    return { state: this.#state, received, receivedBytes, handlerFailures, ...none };
  }

  get handlerFailures(): number {
    return this.#inbox.handlerFailures;
  }

  #connect(line: Line): void {
    const { life, broker, will } = this.#parts;
    const again = (): void => void life.later(reconnectMs, () => this.#connect(line));
    if (!broker.up || line.isCut) return again();
    const connection = broker.connect(
      { clientId: 'headend', line, will },
      {
        heard: (message) => this.#heard(message),
        closed: () =>
          life.later(0, () => {
            if (this.#connection !== connection) return;
            this.#connection = undefined;
            this.#tell('down');
            again();
          }),
      },
    );
    this.#connection = connection;
    connection.subscribe(
      this.#inbox.subscriptions.map(({ filter }) => filter),
      () => life.later(0, () => this.#connection === connection && this.#tell('up')),
    );
    life.later(publishTimeoutMs, () => {
      if (this.#connection === connection && this.#state === 'down') connection.break('with-will');
    });
  }

  #heard(message: Message): void {
    this.#parts.life.later(0, () => this.#inbox.dispatch(message));
  }

  #tell(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const handler of this.#stateHandlers) handler(state);
  }
}
