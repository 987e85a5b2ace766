import { formatTopic } from '@tiepoint/protocol';
import type { GatewayBirth } from '@tiepoint/protocol';
import type { GatewayState } from './gateway-state.ts';
import { resendEveryMs } from './tag-lists.ts';

type Parts = {
  /** As they were signed: they go out as they are. */
  listsAbove: (revision: number) => readonly Uint8Array[];
  publishSigned: (topic: string, payload: Uint8Array) => void;
  gateways: () => Iterable<GatewayState>;
  now: () => number;
};

/** Gives every gateway the lists of trusted keys that it is missing, in their order, until its birth names the newest. */
export class TrustLists {
  readonly #parts: Parts;
  readonly #sentAtMs = new Map<string, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  gatewayBorn(gatewayId: string, birth: GatewayBirth): void {
    this.#send(gatewayId, birth);
  }

  /** There is a new list. */
  changed(): void {
    this.#sentAtMs.clear();
    this.tick();
  }

  /** Called about twice a second. */
  tick(): void {
    const nowMs = this.#parts.now();
    for (const { gatewayId, online, birth } of this.#parts.gateways()) {
      const sentAtMs = this.#sentAtMs.get(gatewayId) ?? Number.NEGATIVE_INFINITY;
      if (online && birth !== undefined && Math.abs(nowMs - sentAtMs) >= resendEveryMs) this.#send(gatewayId, birth);
    }
  }

  /** To a gateway without any list none can be sent: it would believe nobody. */
  #send(gatewayId: string, { trustRevision }: GatewayBirth): void {
    const missing = trustRevision === undefined ? [] : this.#parts.listsAbove(trustRevision);
    if (missing.length === 0) return;
    this.#sentAtMs.set(gatewayId, this.#parts.now());
    const topic = formatTopic({ of: 'gateway', gatewayId, message: 'trust' });
    for (const list of missing) this.#parts.publishSigned(topic, list);
  }
}
