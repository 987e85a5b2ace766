import {
  acknowledgement,
  death,
  decodeHistory,
  decodeIntervals,
  decodeStatus,
  deviceBirth,
  event,
  gatewayBirth,
  gatewayEvent,
  parseTopic,
  reading,
  upFilters,
} from '@tiepoint/protocol';
import type {
  Acknowledgement,
  Death,
  Decoded,
  DeviceBirth,
  DeviceEvent,
  GatewayBirth,
  GatewayEvent,
  HistoryEntry,
  IntervalBlock,
  Reading,
  Status,
  Topic,
} from '@tiepoint/protocol';
import type { Inbound, Link } from './link/link.ts';

/** Why a message was not taken, beside being malformed. */
export type Refused = { reason: string; say: string } | undefined;

/** Who hears the decoded messages. An answer means that the message made no sense for what is known. */
export type Hearer = {
  gatewayBorn(gatewayId: string, birth: GatewayBirth): Refused;
  gatewayDied(gatewayId: string, death: Death): Refused;
  gatewayEvent(gatewayId: string, event: GatewayEvent): Refused;
  deviceBorn(gatewayId: string, deviceId: string, birth: DeviceBirth): Refused;
  deviceDied(gatewayId: string, deviceId: string, death: Death): Refused;
  status(gatewayId: string, deviceId: string, status: Status): Refused;
  event(gatewayId: string, deviceId: string, event: DeviceEvent): Refused;
  history(gatewayId: string, deviceId: string, entries: readonly HistoryEntry[]): Refused;
  acknowledged(gatewayId: string, deviceId: string, ack: Acknowledgement): void;
  intervals(gatewayId: string, deviceId: string, block: IntervalBlock): Refused;
  reading(gatewayId: string, deviceId: string, reading: Reading): Refused;
};

/** What was asked of meters. */
export type ReadHearer = Pick<Hearer, 'intervals' | 'reading'>;
/** What belongs to the fleet of gateways and devices. */
export type FleetHearer = Omit<Hearer, 'gatewayEvent' | keyof ReadHearer>;

export type Malformed = { atMs: number; topic: string; reason: string; say: string };
const maxRemembered = 50;

/** Decodes every message once and counts what cannot be taken. Never throws, whatever the bytes. */
export class Ingest {
  readonly #hearer: Hearer;
  readonly #now: () => number;
  readonly #barred: (gatewayId: string) => Refused;
  readonly #refusals = new Map<string, number>();
  readonly #latest: Malformed[] = [];
  readonly #taken = new Map<string, number>();
  /** Entries of history that could not be read. */
  unreadableHistory = 0;

  /** `barred`: of whom nothing is taken any more, and why. That it is gone is believed. */
  constructor(hearer: Hearer, now: () => number, barred: (gatewayId: string) => Refused = () => undefined) {
    this.#hearer = hearer;
    this.#now = now;
    this.#barred = barred;
  }

  /** Before the link's start. Status may be lost and is followed by another; all else is rare and wanted whole. */
  listen(link: Pick<Link, 'onMessage'>): void {
    const hear = (message: Inbound): void => this.hear(message);
    for (const message of ['birth', 'death', 'event'] as const) link.onMessage(upFilters.gateway(message), hear);
    for (const message of ['birth', 'death', 'event', 'ack', 'history', 'intervals', 'reading'] as const)
      link.onMessage(upFilters.device(message), hear);
    link.onMessage(upFilters.device('status'), hear, { qos: 0 });
  }

  hear({ topic, payload, retained }: Inbound): void {
    const parsed = parseTopic(topic);
    if (parsed === undefined || parsed.of === 'host')
      return this.#refuse(topic, 'topic', 'is no topic of a gateway or a device');
    // What a broker kept is from some time ago, whatever it says of itself.
    if (retained) return this.#refuse(topic, 'retained', 'was kept by the broker: a retained message is never live');
    const barred = parsed.message === 'death' ? undefined : this.#barred(parsed.gatewayId);
    if (barred !== undefined) return this.#refuse(topic, barred.reason, barred.say);
    const refused = parsed.of === 'gateway' ? this.#ofGateway(parsed, payload) : this.#ofDevice(parsed, payload);
    if (refused !== undefined) return this.#refuse(topic, refused.reason, refused.say);
    this.#taken.set(parsed.message, (this.#taken.get(parsed.message) ?? 0) + 1);
  }

  /** Messages taken, by kind, and not taken, by reason. */
  counts(): { taken: ReadonlyMap<string, number>; refused: ReadonlyMap<string, number>; latest: readonly Malformed[] } {
    return { taken: this.#taken, refused: this.#refusals, latest: this.#latest };
  }

  #ofGateway({ gatewayId, message }: Topic & { of: 'gateway' }, payload: Uint8Array): Refused {
    switch (message) {
      case 'birth':
        return when(gatewayBirth.fromBytes(payload), (value) => this.#hearer.gatewayBorn(gatewayId, value));
      case 'death':
        return when(death.fromBytes(payload), (value) => this.#hearer.gatewayDied(gatewayId, value));
      case 'event':
        return when(gatewayEvent.fromBytes(payload), (value) => this.#hearer.gatewayEvent(gatewayId, value));
      case 'inquiry':
      case 'configuration':
      case 'trust':
      case 'tags':
      case 'reads':
      case 'mode':
        return { reason: 'direction', say: 'is for gateways, not from them' };
    }
  }

  #ofDevice({ gatewayId, deviceId, message }: Topic & { of: 'device' }, payload: Uint8Array): Refused {
    switch (message) {
      case 'birth':
        return when(deviceBirth.fromBytes(payload), (value) => this.#hearer.deviceBorn(gatewayId, deviceId, value));
      case 'death':
        return when(death.fromBytes(payload), (value) => this.#hearer.deviceDied(gatewayId, deviceId, value));
      case 'status':
        return when(decodeStatus(payload), (value) => this.#hearer.status(gatewayId, deviceId, value));
      case 'event':
        return when(event.fromBytes(payload), (value) => this.#hearer.event(gatewayId, deviceId, value));
      case 'ack':
        return when(acknowledgement.fromBytes(payload), (value) => {
          this.#hearer.acknowledged(gatewayId, deviceId, value);
          return undefined;
        });
      case 'history':
        return when(decodeHistory(payload), ({ entries, unreadable }) => {
          this.unreadableHistory += unreadable;
          return this.#hearer.history(gatewayId, deviceId, entries);
        });
      case 'intervals':
        return when(decodeIntervals(payload), (value) => this.#hearer.intervals(gatewayId, deviceId, value));
      case 'reading':
        return when(reading.fromBytes(payload), (value) => this.#hearer.reading(gatewayId, deviceId, value));
      case 'command':
        return { reason: 'direction', say: 'is for devices, not from them' };
    }
  }

  #refuse(topic: string, reason: string, say: string): void {
    this.#refusals.set(reason, (this.#refusals.get(reason) ?? 0) + 1);
    this.#latest.push({ atMs: this.#now(), topic: topic.slice(0, 160), reason, say: say.slice(0, 300) });
    if (this.#latest.length > maxRemembered) this.#latest.shift();
  }
}

function when<T>(decoded: Decoded<T>, hear: (value: T) => Refused): Refused {
  return decoded.ok ? hear(decoded.value) : { reason: 'malformed', say: `${decoded.path} ${decoded.say}`.trim() };
}
