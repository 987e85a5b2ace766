/**
 * The line between the NMS and the gateways, whichever broker carries it. Two implementations pass one conformance test:
 * `embedded-broker.ts` (a broker inside this process, consumed in process) and `external-broker.ts` (a client of any
 * MQTT 3.1.1 broker). Payloads are bytes here: what they mean is the protocol's, and a gateway's word is checked there.
 */
import type { Failure } from '@tiepoint/protocol';

export interface Link {
  /** Embedded: resolves when the port is bound, throws with a sentence for the operator when it cannot be. External: starts trying. */
  start(): Promise<void>;
  /** Ends within `stopTimeoutMs`. No handler is called after `stop()` was called, so a stop does not look like a thousand deaths. */
  stop(): Promise<void>;
  /**
   * `ok` means that the broker took the message over, **not** that a gateway has it: only the gateway's own
   * acknowledgement tells that. `link-down`, `busy`, `too-large` and `invalid` mean that it was not sent and never will be;
   * `timeout` means that nobody knows whether it was sent. Nothing is queued while the link is down.
   */
  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<Published>;
  /**
   * Registered before `start()`. Each handler hears each message once, also when filters overlap, and hears what this link
   * itself publishes under its filter. Handlers are synchronous; what they throw is caught, counted and logged.
   * A payload may be a view into a larger network buffer: copy what is kept.
   */
  onMessage(topicFilter: string, handler: MessageHandler, options?: SubscribeOptions): void;
  /** Called with each change, never twice with the same state. `up` means subscribed, too. */
  onState(handler: StateHandler): void;
  /** Clients connected now; only the embedded broker knows. */
  connections?(): number;
  stats(): LinkStats;
}

export type Inbound = { topic: string; payload: Uint8Array; retained: boolean };
export type MessageHandler = (message: Inbound) => void;
export type LinkState = 'up' | 'down';
export type StateHandler = (state: LinkState) => void;
export type PublishOptions = { qos: 0 | 1; retain?: boolean };
/** `qos` matters with an external broker alone: 0 for frequent telemetry, 1 for the rare messages (the default). */
export type SubscribeOptions = { qos?: 0 | 1 };
export type PublishFailure = Failure<'link-down' | 'timeout' | 'busy' | 'too-large' | 'invalid'>;
export type Published = { ok: true } | PublishFailure;

/** Counters since `start()` of the process; they only grow. */
export type LinkStats = {
  state: LinkState;
  received: number;
  receivedBytes: number;
  published: number;
  publishFailures: number;
  handlerFailures: number;
  /** External: connections lost. Embedded: clients gone, for whatever reason. */
  connectionsLost: number;
  /** Embedded: gateways that sent faster than they may, and were read more slowly. */
  slowed: number;
  /** Embedded: clients cut off because they broke a bound or a rule, by bound or rule. */
  cutOff: Readonly<Record<string, number>>;
};

/** The part of pino's logger that is used here. */
export type LinkLog = {
  info(fields: Record<string, unknown>, say: string): void;
  warn(fields: Record<string, unknown>, say: string): void;
};

export const silentLog: LinkLog = { info: () => undefined, warn: () => undefined };

/** What is wrong with a topic to publish to, or undefined. */
export function topicFault(topic: string, maxTopicLevels: number): string | undefined {
  if (topic === '') return 'the topic is empty';
  if (/[+#\0]/.test(topic)) return `the topic ${JSON.stringify(topic)} holds a wildcard or a NUL`;
  if (topic.startsWith('$')) return `the topic ${topic} is the broker's own`;
  if (Buffer.byteLength(topic) > 65_535) return 'the topic is longer than 65535 bytes';
  if (topic.split('/').length > maxTopicLevels) return `the topic has more than ${maxTopicLevels} levels`;
  return undefined;
}
