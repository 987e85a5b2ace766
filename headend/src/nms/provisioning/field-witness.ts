import type { DeviceBirth, DeviceEvent, GatewayBirth, HistoryEntry, Status } from '@tiepoint/protocol';
import { deviceKeyOf } from '../device-key.ts';
import type { FleetHearer, Hearer, ReadHearer, Refused } from '../ingest.ts';
import type { Receptions } from './receptions.ts';

/**
 * Stands before the fleet and hears what it hears: births, which may say that a gateway is no longer as it was commissioned, and when
 * messages came, for the technician who asks.
 */
export function fieldWitness(
  fleet: FleetHearer,
  {
    receptions,
    gatewayEvent,
    reads,
    onBirth,
    now,
  }: Pick<Hearer, 'gatewayEvent'> & {
    receptions: Receptions;
    reads: ReadHearer;
    onBirth: (gatewayId: string) => void;
    now: () => number;
  },
): Hearer {
  const born = (gatewayId: string, refused: Refused): Refused => {
    if (refused === undefined) onBirth(gatewayId);
    return refused;
  };
  const noted = (of: 'status' | 'event', gatewayId: string, deviceId: string, told: Status | DeviceEvent): void => {
    const { session, seq, timeMs } = told;
    receptions.note(deviceKeyOf(gatewayId, deviceId), { of, session, seq, sampleMs: timeMs, receivedMs: now() });
  };
  return {
    gatewayBorn: (gatewayId: string, birth: GatewayBirth) => born(gatewayId, fleet.gatewayBorn(gatewayId, birth)),
    deviceBorn: (gatewayId: string, deviceId: string, birth: DeviceBirth) =>
      born(gatewayId, fleet.deviceBorn(gatewayId, deviceId, birth)),
    gatewayDied: (gatewayId, death) => fleet.gatewayDied(gatewayId, death),
    gatewayEvent,
    deviceDied: (gatewayId, deviceId, death) => fleet.deviceDied(gatewayId, deviceId, death),
    status: (gatewayId, deviceId, status) => {
      noted('status', gatewayId, deviceId, status);
      return fleet.status(gatewayId, deviceId, status);
    },
    event: (gatewayId, deviceId, event) => {
      noted('event', gatewayId, deviceId, event);
      return fleet.event(gatewayId, deviceId, event);
    },
    history: (gatewayId: string, deviceId: string, entries: readonly HistoryEntry[]) => {
      for (const entry of entries)
        noted(entry.of, gatewayId, deviceId, entry.of === 'status' ? entry.status : entry.event);
      return fleet.history(gatewayId, deviceId, entries);
    },
    acknowledged: (gatewayId, deviceId, ack) => fleet.acknowledged(gatewayId, deviceId, ack),
    intervals: (gatewayId, deviceId, block) => reads.intervals(gatewayId, deviceId, block),
    reading: (gatewayId, deviceId, reading) => reads.reading(gatewayId, deviceId, reading),
  };
}
