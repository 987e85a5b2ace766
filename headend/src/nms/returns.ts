import type { DeviceRecord } from '../store/store.ts';
import type { GatewayState } from './gateway-state.ts';

/** Sweeps with the link up, two a second: about a minute, whatever is done to the clock. */
const patienceSweeps = 120;
export const maxToldMissing = 20;
const lastMinuteMs = 60_000;

/**
 * Who was there when the head-end stopped. That they come back after its start is no news of theirs, and a thousand of them would bury
 * what is; who does not come back is told once, and of many only the first.
 */
export class Returns {
  readonly #gateways = new Set<string>();
  readonly #devices = new Set<string>();
  #sweepsLeft = patienceSweeps;

  /** As it is remembered. */
  expect({ gatewayId, session }: Pick<GatewayState, 'gatewayId' | 'session'>): void {
    if (session !== undefined) this.#gateways.add(gatewayId);
  }

  /** Those that reported until shortly before the last of all did: the others were lost already. */
  expectDevices(devices: readonly Pick<DeviceRecord, 'deviceKey' | 'lastStatus'>[]): void {
    const newestMs = devices.reduce((newest, { lastStatus }) => Math.max(newest, lastStatus?.receivedAtMs ?? 0), 0);
    for (const { deviceKey, lastStatus } of devices)
      if (lastStatus !== undefined && newestMs - lastStatus.receivedAtMs < lastMinuteMs) this.#devices.add(deviceKey);
  }

  /** True: it was expected, and nothing is to be told. */
  gatewayBack(gatewayId: string): boolean {
    return this.#gateways.delete(gatewayId);
  }

  deviceBack(deviceKey: string): boolean {
    return this.#devices.delete(deviceKey);
  }

  /** Who is missing, with what to say of it; once, when the patience is over. */
  overdue(linkUp: boolean): readonly { gatewayId: string; say: string }[] {
    if (this.#sweepsLeft === 0 || !linkUp) return [];
    this.#sweepsLeft -= 1;
    if (this.#sweepsLeft > 0) return [];
    const missing = [...this.#gateways];
    const more = missing.length - maxToldMissing;
    return missing.slice(0, maxToldMissing).map((gatewayId, index) => ({
      gatewayId,
      say: `Was on line before the head-end started, and has not come back${
        index === maxToldMissing - 1 && more > 0 ? `; so are ${more} other gateways` : ''
      }`,
    }));
  }
}
