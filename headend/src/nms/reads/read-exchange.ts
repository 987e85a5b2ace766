import { formatTopic, readRequest } from '@tiepoint/protocol';
import type { IntervalBlock, Reading } from '@tiepoint/protocol';
import type { Refused } from '../ingest.ts';

/** What is asked of one gateway, for some of its meters. */
export type ReadAsk = {
  readonly gatewayId: string;
  readonly deviceIds: readonly string[];
  /** How long an answer may take; the gateway drops the request after it. */
  readonly forMs: number;
  readonly spreadMs?: number;
} & (
  | { readonly wanted: 'present' }
  /** Intervals that end after `fromMs` and not after `toMs`. */
  | { readonly wanted: 'intervals'; readonly fromMs: number; readonly toMs: number }
);

export type ReadAnswer =
  | { readonly of: 'reading'; readonly deviceId: string; readonly reading: Reading }
  | { readonly of: 'intervals'; readonly deviceId: string; readonly block: IntervalBlock };

type Open = {
  readonly gatewayId: string;
  readonly wanted: ReadAsk['wanted'];
  readonly deviceIds: ReadonlySet<string>;
  readonly endsAtMs: number;
  readonly onAnswer: (answer: ReadAnswer) => void;
};

/** More requests at once would be a fault of who asks; each is an entry in memory. */
const maxOpen = 50_000;
/** An answer that was under way at the expiry is still taken. */
const graceMs = 10_000;

/**
 * Requests to gateways and the answers to them. An answer counts for the request that it names, of the gateway that was asked, and for a
 * meter that was asked for; everything else is refused, so that nobody puts values under another's name. Time is monotonic, but for
 * what travels.
 */
export class ReadExchange {
  readonly #publish: (topic: string, payload: Uint8Array) => void;
  readonly #now: () => number;
  readonly #monotonicMs: () => number;
  readonly #newId: () => string;
  readonly #open = new Map<string, Open>();

  constructor(parts: {
    publish: (topic: string, payload: Uint8Array) => void;
    now: () => number;
    monotonicMs: () => number;
    newId: () => string;
  }) {
    this.#publish = parts.publish;
    this.#now = parts.now;
    this.#monotonicMs = parts.monotonicMs;
    this.#newId = parts.newId;
  }

  get size(): number {
    return this.#open.size;
  }

  /** The request's id, to end it by. Undefined: too many are open. */
  ask(ask: ReadAsk, onAnswer: (answer: ReadAnswer) => void): string | undefined {
    if (this.#open.size >= maxOpen) return undefined;
    const { gatewayId, deviceIds, wanted, forMs, spreadMs } = ask;
    const id = this.#newId();
    const endsAtMs = this.#monotonicMs() + forMs + graceMs;
    this.#open.set(id, { gatewayId, wanted, deviceIds: new Set(deviceIds), endsAtMs, onAnswer });
    const issuedAtMs = this.#now();
    const request = readRequest.toBytes({
      id,
      issuedAtMs,
      expiresAtMs: issuedAtMs + forMs,
      wanted,
      deviceIds,
      ...(ask.wanted === 'intervals' ? { fromMs: ask.fromMs, toMs: ask.toMs } : {}),
      ...(spreadMs === undefined ? {} : { spreadMs }),
    });
    this.#publish(formatTopic({ of: 'gateway', gatewayId, message: 'reads' }), request);
    return id;
  }

  /** Nobody waits for it any more. */
  end(id: string): void {
    this.#open.delete(id);
  }

  reading(gatewayId: string, deviceId: string, reading: Reading): Refused {
    return this.#answered(gatewayId, reading.requestId, { of: 'reading', deviceId, reading });
  }

  intervals(gatewayId: string, deviceId: string, block: IntervalBlock): Refused {
    return this.#answered(gatewayId, block.requestId, { of: 'intervals', deviceId, block });
  }

  /** Called about twice a second. */
  tick(): void {
    const nowMs = this.#monotonicMs();
    for (const [id, { endsAtMs }] of this.#open) if (nowMs > endsAtMs) this.#open.delete(id);
  }

  #answered(gatewayId: string, requestId: string | undefined, answer: ReadAnswer): Refused {
    const open = requestId === undefined ? undefined : this.#open.get(requestId);
    if (open === undefined || open.gatewayId !== gatewayId)
      return { reason: 'unasked', say: 'answers nothing that this gateway was asked, or too late' };
    if (!open.deviceIds.has(answer.deviceId))
      return { reason: 'unasked', say: `answers for ${answer.deviceId}, which was not asked for` };
    // A gateway that has no such intervals says why, as of a meter that cannot be read now.
    const isRefusal = answer.of === 'reading' && answer.reading.failed !== undefined;
    if (!isRefusal && (open.wanted === 'present') !== (answer.of === 'reading'))
      return { reason: 'unasked', say: `answers with ${answer.of} where ${open.wanted} was asked for` };
    open.onAnswer(answer);
    return undefined;
  }
}
