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
import type { Settings } from './main-settings.ts';

export type ChosenLink = {
  link: Link;
  url(): string;
  /** What the head-end shows as a server from now on. */
  renew(server: TlsIdentity): void;
  /** Ends the connections of gateways whose certificates are no longer in force; a broker outside has its list of revoked ones. */
  recheck(): void;
};

/** Of this run: for the will, and what is shown at either end of TLS. */
type ShownLink = {
  session: number;
  signer: Signer;
  server: TlsIdentity;
  client: TlsIdentity;
  identity: HeadendIdentity;
};

/** The broker inside, or the one that the settings name. `session` and `signer` are this run's, for the will; `access` is the inner broker's. */
export function chooseLink(
  { broker }: Pick<Settings, 'broker'>,
  { session, signer, server, client, identity }: ShownLink,
  access: GatewayAccessSettings,
  log: LinkLog,
): ChosenLink {
  const { url, host, port, clientId } = broker;
  if (url !== undefined) {
    const last = { topic: hostTopic, payload: will(session, signer), qos: 1, retain: true } as const;
    const link = new ExternalBroker({ url, clientId, tls: { ...client, ca: identity.trusted }, will: last }, log);
    return { link, url: () => url, renew: () => undefined, recheck: () => undefined };
  }
  const ca = identity.authority.certificatesPem;
  const embedded = new EmbeddedBroker({ host, port, tls: { ...server, ca } }, gatewayAccess(access), log);
  return {
    link: embedded,
    url: () => `mqtts://${host.includes(':') ? `[${host}]` : host}:${embedded.port ?? port}`,
    renew: (renewed) => embedded.renew({ ...renewed, ca }),
    recheck: () => embedded.recheck(),
  };
}

function will(session: number, signer: Signer): Uint8Array {
  const sealed = sealFor(hostTopic, hostDeath(session), signer);
  if (!(sealed instanceof Uint8Array)) throw new Error(sealed.say);
  return sealed;
}
