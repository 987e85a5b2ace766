import { formatTopic, inquiry } from '@tiepoint/protocol';
import type { GatewayBirth, Inquiry } from '@tiepoint/protocol';
import type { EventEntry } from '../store/store.ts';
import { splitDeviceKey } from './device-key.ts';

export const rebirthEveryMs = 10_000;
const maxCommandsPerInquiry = 256;
const maxEventsPerInquiry = 256;

export type AskedCommand = { readonly id: string; readonly deviceId: string; readonly issuedAtMs: number };
type Publish = (topic: string, payload: Uint8Array) => void;

/** What the head-end asks of gateways. A new birth is asked for at most every 10 s of each, however much is missing. */
export class Inquirer {
  readonly #publish: Publish;
  readonly #now: () => number;
  readonly #rebirthAskedAtMs = new Map<string, number>();
  rebirths = 0;

  constructor(publish: Publish, now: () => number) {
    this.#publish = publish;
    this.#now = now;
  }

  rebirth(gatewayId: string): void {
    const nowMs = this.#now();
    const askedAtMs = this.#rebirthAskedAtMs.get(gatewayId);
    // Asked in the future: the clock was set back since, and nobody waits for that hour to come again.
    if (askedAtMs !== undefined && nowMs < askedAtMs + rebirthEveryMs && nowMs >= askedAtMs) return;
    // Bounded by forgetting those whose time is over, before a new one is remembered.
    if (this.#rebirthAskedAtMs.size >= 10_000) {
      for (const [id, atMs] of this.#rebirthAskedAtMs)
        if (nowMs >= atMs + rebirthEveryMs) this.#rebirthAskedAtMs.delete(id);
      if (this.#rebirthAskedAtMs.size >= 10_000) return;
    }
    this.#rebirthAskedAtMs.set(gatewayId, nowMs);
    this.rebirths += 1;
    this.#publish(formatTopic({ of: 'gateway', gatewayId, message: 'inquiry' }), inquiry.toBytes({ rebirth: true }));
  }

  /** In answer to its birth, by which it knows that the word is fresh. So that a gateway that just introduced itself can judge expiries at once. */
  tellTime(gatewayId: string, { session, timeMs: birthMs }: GatewayBirth): void {
    const topic = formatTopic({ of: 'gateway', gatewayId, message: 'inquiry' });
    this.#publish(topic, inquiry.toBytes({ timeMs: this.#now(), answers: { session, birthMs } }));
  }

  /** So that the gateways may forget these events: they are on the disk here. */
  keptEvents(events: readonly EventEntry[]): void {
    const byGateway = new Map<string, NonNullable<Inquiry['keptEvents']>[number][]>();
    for (const { gatewayId, deviceKey, detail } of events) {
      const deviceId = splitDeviceKey(deviceKey ?? '')?.deviceId;
      if (detail === undefined || deviceId === undefined || gatewayId === undefined) continue;
      const named = byGateway.get(gatewayId) ?? [];
      named.push({ deviceId, session: detail.session, seq: detail.seq });
      byGateway.set(gatewayId, named);
    }
    for (const [gatewayId, named] of byGateway) {
      const topic = formatTopic({ of: 'gateway', gatewayId, message: 'inquiry' });
      for (let from = 0; from < named.length; from += maxEventsPerInquiry)
        this.#publish(topic, inquiry.toBytes({ keptEvents: named.slice(from, from + maxEventsPerInquiry) }));
    }
  }

  commands(gatewayId: string, commands: readonly AskedCommand[]): void {
    const topic = formatTopic({ of: 'gateway', gatewayId, message: 'inquiry' });
    for (let from = 0; from < commands.length; from += maxCommandsPerInquiry) {
      this.#publish(topic, inquiry.toBytes({ commands: commands.slice(from, from + maxCommandsPerInquiry) }));
    }
  }
}
