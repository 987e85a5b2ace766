import type { Server, ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { guardAccess } from './api/access.ts';
import { nothingAt, refuse, uniformErrors } from './api/errors.ts';
import { fieldRoutes } from './api/field-routes.ts';
import { boundedOptions, HttpsBounds, httpsLimits } from './api/https-bounds.ts';
import type { HttpsLimits } from './api/https-bounds.ts';
import type { Metrics } from './api/metrics.ts';
import type { ApiParts } from './api/parts.ts';
import { readQueryNumbers } from './api/query-numbers.ts';
import { setSecurityHeaders } from './api/security-headers.ts';
import type { TlsIdentity } from './authority/own-certificates.ts';
import { peerOf } from './nms/link/peer-certificate.ts';
import type { Settings } from './main-settings.ts';

/** `ca`: PEM, of the authority whose certificates gateways show. */
export type FieldTls = TlsIdentity & { ca: string };
export type FieldServer = { readonly url: string; renew(tls: FieldTls): void; recheck(): void; stop(): Promise<void> };

type FieldParts = {
  onFault: (error: unknown, url: string) => void;
  counted: Pick<Metrics, 'cutOff'>;
  /** Unless set, those that are shipped. */
  limits?: HttpsLimits;
};

/** The server for gateways and technicians. Throws an Error for people where it cannot listen. */
export async function startFieldServer(
  { field }: Pick<Settings, 'field'>,
  tls: FieldTls,
  parts: ApiParts,
  { onFault, counted, limits = httpsLimits }: FieldParts,
): Promise<FieldServer> {
  const { host, port } = field;
  const app = fastify({
    bodyLimit: 16 * 1024,
    forceCloseConnections: true,
    requestTimeout: limits.mostBodyMs,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: true } },
    https: httpsOptions(tls, limits),
  }) as unknown as FastifyInstance;
  const isGood = (socket: TLSSocket): boolean | undefined => {
    const peer = peerOf(socket);
    if (peer?.holder.of !== 'gateway') return undefined;
    return parts.certificates.stands(peer.holder.gatewayId, peer.serial);
  };
  const bounds = new HttpsBounds((why) => counted.cutOff('field', why), limits);
  bounds.guard(app, (socket) => isGood(socket) === true);
  setSecurityHeaders(app);
  readQueryNumbers(app);
  uniformErrors(app, onFault);
  guardAccess(app, parts);
  fieldRoutes(app, parts);
  const open = openConnections(app.server as unknown as Server);
  app.setNotFoundHandler((request, reply) => refuse(reply, nothingAt(request)));
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(`field ${host}:${port} is taken by another program: stop it, or choose another with --field-port`, {
      cause: error,
    });
  }
  const address = app.server.address();
  const bound = typeof address === 'object' ? (address?.port ?? port) : port;
  const shown = host === '0.0.0.0' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return {
    url: `https://${shown}:${bound}`,
    renew: (renewed) => (app.server as unknown as Server).setSecureContext(httpsOptions(renewed, limits)),
    // Every request asks anew; what is under way, and lines that are kept open, end here.
    recheck: () => {
      for (const socket of open) if (isGood(socket) === false) socket.destroy();
    },
    stop: async () => await app.close(),
  };
}

function openConnections(server: Server): ReadonlySet<TLSSocket> {
  const open = new Set<TLSSocket>();
  server.on('secureConnection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

/** Who enrols has no certificate yet: it is asked for here, and demanded by the routes. */
function httpsOptions({ key, cert, ca }: FieldTls, limits: HttpsLimits): ServerOptions {
  return {
    key,
    cert,
    ca,
    allowPartialTrustChain: true,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    ...boundedOptions(limits),
  };
}
