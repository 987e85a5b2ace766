import { maxSeenEvents, maxSeenStatuses } from '@tiepoint/protocol/field';
import type { Assignment, Seen } from '@tiepoint/protocol/field';
import { deviceKeyOf } from '../nms/device-key.ts';
import { missedSeqs } from '../nms/provisioning/receptions.ts';
import type { Twin } from '../nms/twins.ts';
import type { ApiParts } from './parts.ts';

/** Undefined: nothing is ordered for this gateway. From here on its messages are noted. */
export function assignmentOf(parts: ApiParts, gatewayId: string): Assignment | undefined {
  const { register, fleet, receptions, now } = parts;
  const orders = register.ordersOf(gatewayId);
  const record = register.of('site').get(orders[0]?.siteId ?? '');
  if (record === undefined) return undefined;
  for (const { key } of orders) receptions.watch(key, now());
  const { retired: _retired, ...site } = record;
  const gateway = fleet.gateway(gatewayId);
  const acceptance = register.of('acceptance').get(gatewayId);
  return {
    site,
    siteState: register.stateOf(site.id) ?? 'planned',
    missing: register.missingAt(record),
    gateway: {
      id: gatewayId,
      online: gateway?.online === true,
      ...(gateway?.birth?.configurationHash === undefined
        ? {}
        : { configurationHash: gateway.birth.configurationHash }),
      ...(gateway?.bornAtMs === undefined ? {} : { bornAtMs: gateway.bornAtMs }),
    },
    devices: orders.map(({ key, siteId: _siteId, gatewayId: _gatewayId, ...ordered }) => ({
      ordered,
      contracts: register.contractsOf(key).map(({ deviceKey: _deviceKey, ...contract }) => contract),
    })),
    ...(acceptance === undefined ? {} : { lastAcceptedReportId: acceptance.reportId }),
    nowMs: now(),
    demonstration: parts.demonstration,
  };
}

/** Undefined: neither ordered nor born. */
export function seenOf(parts: ApiParts, gatewayId: string, deviceId: string, sinceMs: number): Seen | undefined {
  const { register, fleet, receptions, now } = parts;
  const key = deviceKeyOf(gatewayId, deviceId);
  const twin = fleet.twin(key);
  if (twin === undefined && !register.of('device').has(key)) return undefined;
  receptions.watch(key, now());
  const noted = receptions.of(key);
  const since = (noted?.receptions ?? []).filter(({ receivedMs }) => receivedMs >= sinceMs);
  const statuses = since.filter((each) => each.of === 'status');
  const events = eventsSince(parts, key, sinceMs);
  return {
    deviceId,
    nowMs: now(),
    sinceMs,
    liveness: twin?.liveness ?? 'never',
    gatewayOnline: fleet.gateway(gatewayId)?.online === true,
    ...(twin === undefined ? {} : { birth: birthOf(twin) }),
    statuses: statuses
      .slice(-maxSeenStatuses)
      .map(({ session, seq, sampleMs, receivedMs }) => ({ session, seq, sampleMs, receivedMs })),
    missedSeqs: twin === undefined ? [] : missedSeqs(since, twin.birth.session, maxSeenStatuses),
    events: events.slice(-maxSeenEvents),
    notedSinceMs: noted?.sinceMs ?? now(),
    truncated: statuses.length > maxSeenStatuses || events.length > maxSeenEvents,
  };
}

function birthOf({ birth, bornAtMs }: Twin): NonNullable<Seen['birth']> {
  const { session, profile, profileHash, manufacturer, model, serialNumber, periodMs } = birth;
  return {
    bornAtMs,
    session,
    profile,
    profileHash,
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(model === undefined ? {} : { model }),
    ...(serialNumber === undefined ? {} : { serialNumber }),
    periodMs,
  };
}

/** Oldest first. What came within the last half second may not be written yet: it is there at the next question. */
function eventsSince({ store }: ApiParts, deviceKey: string, sinceMs: number): Seen['events'] {
  const found = store.telemetry.events({ deviceKey, limit: maxSeenEvents + 1 }).filter(({ atMs }) => atMs >= sinceMs);
  return found.toReversed().map(({ kind, atMs, deviceTimeMs, late, say, detail }) => ({
    kind,
    atMs,
    late,
    say,
    ...(deviceTimeMs === undefined ? {} : { deviceTimeMs }),
    ...(detail === undefined ? {} : { seq: detail.seq, session: detail.session, detail }),
  }));
}
