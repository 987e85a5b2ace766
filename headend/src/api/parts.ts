import type { CommandRouter } from '../nms/command-router.ts';
import type { Configurations } from '../nms/configuration.ts';
import type { Fleet } from '../nms/fleet.ts';
import type { Ingest } from '../nms/ingest.ts';
import type { Link } from '../nms/link/link.ts';
import { isRemoved } from '../nms/twins.ts';
import type { Tags } from '../nms/tags.ts';
import type { Audit } from '../operators/audit.ts';
import type { Store } from '../store/store.ts';
import type { TelemetryWriter } from '../store/telemetry-writer.ts';
import type { FleetRow, GatewayRow } from './contract.ts';
import { fleetRow } from './fleet-row.ts';
import type { StreamHub } from './stream-hub.ts';
import { gatewayRow } from './views.ts';

/** What the API speaks for. */
export type ApiParts = {
  fleet: Fleet;
  router: CommandRouter;
  tags: Tags;
  configurations: Configurations;
  store: Store;
  audit: Audit;
  writer: TelemetryWriter;
  ingest: Ingest;
  link: Pick<Link, 'stats'> & { connections?(): number };
  hub: StreamHub;
  gatewayTitle: (gatewayId: string) => string | undefined;
  version: string;
  startedAtMs: number;
  now: () => number;
};

type RowParts = Pick<ApiParts, 'fleet' | 'router' | 'tags'>;

export function rowOf({ fleet, router, tags }: RowParts, deviceKey: string): FleetRow | undefined {
  const twin = fleet.twin(deviceKey);
  return twin && fleetRow(twin, { tag: tags.of(deviceKey), active: router.activeAt(deviceKey) });
}

/** As `rowOf`, but only of a device that its gateway carries: what the fleet table shows. */
export function shownRowOf(parts: RowParts, deviceKey: string): FleetRow | undefined {
  const twin = parts.fleet.twin(deviceKey);
  return twin === undefined || isRemoved(twin) ? undefined : rowOf(parts, deviceKey);
}

export function allRows({ fleet, router, tags }: RowParts): readonly FleetRow[] {
  return [...fleet.twins()].map((twin) =>
    fleetRow(twin, { tag: tags.of(twin.key), active: router.activeAt(twin.key) }),
  );
}

type GatewayParts = Pick<ApiParts, 'fleet' | 'configurations' | 'gatewayTitle'>;

export function gatewayRowOf(
  { fleet, configurations, gatewayTitle }: GatewayParts,
  gatewayId: string,
): GatewayRow | undefined {
  const gateway = fleet.gateway(gatewayId);
  return gateway && gatewayRow(gateway, configurations.wanted(gatewayId), gatewayTitle(gatewayId));
}

export function allGateways(parts: GatewayParts): readonly GatewayRow[] {
  return [...parts.fleet.gateways()].map((gateway) =>
    gatewayRow(gateway, parts.configurations.wanted(gateway.gatewayId), parts.gatewayTitle(gateway.gatewayId)),
  );
}

/** The name that a device has for people; its key where it is gone. */
export function titleOf({ fleet }: Pick<ApiParts, 'fleet'>, deviceKey: string): string {
  const birth = fleet.twin(deviceKey)?.birth;
  return birth?.title ?? deviceKey.slice(deviceKey.indexOf('.') + 1);
}
