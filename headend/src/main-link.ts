import { gatewayClientId } from '@tiepoint/protocol';
import type { Signer } from '@tiepoint/protocol/envelope';
import type { TlsIdentity } from './authority/own-certificates.ts';
import type { HeadendIdentity } from './main-authority.ts';
import { hostDeath, hostTopic } from './nms/clock-beacon.ts';
import { EmbeddedBroker } from './nms/link/embedded-broker.ts';
import { ExternalBroker } from './nms/link/external-broker.ts';
import { gatewayAccess } from './nms/link/gateway-access.ts';
import type { GatewayAccessSettings } from './nms/link/gateway-access.ts';
import type { Link, LinkLog } from './nms/link/link.ts';
import { sealFor } from './nms/link/signed-link.ts';
import { RevokedGateways } from './nms/revoked-gateways.ts';
import { SecondAgents } from './nms/second-agents.ts';
import type { TelemetryWriter } from './store/telemetry-writer.ts';
import type { Settings } from './main-settings.ts';

export type ChosenLink = {
  link: Link;
  /** The broker is somebody else's program. */
  isOutside: boolean;
  url(): string;
  /** What the head-end shows from now on: as a server, and to a broker outside. */
  renew(shown: { server: TlsIdentity; client: TlsIdentity }): void;
  /** The key that signs may be another by now: what a broker outside says at the head-end's death has to be believed. */
  renewWill(): Promise<void>;
  /** The broker inside refused another agent of this gateway. One outside does not tell. */
  onSecondAgent(handler: (gatewayId: string, remoteAddress: string | undefined) => void): void;
  /** The broker inside refused somebody with a certificate of this gateway that is in force no more. */
  onRevoked(handler: (gatewayId: string, remoteAddress: string | undefined) => void): void;
  /** Ends the connections of gateways whose certificates are no longer in force; a broker outside has its list of revoked ones. */
  recheck(): void;
};

/** For the will, and what is shown at either end of TLS. */
type ShownLink = {
  session: number;
  signer: () => Signer;
  server: TlsIdentity;
  client: TlsIdentity;
  identity: HeadendIdentity;
};

/** The broker inside, or the one that the settings name. `session` is this run's, for the will; `access` is the inner broker's. */
export function chooseLink(
  { broker }: Pick<Settings, 'broker'>,
  { session, signer, server, client, identity }: ShownLink,
  access: GatewayAccessSettings,
  log: LinkLog,
): ChosenLink {
  const { url, host, port, clientId } = broker;
  if (url !== undefined) {
    const last = { topic: hostTopic, payload: () => will(session, signer()), qos: 1, retain: true } as const;
    const link = new ExternalBroker({ url, clientId, tls: { ...client, ca: identity.trusted }, will: last }, log);
    return {
      link,
      isOutside: true,
      url: () => url,
      onSecondAgent: () => undefined,
      onRevoked: () => undefined,
      renew: (shown) => link.renew(shown.client),
      renewWill: async () => await link.renewWill(),
      recheck: () => undefined,
    };
  }
  const ca = identity.authority.certificatesPem;
  let onRevoked: Parameters<ChosenLink['onRevoked']>[0] = () => undefined;
  const rules = gatewayAccess({ ...access, refused: (gatewayId, from) => onRevoked(gatewayId, from) });
  const embedded = new EmbeddedBroker({ host, port, tls: { ...server, ca } }, rules, log);
  return {
    link: embedded,
    isOutside: false,
    url: () => `mqtts://${host.includes(':') ? `[${host}]` : host}:${embedded.port ?? port}`,
    onSecondAgent: (handler) =>
      embedded.onSecondAgent(({ clientId, remoteAddress }) =>
        handler(clientId.slice(gatewayClientId('').length), remoteAddress),
      ),
    onRevoked: (handler) => (onRevoked = handler),
    renew: (shown) => embedded.renew({ ...shown.server, ca }),
    renewWill: async () => undefined,
    recheck: () => embedded.recheck(),
  };
}

/** Tells of two agents of one gateway, whichever broker it is. */
export function secondAgentsOf(
  chosen: ChosenLink,
  writer: Pick<TelemetryWriter, 'event'>,
  now: () => number,
): SecondAgents {
  const secondAgents = new SecondAgents({ note: (entry) => writer.event(entry), now });
  chosen.onSecondAgent((gatewayId, from) => secondAgents.refused(gatewayId, from));
  return secondAgents;
}

/** Tells of those who come with certificates that are in force no more. */
export function revokedGatewaysOf(
  chosen: ChosenLink,
  writer: Pick<TelemetryWriter, 'event'>,
  now: () => number,
): RevokedGateways {
  const revoked = new RevokedGateways({ note: (entry) => writer.event(entry), now });
  chosen.onRevoked((gatewayId, from) => revoked.refused(gatewayId, from));
  return revoked;
}

function will(session: number, signer: Signer): Uint8Array {
  const sealed = sealFor(hostTopic, hostDeath(session), signer);
  if (!(sealed instanceof Uint8Array)) throw new Error(sealed.say);
  return sealed;
}
