import { gatewayClientId, mayPublish, maySubscribe } from '@tiepoint/protocol';
import type { Allowed, BrokerAccess, ConnectRequest } from './access-control.ts';

export type GatewayAccessSettings = {
  /** Was this certificate issued to this gateway, and not revoked since? */
  stands: (gatewayId: string, serial: string) => boolean;
  /** A gateway has shown this certificate of its own. */
  seen?: (gatewayId: string, serial: string) => void;
  /** Somebody came with a certificate of this gateway that does not stand. */
  refused?: (gatewayId: string, remoteAddress: string | undefined) => void;
  /** Let the head-end's own tools publish, on up and down topics alike. Never in service. */
  toolsMayPublish?: boolean;
};

/**
 * The rules of the embedded broker. A gateway is whom its certificate names, comes under no other client id (`gw-<name>`), and speaks and
 * listens below its own name only. Every other client is a tool: it shows the head-end's own certificate, listens to everything and
 * says nothing.
 */
export function gatewayAccess(settings: GatewayAccessSettings): BrokerAccess {
  return {
    mayConnect: (request) => mayConnect(request, settings),
    connected: ({ peer }) => {
      if (peer?.holder.of === 'gateway') settings.seen?.(peer.holder.gatewayId, peer.serial);
    },
    refused: ({ peer, remoteAddress }) => {
      if (peer?.holder.of !== 'gateway') return;
      const { gatewayId } = peer.holder;
      if (!settings.stands(gatewayId, peer.serial)) settings.refused?.(gatewayId, remoteAddress);
    },
    mayPublish: (clientId, topic) =>
      isGateway(clientId) ? mayPublish(clientId, topic) : settings.toolsMayPublish === true,
    maySubscribe: (clientId, filter) => !isGateway(clientId) || maySubscribe(clientId, filter),
  };
}

const gatewayPrefix = gatewayClientId('');

function isGateway(clientId: string): boolean {
  return clientId.startsWith(gatewayPrefix);
}

function mayConnect({ clientId, peer }: ConnectRequest, { stands }: GatewayAccessSettings): Allowed {
  if (peer === undefined) return no('its certificate names nobody of this head-end');
  const { holder, serial } = peer;
  if (holder.of === 'head-end')
    return isGateway(clientId) ? no("a tool under the head-end's certificate speaks for no gateway") : { ok: true };
  const { gatewayId } = holder;
  if (clientId !== gatewayClientId(gatewayId))
    return no(`the certificate is of ${gatewayId}, which comes as ${gatewayClientId(gatewayId)} and not as this`);
  return stands(gatewayId, serial)
    ? { ok: true }
    : no(`the certificate ${serial} of ${gatewayId} was revoked, replaced or never issued here: enrol it again`);
}

function no(say: string): Allowed {
  return { ok: false, say };
}
