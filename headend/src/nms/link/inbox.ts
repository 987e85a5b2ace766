import type { Inbound, LinkLog, MessageHandler, SubscribeOptions } from './link.ts';
import { filterFault, levels, matches, type Levels } from './topic-filter.ts';

type Subscription = { filter: string; filterLevels: Levels; handler: MessageHandler; qos: 0 | 1 };

/**
 * The handlers of a link. A handler's failure ends here: in the embedded broker an exception of an in-process subscriber
 * would otherwise kill the broker, and with it every gateway's line.
 */
export class Inbox {
  readonly subscriptions: Subscription[] = [];
  received = 0;
  receivedBytes = 0;
  handlerFailures = 0;
  readonly #log: LinkLog;
  #open = false;

  constructor(log: LinkLog) {
    this.#log = log;
  }

  /** Throws for a malformed filter and after `open()`: both are faults of the wiring. */
  add(filter: string, handler: MessageHandler, options: SubscribeOptions = {}): void {
    const fault = filterFault(filter);
    if (fault !== undefined) throw new Error(fault);
    if (this.#open) throw new Error(`${filter}: handlers are registered before start()`);
    this.subscriptions.push({ filter, filterLevels: levels(filter), handler, qos: options.qos ?? 1 });
  }

  open(): void {
    this.#open = true;
  }

  close(): void {
    this.#open = false;
  }

  /** Hands a message to every handler whose filter matches; never throws. */
  dispatch(message: Inbound): void {
    if (!this.#open) return;
    this.received += 1;
    this.receivedBytes += message.payload.byteLength;
    const topicLevels = levels(message.topic);
    for (const { filter, filterLevels, handler } of this.subscriptions) {
      if (matches(filterLevels, topicLevels)) this.#call(filter, handler, message);
    }
  }

  #call(filter: string, handler: MessageHandler, message: Inbound): void {
    try {
      const outcome: unknown = handler(message);
      // A handler that slipped in as an async function would reject unheard, and an unheard rejection ends the process.
      if (outcome instanceof Promise) outcome.catch((error: unknown) => this.#failed(filter, message.topic, error));
    } catch (error) {
      this.#failed(filter, message.topic, error);
    }
  }

  #failed(filter: string, topic: string, error: unknown): void {
    this.handlerFailures += 1;
    // Logged at the 1st, 2nd, 4th, 8th … failure: a gateway that sends nonsense every 4 s must not fill the disk.
    if ((this.handlerFailures & (this.handlerFailures - 1)) !== 0) return;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const fields = { filter, topic: topic.slice(0, 200), failures: this.handlerFailures, error: text.slice(0, 2000) };
    this.#log.warn(fields, `a handler of ${filter} failed; the message is dropped, the link goes on`);
  }
}
