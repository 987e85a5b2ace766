import type { BusLog } from './bus.ts';
import type { Link } from './link.ts';
import type { Timers } from './timers.ts';

export type ConnectionEvents = {
  onOpened(): void;
  onBytes(bytes: Uint8Array): void;
  onLost(): void;
};

export type ConnectionSettings = {
  name: string;
  reconnect: { firstMs: number; maxMs: number };
  /** Only read functions pass. */
  readOnly: boolean;
  /** Where the function code stands in what goes on the wire: 1 on RTU, 7 on Modbus TCP. */
  functionCodeAt: 1 | 7;
};

/**
 * Keeps one link open. After a loss it opens the link again, at once `firstMs` later, then with a doubling pause up to
 * `maxMs`; the pause shrinks again only when the new connection has carried an answer, so that a link that opens and drops
 * is not opened in a rush.
 */
export class Connection {
  reconnects = 0;
  refusedWrites = 0;
  readonly #link: Link;
  readonly #settings: ConnectionSettings;
  readonly #timers: Timers;
  readonly #events: ConnectionEvents;
  readonly #log: BusLog | undefined;
  #state: 'stopped' | 'opening' | 'open' | 'waiting' = 'stopped';
  #pauseMs = 0;
  #everOpened = false;
  #lastSay = '';

  constructor(parts: {
    link: Link;
    settings: ConnectionSettings;
    timers: Timers;
    events: ConnectionEvents;
    log: BusLog | undefined;
  }) {
    this.#link = parts.link;
    this.#settings = parts.settings;
    this.#timers = parts.timers;
    this.#events = parts.events;
    this.#log = parts.log;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Why there is no connection, for people. */
  get say(): string {
    return this.#lastSay;
  }

  /** Resolves after the first attempt, successful or not. */
  start(): Promise<void> {
    this.#pauseMs = 0;
    return this.#open();
  }

  /** Closes; a port that does not close within `closeWithinMs` is left to the operating system. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    let endWait = (): void => undefined;
    const tooLong = new Promise<void>((resolve) => (endWait = this.#timers.after(closeWithinMs, resolve)));
    await Promise.race([this.#link.close(), tooLong]);
    endWait();
  }

  /**
   * Sends one frame. Refuses all but reads on a read-only port: this is the last place before the wire, and looks at the
   * bytes themselves, whatever the callers above believe.
   */
  send(wire: Uint8Array): 'sent' | 'refused' {
    const functionCode = wire[this.#settings.functionCodeAt] ?? 0;
    if (this.#settings.readOnly && !(functionCode >= 1 && functionCode <= 4)) {
      this.refusedWrites++;
      return 'refused';
    }
    this.#link.send(wire);
    return 'sent';
  }

  /** An answer came: the connection is of use. */
  proven(): void {
    this.#pauseMs = 0;
  }

  /** Gives up this connection and opens another. */
  drop(say: string): void {
    if (this.#state !== 'open') return;
    void this.#link.close();
    this.#lost(say);
  }

  /** A write without an answer may still be on its way to the device: where it can be taken back, it is. */
  takeBack(): void {
    if (this.#link.keepsUnsent)
      this.drop('a write was not answered, and shall not arrive late: a new connection is made');
  }

  /** Drops a connection whose port is gone without having said so. */
  async dropIfGone(): Promise<void> {
    if (this.#state === 'open' && !(await this.#link.stillThere())) this.drop('the port is gone');
  }

  async #open(): Promise<void> {
    this.#state = 'opening';
    const endTimer = this.#timers.after(connectWithinMs, () => void this.#link.close());
    const opened = await this.#link.open({
      onBytes: (bytes) => this.#events.onBytes(bytes),
      onClosed: (say) => {
        if (this.#state === 'open') this.#lost(say);
      },
    });
    endTimer();
    if (this.#state !== 'opening') return void (opened.ok && (await this.#link.close()));
    if (!opened.ok) return this.#retryLater(opened.say);
    this.#state = 'open';
    if (this.#everOpened) this.reconnects++;
    this.#everOpened = true;
    this.#lastSay = '';
    this.#log?.info({ bus: this.#settings.name }, `bus ${this.#settings.name}: open`);
    this.#events.onOpened();
  }

  #lost(say: string): void {
    this.#retryLater(say);
    this.#events.onLost();
  }

  #retryLater(say: string): void {
    const { firstMs, maxMs } = this.#settings.reconnect;
    this.#state = 'waiting';
    this.#pauseMs = Math.min(this.#pauseMs === 0 ? firstMs : this.#pauseMs * 2, maxMs);
    // The same cause again and again is written down once.
    if (say !== this.#lastSay) {
      this.#log?.warn({ bus: this.#settings.name, retryMs: this.#pauseMs }, `bus ${this.#settings.name}: ${say}`);
    }
    this.#lastSay = say;
    this.#timers.after(this.#pauseMs, () => {
      if (this.#state === 'waiting') void this.#open();
    });
  }
}

const connectWithinMs = 5_000;
const closeWithinMs = 2_000;
