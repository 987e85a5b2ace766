import type { TlsOptions } from 'node:tls';
import type { AedesOptions } from 'aedes';
import type { AccessControl } from './access-control.ts';
import type { RateLimits } from './device-rate.ts';

export type BrokerLimits = {
  maxConnections: number;
  /** Of one certificate's holder. A gateway needs one, and a second while the first is cut without a word. */
  maxConnectionsPerGateway: number;
  maxToolConnections: number;
  /** Under way at once: beyond it the oldest is cut off, for an honest one is over in a moment. */
  maxHandshakes: number;
  /** Of one gateway; who is faster is read more slowly. */
  rate: RateLimits;
  maxPacketBytes: number;
  maxBacklogBytes: number;
  stallTimeoutMs: number;
  packetTimeoutMs: number;
  /** For the handshake of TLS, and again for CONNECT. */
  connectTimeoutMs: number;
  /** A client that asks for more, or for none at all, is refused: its death would be noticed too late. */
  maxKeepaliveS: number;
  maxTopicLevels: number;
  maxSubscriptionsPerClient: number;
  stopTimeoutMs: number;
};

export const brokerLimits: BrokerLimits = {
  maxConnections: 20_000,
  maxConnectionsPerGateway: 8,
  maxToolConnections: 64,
  maxHandshakes: 2_048,
  // A gateway with 50 devices that makes good an outage sends less than a fifth of it (headend/README.md).
  rate: { messagesPerS: 500, messagesBurst: 5_000, bytesPerS: 512 * 1024, bytesBurst: 4 * 1024 * 1024 },
  maxPacketBytes: 256 * 1024,
  maxBacklogBytes: 4 * 1024 * 1024,
  stallTimeoutMs: 5_000,
  packetTimeoutMs: 60_000,
  connectTimeoutMs: 10_000,
  maxKeepaliveS: 300,
  maxTopicLevels: 8,
  maxSubscriptionsPerClient: 64,
  stopTimeoutMs: 2_000,
};

/** PEM. `ca`: whose certificates clients show. */
export type BrokerTls = { key: string; cert: string; ca: string };

export function tlsOptions({ key, cert, ca }: BrokerTls, { connectTimeoutMs }: BrokerLimits): TlsOptions {
  return {
    key,
    cert,
    ca,
    // An authority below another is trusted by itself.
    allowPartialTrustChain: true,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    handshakeTimeout: connectTimeoutMs,
    // Gateways that come back within a day are spared the signatures of a whole handshake.
    sessionTimeout: 86_400,
  };
}

export function aedesOptions(limits: BrokerLimits, access: AccessControl): AedesOptions {
  return {
    concurrency: 0,
    drainTimeout: limits.stallTimeoutMs, // a second line: the connection guard lets nobody wait for a drain
    connectTimeout: limits.connectTimeoutMs,
    keepaliveLimit: limits.maxKeepaliveS,
    maxTopicLevels: limits.maxTopicLevels,
    maxInflightInbound: 8, // QoS 2 is nothing the gateways use; each may hold a packet of the greatest length
    preConnect: access.preConnect,
    authenticate: access.authenticate,
    authorizePublish: access.authorizePublish,
    authorizeSubscribe: access.authorizeSubscribe,
  };
}
