import type { Acknowledgement } from '@tiepoint/protocol';
import type { Clock, EndTimer } from './clock.ts';
import type { Log } from './log.ts';

const retryMs = 5_000;

/**
 * Outcomes that the journal would not take: they live in memory, and are tried again. At most one a command, and commands come one
 * at a time, each of them only when the earlier ones are written: bounded.
 */
export class OwedOutcomes {
  readonly #clock: Clock;
  readonly #log: Log;
  /** Throws where the disk fails. */
  readonly #write: (ack: Acknowledgement) => void;
  readonly #owed = new Map<string, Acknowledgement>();
  #endTimer: EndTimer | undefined;

  constructor({ clock, log, write }: { clock: Clock; log: Log; write: (ack: Acknowledgement) => void }) {
    this.#clock = clock;
    this.#log = log;
    this.#write = write;
  }

  of(commandId: string): Acknowledgement | undefined {
    return this.#owed.get(commandId);
  }

  /** Into the journal now, or as soon as it takes it. */
  settle(ack: Acknowledgement): void {
    this.#owed.set(ack.commandId, ack);
    this.#try();
  }

  /** So that the journal says how the last command ended before it is told of another. Throws where it still fails. */
  pay(): void {
    for (const ack of this.#owed.values()) this.#payOne(ack);
  }

  stop(): void {
    this.#endTimer?.();
  }

  #payOne(ack: Acknowledgement): void {
    this.#write(ack);
    this.#owed.delete(ack.commandId);
  }

  #try(): void {
    for (const ack of this.#owed.values()) {
      try {
        this.#payOne(ack);
      } catch (error) {
        const fields = { commandId: ack.commandId, error: String(error) };
        this.#log.error(fields, 'the journal did not take an outcome; it is tried again');
      }
    }
    if (this.#owed.size === 0) return;
    this.#endTimer ??= this.#clock.after(retryMs, () => {
      this.#endTimer = undefined;
      this.#try();
    });
  }
}
