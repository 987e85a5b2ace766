import { encodeHistory } from '@tiepoint/protocol';
import type { Outbox } from './disk/outbox.ts';
import type { Log } from './log.ts';

const batchEntries = 64;
const tickMs = 1_000;

/**
 * Sends what the outbox kept while the line was down, marked as history: newest first, a device at a time in turn, and at
 * most `entriesPerSecond`, so that live reports are not held up behind it.
 */
export class HistoryPump {
  readonly #outbox: Outbox;
  readonly #entriesPerSecond: number;
  readonly #publish: (deviceId: string, payload: Uint8Array) => Promise<boolean>;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;
  #sending = false;

  constructor(deps: {
    outbox: Outbox;
    entriesPerSecond: number;
    publish: (deviceId: string, payload: Uint8Array) => Promise<boolean>;
    log: Log;
  }) {
    this.#outbox = deps.outbox;
    this.#entriesPerSecond = deps.entriesPerSecond;
    this.#publish = deps.publish;
    this.#log = deps.log;
  }

  start(): void {
    this.stop();
    this.#timer = setInterval(() => void this.#tick(), tickMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #tick(): Promise<void> {
    if (this.#sending || this.#outbox.size === 0) return;
    this.#sending = true;
    try {
      this.#outbox.flush();
      let left = this.#entriesPerSecond;
      const devices = this.#outbox.devicesWaiting();
      for (let i = 0; i < devices.length && left > 0; i++) {
        const deviceId = devices[this.#turn++ % devices.length] as string;
        const entries = this.#outbox.newest(deviceId, Math.min(left, batchEntries));
        if (entries.length === 0) continue;
        if (!(await this.#publish(deviceId, encodeHistory(entries)))) return;
        this.#outbox.remove(entries.map(({ id }) => id));
        left -= entries.length;
      }
    } catch (error) {
      this.#log.error({ error: String(error) }, 'the outbox failed');
    } finally {
      this.#sending = false;
    }
  }
}
