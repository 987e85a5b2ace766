import type { FleetModeName } from '@tiepoint/protocol';
import type { GatewayState } from './gateway-state.ts';
import { isRemoved } from './twins.ts';
import type { Twin } from './twins.ts';

/** Of gateways that are there and hold anything back, by what they have heard. */
export function heldModes(
  gateways: Iterable<GatewayState>,
  heldMode: (gatewayId: string) => FleetModeName | undefined,
): ReadonlyMap<string, FleetModeName> {
  const modes = new Map<string, FleetModeName>();
  for (const { gatewayId, online } of gateways) {
    const mode = online ? heldMode(gatewayId) : undefined;
    if (mode !== undefined && mode !== 'normal') modes.set(gatewayId, mode);
  }
  return modes;
}

/** As the agent sees it: in a storm the reports of plain meters, with nothing that the grid is operated with; in safe mode all. */
export function isHeldBack(
  { key, birth }: Twin,
  mode: FleetModeName | undefined,
  switchedBy: (meterKey: string) => readonly Twin[],
): boolean {
  if (mode !== 'storm') return mode === 'safe';
  return birth.kind === 'meter' && !birth.capabilities.includes('breaker') && switchedBy(key).length === 0;
}

type Devices = 'reporting' | 'held-back' | 'lost';
const order: readonly Devices[] = ['lost', 'held-back', 'reporting'];

/** How the devices of each gateway are, for whether it is to be asked if it is there. */
export class DevicesOfGateways {
  readonly #best = new Map<string, Devices>();

  note(twin: Twin): void {
    const { gatewayId, liveness } = twin;
    if (liveness === 'never' || (liveness === 'lost' && isRemoved(twin))) return;
    const devices = liveness === 'live' || liveness === 'late' ? 'reporting' : liveness;
    const best = this.#best.get(gatewayId);
    if (best === undefined || order.indexOf(devices) > order.indexOf(best)) this.#best.set(gatewayId, devices);
  }

  of(gatewayId: string): Devices | 'none' {
    return this.#best.get(gatewayId) ?? 'none';
  }
}
