import { timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostDeath, hostTopic } from './nms/clock-beacon.ts';
import { EmbeddedBroker } from './nms/link/embedded-broker.ts';
import { ExternalBroker } from './nms/link/external-broker.ts';
import { gatewayAccess } from './nms/link/gateway-access.ts';
import type { Link, LinkLog } from './nms/link/link.ts';
import type { Settings } from './main-settings.ts';

export type ChosenLink = { link: Link; url(): string };

/** The broker inside, or the one that the settings name. `session` is this run's, for the will. */
export function chooseLink(
  { broker, gateways }: Pick<Settings, 'broker' | 'gateways'>,
  session: number,
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
        will: { topic: hostTopic, payload: hostDeath(session), qos: 1, retain: true },
      },
      log,
    );
    return { link, url: () => url };
  }
  const embedded = new EmbeddedBroker({ host, port }, gatewayAccess(credentials(gateways)), log);
  return { link: embedded, url: () => `mqtt://${host.includes(':') ? `[${host}]` : host}:${embedded.port ?? port}` };
}

function credentials(gateways: Settings['gateways']): Parameters<typeof gatewayAccess>[0] {
  const passwords = new Map(
    gateways.flatMap(({ id, password }) => (password === undefined ? [] : [[id, Buffer.from(password)] as const])),
  );
  if (passwords.size === 0) return {};
  return {
    authenticate: (gatewayId, _username, given) => {
      const password = passwords.get(gatewayId);
      return password !== undefined && given?.byteLength === password.byteLength && timingSafeEqual(given, password);
    },
  };
}
