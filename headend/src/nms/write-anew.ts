import type { GatewayRecord } from '../store/store.ts';
import type { TelemetryWriter } from '../store/telemetry-writer.ts';
import type { Fleet } from './fleet.ts';
import type { GatewayState } from './gateway-state.ts';

/** As the store keeps it; undefined: it never introduced itself. */
export function gatewayRecord(state: GatewayState): GatewayRecord | undefined {
  const { gatewayId, birth, bornAtMs, diedAtMs, deathCause } = state;
  if (birth === undefined || bornAtMs === undefined) return undefined;
  const died = diedAtMs === undefined ? {} : { diedAtMs, ...(deathCause === undefined ? {} : { deathCause }) };
  return { gatewayId, birth, bornAtMs, ...died };
}

/** What is known of the fleet goes into a history that was begun anew, so that it is known after the next start, too. */
export function writeAnew(
  fleet: Pick<Fleet, 'gateways' | 'twins'>,
  writer: Pick<TelemetryWriter, 'gateway' | 'device'>,
): void {
  for (const state of fleet.gateways()) {
    const record = gatewayRecord(state);
    if (record !== undefined) writer.gateway(record);
  }
  for (const { key: deviceKey, birth, bornAtMs } of fleet.twins()) writer.device({ deviceKey, birth, bornAtMs });
}
