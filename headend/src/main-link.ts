import { readFileSync } from 'node:fs';
import type { Signer } from '@tiepoint/protocol/envelope';
import { hostDeath, hostTopic } from './nms/clock-beacon.ts';
import { EmbeddedBroker } from './nms/link/embedded-broker.ts';
import { ExternalBroker } from './nms/link/external-broker.ts';
import { gatewayAccess } from './nms/link/gateway-access.ts';
import type { GatewayAccessSettings } from './nms/link/gateway-access.ts';
import type { Link, LinkLog } from './nms/link/link.ts';
import { sealFor } from './nms/link/signed-link.ts';
import type { Settings } from './main-settings.ts';

export type ChosenLink = { link: Link; url(): string };

/** The broker inside, or the one that the settings name. `session` and `signer` are this run's, for the will; `access` is the inner broker's. */
export function chooseLink(
  { broker }: Pick<Settings, 'broker'>,
  { session, signer }: { session: number; signer: Signer },
  access: GatewayAccessSettings,
  log: LinkLog,
): ChosenLink {
  const { url, host, port, clientId, username, password, caFile } = broker;
  if (url !== undefined) {
    const link = new ExternalBroker(
      {
        url,
        clientId,
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
        ...(caFile === undefined ? {} : { tls: { ca: readFileSync(caFile, 'utf8') } }),
        will: { topic: hostTopic, payload: will(session, signer), qos: 1, retain: true },
      },
      log,
    );
    return { link, url: () => url };
  }
  const embedded = new EmbeddedBroker({ host, port }, gatewayAccess(access), log);
  return { link: embedded, url: () => `mqtt://${host.includes(':') ? `[${host}]` : host}:${embedded.port ?? port}` };
}

function will(session: number, signer: Signer): Uint8Array {
  const sealed = sealFor(hostTopic, hostDeath(session), signer);
  if (!(sealed instanceof Uint8Array)) throw new Error(sealed.say);
  return sealed;
}
