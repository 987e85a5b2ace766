import type { EventEntry } from '../store/store.ts';

type Parts = { note: (entry: EventEntry) => void; now: () => number };

/** While it goes on, it is told so often. */
const tellEveryMs = 3_600_000;

/**
 * Who comes with a certificate of a gateway that is in force no more: a gateway that was stolen, or one that was exchanged and still runs.
 * The broker inside refuses it. A broker outside lets it speak until it was started with the new list of what is revoked; nothing of it
 * is taken here, and without a word nobody would know that the broker still serves it.
 */
export class RevokedGateways {
  readonly #parts: Parts;
  readonly #toldAtMs = new Map<string, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  refused(gatewayId: string, remoteAddress: string | undefined): void {
    this.#tell(
      gatewayId,
      `It came with a certificate that is in force no more, from ${remoteAddress ?? 'nowhere'}, and was refused. Where the gateway itself should be on line, enrol it anew; else find out who has its key`,
    );
  }

  /** At a broker outside. */
  heard(gatewayId: string): void {
    this.#tell(
      gatewayId,
      'Its certificate was revoked, and the broker still lets it speak; nothing of it is taken. Write the broker’s configuration anew (headend mosquitto DIR), and reload the broker',
    );
  }

  #tell(gatewayId: string, say: string): void {
    const nowMs = this.#parts.now();
    const toldAtMs = this.#toldAtMs.get(gatewayId);
    // The clock may have been set back.
    if (toldAtMs !== undefined && Math.abs(nowMs - toldAtMs) < tellEveryMs) return;
    this.#toldAtMs.set(gatewayId, nowMs);
    this.#parts.note({ atMs: nowMs, gatewayId, source: 'head-end', kind: 'revoked-gateway', late: false, say });
  }
}
