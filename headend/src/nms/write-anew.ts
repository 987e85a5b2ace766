import type { TelemetryWriter } from '../store/telemetry-writer.ts';
import type { Fleet } from './fleet.ts';

/** What is known of the fleet goes into a history that was begun anew, so that it is known after the next start, too. */
export function writeAnew(
  fleet: Pick<Fleet, 'gateways' | 'twins'>,
  writer: Pick<TelemetryWriter, 'gateway' | 'device'>,
): void {
  for (const { gatewayId, birth, bornAtMs, diedAtMs, deathCause } of fleet.gateways()) {
    if (birth === undefined || bornAtMs === undefined) continue;
    const died = diedAtMs === undefined ? {} : { diedAtMs, ...(deathCause === undefined ? {} : { deathCause }) };
    writer.gateway({ gatewayId, birth, bornAtMs, ...died });
  }
  for (const { key: deviceKey, birth, bornAtMs } of fleet.twins()) writer.device({ deviceKey, birth, bornAtMs });
}
