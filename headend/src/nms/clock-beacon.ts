import { formatTopic, hostState } from '@tiepoint/protocol';
import type { Link } from './link/link.ts';

export const beaconEveryMs = 60_000;
export const hostTopic = formatTopic({ of: 'host' });

/** The will of the head-end: what a broker outside of it says when it dies. */
export function hostDeath(session: number): Uint8Array {
  return hostState.toBytes({ online: false, session });
}

/**
 * Tells gateways that the head-end is there and what time it is, retained and every minute, so that they can judge their own
 * clocks: a command expires by the clock. A publication that fails is made good by the next.
 */
export class ClockBeacon {
  readonly #link: Pick<Link, 'publish'>;
  readonly #session: number;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  constructor(link: Pick<Link, 'publish'>, session: number, now: () => number) {
    this.#link = link;
    this.#session = session;
    this.#now = now;
  }

  /** Also called each time the link comes up. */
  start(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#tell(), beaconEveryMs);
    void this.#tell();
  }

  /** Says that the head-end goes. Before the link stops. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#link.publish(hostTopic, hostDeath(this.#session), { qos: 1, retain: true });
  }

  async #tell(): Promise<void> {
    await this.#link.publish(
      hostTopic,
      hostState.toBytes({ online: true, session: this.#session, timeMs: this.#now() }),
      { qos: 1, retain: true },
    );
  }
}
