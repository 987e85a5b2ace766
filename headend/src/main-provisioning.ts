import type { Trust } from '@tiepoint/protocol/field';
import type { ApiParts } from './api/parts.ts';
import type { HeadendIdentity } from './main-authority.ts';
import type { ChosenLink, Strangers } from './main-link.ts';
import type { Reads } from './main-reads.ts';
import type { GatewayAccessSettings } from './nms/link/gateway-access.ts';
import type { BornThere } from './nms/provisioning/acceptance.ts';
import { DeviceCertificates } from './nms/provisioning/device-certificates.ts';
import { fieldWitness } from './nms/provisioning/field-witness.ts';
import { Enrolments } from './nms/provisioning/enrolments.ts';
import { OrderDesk } from './nms/provisioning/order-desk.ts';
import { Receptions } from './nms/provisioning/receptions.ts';
import { Register } from './nms/provisioning/register.ts';
import type { RegisterParts } from './nms/provisioning/register.ts';
import { ReportDesk } from './nms/provisioning/report-desk.ts';
import type { ClockWatch } from './nms/clock-watch.ts';
import type { Fleet } from './nms/fleet.ts';
import { gatewayEvents } from './nms/gateway-event.ts';
import { Ingest } from './nms/ingest.ts';
import type { Hearer, ReadHearer } from './nms/ingest.ts';
import { deviceKeyOf } from './nms/device-key.ts';
import type { Settings } from './main-settings.ts';
import type { Store } from './store/store.ts';
import type { TelemetryWriter } from './store/telemetry-writer.ts';

export type Provisioning = Pick<
  ApiParts,
  | 'register'
  | 'orders'
  | 'enrolments'
  | 'certificates'
  | 'reports'
  | 'receptions'
  | 'demonstration'
  | 'brokerOutside'
  | 'mqttUrlAt'
  | 'enrolUrlAt'
>;

/** Sites, enrolment and commissioning over one store; `fleet` is asked what gateways and devices say of themselves. */
export function provisioningOf({
  settings,
  store,
  fleet,
  writer,
  identity,
  chosen,
  fieldUrl,
  onDevice,
  onGateway,
  recheck,
  trust,
  tags,
  now,
}: {
  settings: Settings;
  store: Store;
  fleet: () => Fleet;
  writer: TelemetryWriter;
  identity: HeadendIdentity;
  chosen: Pick<ChosenLink, 'url' | 'isOutside'>;
  fieldUrl: () => string;
  onDevice: (deviceKey: string) => void;
  onGateway: (gatewayId: string) => void;
  /** Ends the connections of gateways whose certificates are no longer in force. */
  recheck: () => void;
  trust: () => Trust;
  tags: (gatewayId: string) => string | undefined;
  now: () => number;
}): Provisioning {
  const listed = new Set(settings.gateways.map(({ id }) => id));
  const born = (gatewayId: string): BornThere => {
    const gateway = fleet().gateway(gatewayId);
    return {
      online: gateway?.online === true,
      gateway: gateway?.birth,
      device: (deviceId) => fleet().twin(deviceKeyOf(gatewayId, deviceId))?.birth,
    };
  };
  const event: RegisterParts['event'] = (entry) => writer.event(entry);
  const register = new Register({ store: store.provisioning, born, event, onDevice, onGateway, now });
  const { demonstration, enrolment } = settings;
  const { authority, trusted } = identity;
  const onChange = (gatewayId: string): void => {
    const barred = certificates.barred(gatewayId);
    const session = fleet().gateway(gatewayId)?.session;
    // A broker outside may go on serving it: nothing of it is live all the same.
    if (barred !== undefined && session !== undefined)
      fleet().gatewayDied(gatewayId, { session, cause: 'line-lost', say: barred.say });
    recheck();
    onGateway(gatewayId);
  };
  const certificates = new DeviceCertificates(register, authority, { trusted, onChange, now });
  return {
    register,
    orders: new OrderDesk(register, now),
    certificates,
    enrolments: new Enrolments(register, certificates, {
      isListed: (gatewayId) => listed.has(gatewayId),
      onReplaced: onChange,
      trust,
      tags,
      now,
    }),
    reports: new ReportDesk(register, { store: store.provisioning, born, demonstration, now }),
    receptions: new Receptions(),
    demonstration,
    brokerOutside: chosen.isOutside,
    enrolUrlAt: (hostname) => enrolment.url ?? reachable(fieldUrl(), hostname),
    mqttUrlAt: (hostname) => enrolment.mqttUrl ?? reachable(chosen.url(), hostname),
  };
}

/** Asked by the broker, which is there before what answers: until then nobody is let in. */
export function certificateAccess(certificates: () => DeviceCertificates | undefined): GatewayAccessSettings {
  return {
    stands: (gatewayId, serial) => certificates()?.stands(gatewayId, serial) === true,
    seen: (gatewayId, serial) => certificates()?.seen(gatewayId, serial),
  };
}

/** A server that listens on all addresses is told by the name by which its head-end was reached. */
function reachable(url: string, hostname: string): string {
  const read = new URL(url);
  if (!['0.0.0.0', '[::]'].includes(read.hostname)) return url;
  const host = hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname;
  return `${read.protocol}//${host}${read.port === '' ? '' : `:${read.port}`}`;
}

/** The fleet, with those around it who hear the same. */
function hearerOf(
  { register, receptions }: Provisioning,
  {
    fleet,
    writer,
    reads,
    onBirth,
    now,
  }: {
    fleet: Fleet;
    writer: TelemetryWriter;
    reads: ReadHearer;
    onBirth: (gatewayId: string) => void;
    now: () => number;
  },
): Hearer {
  return fieldWitness(fleet, {
    receptions,
    gatewayEvent: gatewayEvents({
      gateway: (gatewayId) => fleet.gateway(gatewayId),
      note: (entry) => writer.event(entry),
      now,
    }),
    reads,
    onBirth: (gatewayId) => {
      register.look(gatewayId);
      onBirth(gatewayId);
    },
    now,
  });
}

/** Everything that gateways say, but of those that are revoked. */
export function ingestOf(
  provisioning: Provisioning,
  clock: Pick<ClockWatch, 'before'>,
  {
    reads,
    strangers,
    ...parts
  }: { fleet: Fleet; writer: TelemetryWriter; reads: Reads; strangers: Pick<Strangers, 'barred'>; now: () => number },
): Ingest {
  const heard = hearerOf(provisioning, { ...parts, reads: reads.exchange, onBirth: () => reads.meters.changed() });
  return new Ingest(clock.before(heard), parts.now, (gatewayId) => {
    const barred = provisioning.certificates.barred(gatewayId);
    if (barred !== undefined) strangers.barred(gatewayId);
    return barred;
  });
}
