import { gatewayClientId, isName, mayPublish, maySubscribe } from '@tiepoint/protocol';
import type { Allowed, BrokerAccess, ConnectRequest } from './access-control.ts';

export type GatewayAccessSettings = {
  /**
   * Has this gateway to prove itself? All have, unless told. One that has not is heard from this machine alone, for anybody who can
   * reach the port could otherwise speak for it, and throw it out by taking its client id.
   */
  needsProof?: (gatewayId: string) => boolean;
  /** Does this password belong to this gateway? Without it none can prove itself. */
  authenticate?: (gatewayId: string, username: string | undefined, password: Uint8Array | undefined) => boolean;
  /** Let bench tools on this machine publish, on up and down topics alike. Never in service. */
  toolsMayPublish?: boolean;
};

/**
 * The rules of the embedded broker. A gateway (`gw-<name>`) speaks and listens below its own name only. Every other client is
 * a tool: it connects from this machine only, listens to everything and says nothing.
 */
export function gatewayAccess(settings: GatewayAccessSettings = {}): BrokerAccess {
  return {
    mayConnect: (request) => mayConnect(request, settings),
    mayPublish: (clientId, topic) =>
      isGateway(clientId) ? mayPublish(clientId, topic) : settings.toolsMayPublish === true,
    maySubscribe: (clientId, filter) => !isGateway(clientId) || maySubscribe(clientId, filter),
  };
}

const gatewayPrefix = gatewayClientId('');

function isGateway(clientId: string): boolean {
  return clientId.startsWith(gatewayPrefix);
}

function mayConnect(
  request: ConnectRequest,
  { authenticate, needsProof = () => true }: GatewayAccessSettings,
): Allowed {
  const { clientId, username, password, remoteAddress } = request;
  const local = isThisMachine(remoteAddress);
  if (!isGateway(clientId)) {
    return local
      ? { ok: true }
      : { ok: false, say: 'clients other than gateways connect from the head-end itself only' };
  }
  const gatewayId = clientId.slice(gatewayPrefix.length);
  if (!isName(gatewayId)) return { ok: false, say: `${clientId}: what follows ${gatewayPrefix} is no gateway name` };
  if (authenticate === undefined || !needsProof(gatewayId)) {
    const say =
      'gateways without credentials connect from the head-end itself only: give them a password, or enrol them';
    return local ? { ok: true } : { ok: false, say };
  }
  if (authenticate(gatewayId, username, password)) return { ok: true };
  return { ok: false, say: `gateway ${gatewayId} did not prove itself: unknown, or the password is wrong` };
}

/** Loopback, also where an IPv6 socket carries IPv4. An unknown address (the peer is gone already) is not this machine. */
function isThisMachine(remoteAddress: string | undefined): boolean {
  if (remoteAddress === undefined) return false;
  return remoteAddress === '::1' || /^(::ffff:)?127\./.test(remoteAddress);
}
