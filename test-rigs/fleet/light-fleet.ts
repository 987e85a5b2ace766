import type { Log } from '@tiepoint/agent/io/log.ts';
import type { FleetMember } from './fleet.ts';
import { LightGateway } from './light-gateway.ts';
import type { LightCounts, LightSettings } from './light-gateway.ts';
import type { LoadCurve } from './load-curve.ts';

/** A concentrator, and the numbers of its meters; unless `named` by these, they are `m-1`, `m-2` and so on of it. */
export type LightMember = FleetMember & { readonly serialNumbers: readonly string[]; readonly named?: 'by-number' };

const usual: LightSettings = {
  seed: 1,
  silentShare: 0,
  lostShare: 0,
  intervalS: 3_600,
  heartbeatMs: 900_000,
  readMs: [30, 150],
  readLanes: 8,
  keptDays: 60,
};
/** Connections are made so many at once: each is a whole handshake. */
const startedAtOnce = 10;
const startLongestMs = 60_000;
const lookMs = 50;

/** Tens of thousands of meters in one process, behind concentrators: what reads are measured with. Everything is drawn from `seed`. */
export class LightFleet {
  readonly #gateways: readonly LightGateway[];
  readonly counts: LightCounts = { requests: 0, answers: 0, lost: 0, statuses: 0 };
  /** What the gateways' logs had to complain about, by message. */
  readonly complaints = new Map<string, number>();

  constructor(members: readonly LightMember[], mqttUrl: string, changed: Partial<LightSettings> = {}) {
    const settings = { ...usual, ...changed };
    let seed = settings.seed * 1_000_003;
    this.#gateways = members.map(({ id, identity, serialNumbers, named }) => {
      const meters = serialNumbers.map((serialNumber, index) => ({
        deviceId: named === 'by-number' ? serialNumber : `m-${index + 1}`,
        serialNumber,
        seed: (seed += 1),
      }));
      const count = (what: keyof LightCounts): void => void (this.counts[what] += 1);
      return new LightGateway({ id, identity, mqttUrl, meters, settings, log: this.#log(), count });
    });
  }

  /** Resolves when all are on line. Throws where that takes longer than a minute for some of them. */
  async start(): Promise<void> {
    for (let from = 0; from < this.#gateways.length; from += startedAtOnce) {
      const some = this.#gateways.slice(from, from + startedAtOnce);
      for (const gateway of some) gateway.start();
      const deadlineMs = performance.now() + startLongestMs;
      while (some.some(({ online }) => !online)) {
        if (performance.now() > deadlineMs)
          throw new Error(`${some.filter(({ online }) => !online).length} gateways do not come on line`);
        await new Promise((resolve) => setTimeout(resolve, lookMs));
      }
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#gateways.map(async (gateway) => await gateway.stop()));
  }

  get online(): number {
    return this.#gateways.filter(({ online }) => online).length;
  }

  /** What is truly so at a meter, and whether anything is heard of it. */
  meter(gatewayId: string, deviceId: string): { readonly curve: LoadCurve; readonly isSilent: boolean } {
    const gateway = this.#gateways.find(({ id }) => id === gatewayId);
    const curve = gateway?.curve(deviceId);
    if (gateway === undefined || curve === undefined) throw new Error(`${gatewayId}.${deviceId} is not of this fleet`);
    return { curve, isSilent: gateway.isSilent(deviceId) };
  }

  #log(): Log {
    const count = (_fields: object, say: string): void =>
      void this.complaints.set(say, (this.complaints.get(say) ?? 0) + 1);
    const none = (): void => undefined;
    const log: Log = { debug: none, info: none, warn: count, error: count, child: () => log };
    return log;
  }
}
