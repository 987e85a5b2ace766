import type { Trust } from '@tiepoint/protocol/field';
import type { ApiParts } from './api/parts.ts';
import type { GatewayAccessSettings } from './nms/link/gateway-access.ts';
import type { BornThere } from './nms/provisioning/acceptance.ts';
import { fieldWitness } from './nms/provisioning/field-witness.ts';
import { Enrolments } from './nms/provisioning/enrolments.ts';
import { OrderDesk } from './nms/provisioning/order-desk.ts';
import { Receptions } from './nms/provisioning/receptions.ts';
import { Register } from './nms/provisioning/register.ts';
import { ReportDesk } from './nms/provisioning/report-desk.ts';
import type { Fleet } from './nms/fleet.ts';
import { gatewayEvents } from './nms/gateway-event.ts';
import type { Hearer } from './nms/ingest.ts';
import { deviceKeyOf } from './nms/device-key.ts';
import type { Settings } from './main-settings.ts';
import type { Store } from './store/store.ts';
import type { TelemetryWriter } from './store/telemetry-writer.ts';

export type Provisioning = Pick<
  ApiParts,
  | 'register'
  | 'orders'
  | 'enrolments'
  | 'reports'
  | 'receptions'
  | 'isListed'
  | 'demonstration'
  | 'mqttUrlAt'
  | 'enrolUrl'
>;

/** Sites, enrolment and commissioning over one store; `fleet` is asked what gateways and devices say of themselves. */
export function provisioningOf({
  settings,
  store,
  fleet,
  writer,
  mqttUrl,
  onDevice,
  trust,
  now,
}: {
  settings: Settings;
  store: Store;
  fleet: () => Fleet;
  writer: TelemetryWriter;
  mqttUrl: () => string;
  onDevice: (deviceKey: string) => void;
  trust: () => Trust;
  now: () => number;
}): Provisioning {
  const passwords = new Map(settings.gateways.map(({ id, password }) => [id, password]));
  const isListed = (gatewayId: string): boolean => passwords.has(gatewayId);
  const born = (gatewayId: string): BornThere => {
    const gateway = fleet().gateway(gatewayId);
    return {
      online: gateway?.online === true,
      gateway: gateway?.birth,
      device: (deviceId) => fleet().twin(deviceKeyOf(gatewayId, deviceId))?.birth,
    };
  };
  const register = new Register({
    store: store.provisioning,
    isListed,
    born,
    event: (entry) => writer.event(entry),
    onDevice,
    now,
  });
  const { demonstration } = settings;
  return {
    register,
    orders: new OrderDesk(register, now),
    enrolments: new Enrolments(register, (gatewayId) => passwords.get(gatewayId), trust, now),
    reports: new ReportDesk(register, { store: store.provisioning, born, demonstration, now }),
    receptions: new Receptions(),
    isListed,
    demonstration,
    enrolUrl: settings.enrolment.url,
    mqttUrlAt: (hostname) => settings.enrolment.mqttUrl ?? reachable(mqttUrl(), hostname),
  };
}

/** Who has to prove itself at the broker: whoever has a password, and everybody where the head-end's file has one. */
export function brokerAccess({ gateways }: Settings, enrolments: () => Enrolments | undefined): GatewayAccessSettings {
  const all = gateways.some(({ password }) => password !== undefined);
  return {
    needsProof: (gatewayId) => all || enrolments()?.hasPassword(gatewayId) !== false,
    authenticate: (gatewayId, _username, password) => enrolments()?.proves(gatewayId, password) === true,
  };
}

/** A broker that listens on all addresses is told by the name by which its head-end was reached. */
function reachable(url: string, hostname: string): string {
  const read = new URL(url);
  if (!['0.0.0.0', '[::]'].includes(read.hostname)) return url;
  const host = hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname;
  return `${read.protocol}//${host}${read.port === '' ? '' : `:${read.port}`}`;
}

/** The fleet, with those around it who hear the same. */
export function hearerOf(
  { register, receptions }: Provisioning,
  { fleet, writer, now }: { fleet: Fleet; writer: TelemetryWriter; now: () => number },
): Hearer {
  return fieldWitness(fleet, {
    receptions,
    gatewayEvent: gatewayEvents({
      gateway: (gatewayId) => fleet.gateway(gatewayId),
      note: (entry) => writer.event(entry),
      now,
    }),
    onBirth: (gatewayId) => register.look(gatewayId),
    now,
  });
}
