import type { KeyDesk } from '../authority/key-desk.ts';
import type { LoadEngine } from '../tlm/load-engine.ts';
import type { Warehouse } from '../mdw/warehouse.ts';
import type { LiveNetwork } from '../network/live-network.ts';
import type { Approvals } from '../nms/approvals.ts';
import type { CommandRouter } from '../nms/command-router.ts';
import type { Configurations } from '../nms/configuration.ts';
import type { FleetModes } from '../nms/fleet-modes.ts';
import type { Fleet } from '../nms/fleet.ts';
import type { GatewayState } from '../nms/gateway-state.ts';
import type { GroupDesk } from '../nms/group-desk.ts';
import type { Ingest } from '../nms/ingest.ts';
import type { Link } from '../nms/link/link.ts';
import type { MeterDirectory } from '../nms/meter-directory.ts';
import type { NightSchedule } from '../nms/reads/night-schedule.ts';
import type { OnDemandReads } from '../nms/reads/on-demand-reads.ts';
import { isRemoved } from '../nms/twins.ts';
import type { Twin } from '../nms/twins.ts';
import type { Unconfirmed } from '../nms/unconfirmed.ts';
import type { DeviceCertificates } from '../nms/provisioning/device-certificates.ts';
import type { Enrolments } from '../nms/provisioning/enrolments.ts';
import type { OrderDesk } from '../nms/provisioning/order-desk.ts';
import type { Receptions } from '../nms/provisioning/receptions.ts';
import type { Register } from '../nms/provisioning/register.ts';
import type { ReportDesk } from '../nms/provisioning/report-desk.ts';
import type { TagLists } from '../nms/tag-lists.ts';
import type { Tags } from '../nms/tags.ts';
import type { TrustLists } from '../nms/trust-lists.ts';
import type { Audit } from '../operators/audit.ts';
import type { AuditVerification } from '../operators/audit-verification.ts';
import type { People } from '../operators/people.ts';
import type { Conditions } from '../store/conditions.ts';
import type { Store } from '../store/store.ts';
import type { TelemetryWriter } from '../store/telemetry-writer.ts';
import { gatewayArea } from './areas.ts';
import type { FleetRow, GatewayRow } from './contract.ts';
import { certificateOf, revokedOf } from './certificate-view.ts';
import { fleetRow } from './fleet-row.ts';
import type { StreamHub } from './stream-hub.ts';
import { gatewayRow } from './views.ts';

/** What the API speaks for. */
export type ApiParts = {
  fleet: Fleet;
  router: CommandRouter;
  tags: Tags;
  keyDesk: KeyDesk;
  tagLists: TagLists;
  trustLists: TrustLists;
  unconfirmed: Unconfirmed;
  configurations: Configurations;
  store: Store;
  audit: Audit;
  verification: AuditVerification;
  writer: TelemetryWriter;
  conditions: Conditions;
  ingest: Ingest;
  link: Pick<Link, 'stats'> & { connections?(): number };
  hub: StreamHub;
  groups: GroupDesk;
  approvals: Approvals;
  people: People;
  /** For the log. */
  onFault: (error: unknown, url: string) => void;
  register: Register;
  orders: OrderDesk;
  enrolments: Enrolments;
  certificates: DeviceCertificates;
  reports: ReportDesk;
  receptions: Receptions;
  modes: FleetModes;
  network: LiveNetwork;
  /** The database that holds it, for threads that read. */
  operationsFile: string;
  warehouse: Warehouse;
  /** By it days begin and end. */
  timeZone: string;
  load: Pick<LoadEngine, 'running' | 'failure' | 'run' | 'calendar' | 'headMeters'>;
  reads: { meters: MeterDirectory; onDemand: OnDemandReads; night: NightSchedule; tick(): void };
  /** Started for demonstration: reports of emulated devices are taken. */
  demonstration: boolean;
  /** The broker is somebody else's program, which learns of revocations when it is told to read them. */
  brokerOutside: boolean;
  /** Where technicians reach `/field/v1`, told to one who reached this head-end by this name. */
  enrolUrlAt: (hostname: string) => string;
  /** What a gateway that enrols by this name of the head-end is told to connect to. */
  mqttUrlAt: (hostname: string) => string;
  gatewayTitle: (gatewayId: string) => string | undefined;
  version: string;
  startedAtMs: number;
  now: () => number;
};

type RowParts = Pick<ApiParts, 'fleet' | 'router' | 'tags' | 'unconfirmed'>;

export function rowOf(parts: RowParts, deviceKey: string): FleetRow | undefined {
  const twin = parts.fleet.twin(deviceKey);
  return twin && rowOfTwin(parts, twin);
}

/** As `rowOf`, but only of a device that its gateway carries: what the fleet table shows. */
export function shownRowOf(parts: RowParts, deviceKey: string): FleetRow | undefined {
  const twin = parts.fleet.twin(deviceKey);
  return twin === undefined || isRemoved(twin) ? undefined : rowOf(parts, deviceKey);
}

export function allRows(parts: RowParts): readonly FleetRow[] {
  return [...parts.fleet.twins()].map((twin) => rowOfTwin(parts, twin));
}

function rowOfTwin({ router, tags, unconfirmed }: RowParts, twin: Twin): FleetRow {
  const { key } = twin;
  return fleetRow(twin, { tag: tags.of(key), active: router.activeAt(key), unconfirmed: unconfirmed.of(key) });
}

type GatewayParts = Pick<
  ApiParts,
  'fleet' | 'configurations' | 'tagLists' | 'gatewayTitle' | 'register' | 'certificates'
>;

export function gatewayRowOf(parts: GatewayParts, gatewayId: string): GatewayRow | undefined {
  const gateway = parts.fleet.gateway(gatewayId);
  return gateway && rowOfGateway(parts, gateway);
}

export function allGateways(parts: GatewayParts): readonly GatewayRow[] {
  return [...parts.fleet.gateways()].map((gateway) => rowOfGateway(parts, gateway));
}

function rowOfGateway(parts: GatewayParts, gateway: GatewayState): GatewayRow {
  const { fleet, configurations, tagLists, gatewayTitle } = parts;
  const { gatewayId } = gateway;
  return {
    ...gatewayRow(gateway, {
      wanted: configurations.wanted(gatewayId),
      title: gatewayTitle(gatewayId),
      area: gatewayArea(parts, gatewayId),
      missing: fleet.missingOf(gatewayId),
      tags: tagLists.state(gateway),
    }),
    ...certificateOf(parts, gatewayId),
    ...revokedOf(parts, gatewayId),
  };
}

/** The name that a device has for people; its key where it is gone. */
export function titleOf({ fleet }: Pick<ApiParts, 'fleet'>, deviceKey: string): string {
  const birth = fleet.twin(deviceKey)?.birth;
  return birth?.title ?? deviceKey.slice(deviceKey.indexOf('.') + 1);
}
