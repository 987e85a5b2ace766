import { formatTopic, inquiry } from '@tiepoint/protocol';
import type { GatewayBirth, Inquiry } from '@tiepoint/protocol';
import type { EventEntry } from '../store/store.ts';
import { splitDeviceKey } from './device-key.ts';

export const rebirthEveryMs = 10_000;
const maxCommandsPerInquiry = 256;
const maxEventsPerInquiry = 256;

export type AskedCommand = { readonly id: string; readonly deviceId: string; readonly issuedAtMs: number };
/** `open`: of those asked, the last and those before it since a birth of the gateway was taken. A slow line answers later than it is asked again. */
type Questions = { readonly atMs: number; readonly open: readonly number[] };
const maxOpen = 16;
type Publish = (topic: string, payload: Uint8Array) => void;

/** What the head-end asks of gateways. A new birth is asked for at most every 10 s of each, however much is missing. */
export class Inquirer {
  readonly #publish: Publish;
  readonly #now: () => number;
  readonly #questions = new Map<string, Questions>();
  rebirths = 0;

  constructor(publish: Publish, now: () => number) {
    this.#publish = publish;
    this.#now = now;
  }

  rebirth(gatewayId: string): void {
    const nowMs = this.#now();
    const { atMs: askedAtMs, open = [] } = this.#questions.get(gatewayId) ?? {};
    // Asked in the future: the clock was set back since, and nobody waits for that hour to come again.
    if (askedAtMs !== undefined && nowMs < askedAtMs + rebirthEveryMs && nowMs >= askedAtMs) return;
    // Bounded by forgetting those whose time is over, before a new one is remembered.
    if (this.#questions.size >= 10_000) {
      for (const [id, { atMs }] of this.#questions) if (nowMs >= atMs + rebirthEveryMs) this.#questions.delete(id);
      if (this.#questions.size >= 10_000) return;
    }
    this.#questions.set(gatewayId, { atMs: nowMs, open: [...open, nowMs].slice(-maxOpen) });
    this.rebirths += 1;
    const topic = formatTopic({ of: 'gateway', gatewayId, message: 'inquiry' });
    this.#publish(topic, inquiry.toBytes({ rebirth: true, askedAtMs: nowMs }));
  }

  /** Made after a question that was asked since a birth was taken: its session is there. */
  isAnswer(gatewayId: string, { askedAtMs }: Pick<GatewayBirth, 'askedAtMs'>): boolean {
    return askedAtMs !== undefined && this.#questions.get(gatewayId)?.open.includes(askedAtMs) === true;
  }

  /** In answer to a birth that was taken, by which it knows that the word is fresh. So that a gateway that just introduced itself can judge expiries at once. */
  tellTime(gatewayId: string, { session, timeMs: birthMs }: GatewayBirth): void {
    const asked = this.#questions.get(gatewayId);
    if (asked !== undefined) this.#questions.set(gatewayId, { ...asked, open: [] });
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
