import { encodeHistory } from '@tiepoint/protocol';
import type { Clock, EndTimer } from './clock.ts';
import type { Outbox } from './disk/outbox.ts';
import type { Log } from './log.ts';

const batchEntries = 64;
const tickMs = 1_000;
/** A mode that was shorter is spread over as long as it was. */
const spreadMs = 300_000;

export type HistoryDeps = {
  readonly clock: Clock;
  readonly random01: () => number;
  readonly outbox: Outbox;
  readonly entriesPerSecond: number;
  /** Devices whose history waits for the end of a fleet mode; all of them, or none. */
  readonly heldBack: () => readonly string[] | 'all';
  /** Resolves true when the broker has it. */
  readonly publish: (deviceId: string, payload: Uint8Array) => Promise<boolean>;
  readonly log: Log;
};

/**
 * Sends what the outbox kept while the line was down, marked as history: newest first, a device at a time in turn, and at
 * most `entriesPerSecond`, so that live reports are not held up behind it. Events that the head-end has not named as kept go with it again.
 */
export class HistoryPump {
  readonly #deps: HistoryDeps;
  #online = false;
  #endTimer: EndTimer | undefined;
  #lastDevice = '';
  #sending = false;
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  constructor(deps: HistoryDeps) {
    this.#deps = deps;
  }

  /** The line is up, or the head-end is there anew: it may have missed what the broker took. */
  start(): void {
    this.#deps.outbox.offerAgain();
    this.#online = true;
    this.wake();
  }

  /** A fleet mode that held back for so long is over. It is so for all of the fleet at once: what was kept begins to be sent by chance later. */
  resume(heldMs: number): void {
    const { clock, random01 } = this.#deps;
    this.#notBeforeMs = clock.monotonicMs() + random01() * Math.min(spreadMs, heldMs);
    this.wake();
  }

  /** The line is down, or the agent stops. */
  stop(): void {
    this.#online = false;
    this.#rest();
  }

  /** Something was kept. An empty outbox has no timer: a gateway that has nothing to send should not wake up to see so. */
  wake(): void {
    if (this.#online) this.#endTimer ??= this.#deps.clock.every(tickMs, () => void this.#tick());
  }

  #rest(): void {
    this.#endTimer?.();
    this.#endTimer = undefined;
  }

  async #tick(): Promise<void> {
    const { outbox, log, clock, heldBack } = this.#deps;
    if (this.#sending || clock.monotonicMs() < this.#notBeforeMs || heldBack() === 'all') return;
    if (outbox.size === 0) {
      this.#rest();
      return;
    }
    this.#sending = true;
    try {
      outbox.flush();
      await this.#sendSome();
    } catch (error) {
      log.error({ error: String(error) }, 'the outbox failed');
    } finally {
      this.#sending = false;
    }
  }

  async #sendSome(): Promise<void> {
    const { clock, outbox, publish, entriesPerSecond, heldBack } = this.#deps;
    for (let left = entriesPerSecond; left > 0;) {
      const nowMs = clock.monotonicMs();
      const held = heldBack();
      const deviceId = held === 'all' ? undefined : outbox.nextDevice(this.#lastDevice, nowMs, held);
      if (deviceId === undefined) return;
      this.#lastDevice = deviceId;
      const entries = outbox.newest(deviceId, Math.min(left, batchEntries), nowMs);
      if (!(await publish(deviceId, encodeHistory(entries)))) return;
      outbox.remove(entries.flatMap(({ id, of }) => (of === 'status' ? [id] : [])));
      for (const { id, of } of entries) if (of === 'event') outbox.sentEvent(id, clock.monotonicMs());
      left -= Math.max(1, entries.length);
    }
  }
}
