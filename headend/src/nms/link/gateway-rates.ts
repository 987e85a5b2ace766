import { DeviceRate } from './device-rate.ts';
import type { RateLimits } from './device-rate.ts';

/** Beyond it those that have rested are forgotten. */
const roomFor = 30_000;

/** The rates of all gateways. One that connects anew goes on with its own, so that nothing is won by it. */
export class GatewayRates {
  readonly #limits: RateLimits;
  readonly #onSlowed: (gatewayId: string) => void;
  readonly #rates = new Map<string, DeviceRate>();

  constructor(limits: RateLimits, onSlowed: (gatewayId: string) => void) {
    this.#limits = limits;
    this.#onSlowed = onSlowed;
  }

  of(gatewayId: string, nowMs: number): DeviceRate {
    const known = this.#rates.get(gatewayId);
    const rate = known ?? new DeviceRate(this.#limits, nowMs, () => this.#onSlowed(gatewayId));
    this.#rates.delete(gatewayId);
    this.#rates.set(gatewayId, rate);
    const [oldest] = this.#rates.size > roomFor ? this.#rates.keys() : [];
    if (oldest !== undefined) this.#rates.delete(oldest);
    return rate;
  }
}
