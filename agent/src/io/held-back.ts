import type { FleetModeName } from '@tiepoint/protocol';
import { isHeldBack } from '../core/fleet-mode.ts';
import { profileOf } from './configuration.ts';
import type { AgentSettings } from './configuration.ts';

/** Whose statuses and events the fleet mode in force holds back. */
export class HeldBack {
  readonly #mode: () => FleetModeName;
  readonly #plain: ReadonlySet<string>;

  constructor(settings: AgentSettings, mode: () => FleetModeName) {
    this.#mode = mode;
    this.#plain = new Set(plainMeters(settings));
  }

  has(deviceId: string): boolean {
    return isHeldBack(this.#mode(), { isPlain: this.#plain.has(deviceId) });
  }

  get devices(): readonly string[] | 'all' {
    const mode = this.#mode();
    if (mode === 'safe') return 'all';
    return [...this.#plain].filter((id) => isHeldBack(mode, { isPlain: this.#plain.has(id) }));
  }
}

/** A feeder's breaker, and the meter whose switch takes an alternative source off, are what the grid is operated with in a storm. */
function plainMeters({ devices, profiles }: AgentSettings): readonly string[] {
  const switches = new Set(devices.map(({ switchedBy }) => switchedBy));
  return devices.flatMap(({ id, profile }) => {
    const known = profileOf({ profiles }, profile);
    const isPlain = known?.kind === 'meter' && !known.capabilities.includes('breaker') && !switches.has(id);
    return isPlain ? [id] : [];
  });
}
