import { acknowledgement } from '@tiepoint/protocol';
import type { Acknowledgement } from '@tiepoint/protocol';
import { isSince } from '../core/admission.ts';
import type { Clock } from './clock.ts';
import type { Journal } from './disk/journal.ts';

export type AcknowledgerDeps = {
  readonly journal: Pick<Journal, 'unsent' | 'markSent'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Since when the journal remembers; undefined: not known yet. */
  sinceMs(): number | undefined;
  /** True when the broker has it. */
  publish(deviceId: string, payload: Uint8Array): Promise<boolean>;
  /** Some were sent, and `flush` is wanted soon. */
  sent(): void;
  said(deviceId: string, ack: Acknowledgement): void;
};

type Sent = { readonly commandId: string; readonly ordinal: number };

/** What this gateway says of commands: sent until the broker has it. */
export class Acknowledger {
  readonly #deps: AcknowledgerDeps;
  /** The broker has them, and the disk does not know it yet: a lost mark only repeats them. */
  #sent: Sent[] = [];

  constructor(deps: AcknowledgerDeps) {
    this.#deps = deps;
  }

  say(deviceId: string, ack: Acknowledgement): void {
    this.#send(deviceId, ack, acknowledgement.toBytes(ack));
    this.#deps.said(deviceId, ack);
  }

  /** Those that the broker never took. Throws where the disk fails. */
  resend(): void {
    for (const { deviceId, bytes, ...sent } of this.#deps.journal.unsent()) this.#send(deviceId, sent, bytes);
  }

  /** Marks on the disk what the broker has. Throws where the disk fails. */
  flush(): void {
    const sent = this.#sent.splice(0);
    if (sent.length > 0) this.#deps.journal.markSent(sent);
  }

  /**
   * A command that the journal does not hold never came here, so nothing was done: the journal is written before any device is. Of one
   * that was issued before the journal began nobody can say so.
   */
  unknown({ id, issuedAtMs }: { id: string; issuedAtMs: number | undefined }): Acknowledgement {
    const told = { commandId: id, reason: 'unknown-to-agent', timeMs: this.#deps.clock.nowMs(), ordinal: 0 } as const;
    const never = issuedAtMs !== undefined && isSince(issuedAtMs, this.#deps.sinceMs());
    return never
      ? { ...told, state: 'refused', say: 'The gateway never took this command in: nothing was done.' }
      : {
          ...told,
          state: 'unconfirmed',
          say: 'The journal of the gateway was begun anew after this command was issued, so that it cannot tell what was done: look at the device.',
        };
  }

  #send(deviceId: string, { commandId, ordinal }: Sent, bytes: Uint8Array): void {
    void this.#deps.publish(deviceId, bytes).then((taken) => {
      if (!taken) return;
      this.#sent.push({ commandId, ordinal });
      this.#deps.sent();
    });
  }
}
