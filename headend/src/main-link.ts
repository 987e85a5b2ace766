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
import type { EventEntry } from './store/store.ts';
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

export type Strangers = {
  /** A birth that the fleet has taken. */
  born: SecondAgents['born'];
  /** Something came of a gateway of which nothing is taken any more. */
  barred(gatewayId: string): void;
};

/** Tells of who comes in the name of a gateway and should not, whichever broker it is. */
export function strangersOf(chosen: ChosenLink, writer: Pick<TelemetryWriter, 'event'>, now: () => number): Strangers {
  const told = { note: (entry: EventEntry) => writer.event(entry), now };
  const [second, revoked] = [new SecondAgents(told), new RevokedGateways(told)];
  chosen.onSecondAgent((gatewayId, from) => second.refused(gatewayId, from));
  chosen.onRevoked((gatewayId, from) => revoked.refused(gatewayId, from));
  return {
    born: (gatewayId, birth) => second.born(gatewayId, birth),
    // What the broker inside had taken before it ended the connection is no news.
    barred: (gatewayId) => chosen.isOutside && revoked.heard(gatewayId),
  };
}

function will(session: number, signer: Signer): Uint8Array {
  const sealed = sealFor(hostTopic, hostDeath(session), signer);
  if (!(sealed instanceof Uint8Array)) throw new Error(sealed.say);
  return sealed;
}
