import { existsSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import { join } from 'node:path';
import { fastifyStatic } from '@fastify/static';
import { fastifySwagger } from '@fastify/swagger';
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { access, guardAccess } from './access.ts';
import { accountRoutes } from './account-routes.ts';
import { approvalRoutes, groupRoutes, tagRemovalRoute } from './approval-routes.ts';
import { commandRecordRoutes, commandRoutes, tagRoutes } from './command-routes.ts';
import { deviceRoutes, eventRoutes } from './device-routes.ts';
import { nothingAt, refuse, uniformErrors } from './errors.ts';
import { withFileBody } from './file-bodies.ts';
import { boundedOptions, HttpsBounds, httpsLimits } from './https-bounds.ts';
import type { HttpsLimits } from './https-bounds.ts';
import { importRoutes } from './import-routes.ts';
import { boundedJson, maxBodyBytes } from './json-bodies.ts';
import type { Metrics } from './metrics.ts';
import { bearerTokenRoutes, operatorRoutes } from './operator-routes.ts';
import type { ApiParts } from './parts.ts';
import type { TlsIdentity } from '../authority/own-certificates.ts';
import { readQueryNumbers } from './query-numbers.ts';
import { keyRoutes } from './key-routes.ts';
import { modeRoutes } from './mode-routes.ts';
import { intervalDownloadRoute } from './interval-download-route.ts';
import { intervalEditRoutes } from './interval-edit-routes.ts';
import { intervalImportRoute } from './interval-import-route.ts';
import { customerProfileRoutes } from './customer-profile-routes.ts';
import { intervalRetentionRoutes } from './interval-retention-routes.ts';
import { intervalRoutes } from './interval-routes.ts';
import { meterRoutes } from './meter-routes.ts';
import { loadRoutes } from './load-routes.ts';
import { networkImportRoute } from './network-import-route.ts';
import { networkRoutes } from './network-routes.ts';
import { nightRoutes, readRoutes } from './read-routes.ts';
import { auditRoutes, recordRoutes } from './record-routes.ts';
import { profileRoutes, reportRoutes } from './report-routes.ts';
import { securityHeaders, setSecurityHeaders } from './security-headers.ts';
import { sessionRoutes } from './session-routes.ts';
import { revocationRoute, siteRoutes, tokenRoutes } from './site-routes.ts';
import { streamRoute } from './stream-route.ts';

export type ServerSettings = {
  /** What it shows: nothing is served without TLS. */
  tls: TlsIdentity;
  /** The built console; without it the API alone is served. */
  consoleFolder?: string;
  /** Names by which browsers may call this server; undefined: any. */
  hostNames?: readonly string[];
  onFault: (error: unknown, url: string) => void;
  /** Unless set, those that are shipped. */
  limits?: HttpsLimits;
};

/** TLS as the head-end speaks it with browsers and programs. */
export function tlsOptions({ key, cert }: TlsIdentity, limits = httpsLimits): ServerOptions {
  return { key, cert, minVersion: 'TLSv1.2', ...boundedOptions(limits) };
}

const routes: readonly ((app: FastifyInstance, parts: ApiParts) => void)[] = [
  deviceRoutes,
  eventRoutes,
  commandRoutes,
  commandRecordRoutes,
  tagRoutes,
  auditRoutes,
  recordRoutes,
  keyRoutes,
  modeRoutes,
  networkRoutes,
  networkImportRoute,
  loadRoutes,
  intervalRoutes,
  intervalDownloadRoute,
  intervalEditRoutes,
  intervalImportRoute,
  intervalRetentionRoutes,
  customerProfileRoutes,
  meterRoutes,
  readRoutes,
  nightRoutes,
  siteRoutes,
  tokenRoutes,
  revocationRoute,
  importRoutes,
  reportRoutes,
  profileRoutes,
  streamRoute,
  groupRoutes,
  approvalRoutes,
  tagRemovalRoute,
  sessionRoutes,
  accountRoutes,
  operatorRoutes,
  bearerTokenRoutes,
];

/** The HTTPS server, not listening yet. */
export async function httpServer(
  parts: ApiParts,
  counted: Metrics,
  settings: ServerSettings,
): Promise<FastifyInstance> {
  const { limits = httpsLimits } = settings;
  const bounds = new HttpsBounds((why) => counted.cutOff('api', why), limits);
  const app = fastify({
    https: tlsOptions(settings.tls, limits),
    bodyLimit: maxBodyBytes,
    forceCloseConnections: true,
    requestTimeout: limits.mostBodyMs,
    routerOptions: { maxParamLength: 200 },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: true } },
    frameworkErrors: (error, request, reply): void => {
      reply.headers(securityHeaders);
      if (error.code === 'FST_ERR_MAX_PARAM_LENGTH') void refuse(reply, nothingAt(request));
      else
        void refuse(reply, {
          reason: 'invalid',
          say: 'The address cannot be read: each % in it is followed by two digits of UTF-8 (%20 is a space).',
        });
    },
  }) as unknown as FastifyInstance;
  bounds.guard(app);
  boundedJson(app);
  setSecurityHeaders(app);
  readQueryNumbers(app);
  uniformErrors(app, settings.onFault);
  guardHostNames(app, settings.hostNames);
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.0.3',
      info: {
        title: 'Tiepoint head-end',
        version: parts.version,
        description: 'Types of all bodies: headend/src/api/contract.ts',
      },
    },
    transform: ({ schema, url }) => ({ schema: withFileBody(schema), url }),
  });
  app.addHook('onRoute', (route) => {
    // The console's files are open to everybody; what they show is not.
    if (route.url === '/*' && route.config?.access === undefined) route.config = access('everybody').config;
  });
  guardAccess(app, parts, (socket) => bounds.known(socket));
  app.after(() => {
    for (const add of routes) add(app, parts);
    app.get('/api/openapi.json', { ...access('signed-in'), schema: { hide: true } }, () => app.swagger());
    app.get('/metrics', { ...access('see', { everywhere: true }), schema: { hide: true } }, async (_request, reply) =>
      reply.type(counted.contentType).send(await counted.text(parts)),
    );
  });
  await serveConsole(app, settings.consoleFolder, parts.enrolUrlAt);
  return app;
}

/** One document for all pages of the console, and its files. Where it is not built, the API alone is served. */
async function serveConsole(
  app: FastifyInstance,
  folder: string | undefined,
  enrolUrlAt: ApiParts['enrolUrlAt'],
): Promise<void> {
  const consoleIndex = folder === undefined ? undefined : join(folder, 'index.html');
  const served = consoleIndex !== undefined && existsSync(consoleIndex);
  if (served) await app.register(fastifyStatic, { root: folder ?? '', index: ['index.html'], wildcard: true });
  app.setNotFoundHandler((request, reply) => {
    const page =
      request.method === 'GET' &&
      !/^\/(api|field|metrics)(\/|$)/.test(request.url) &&
      request.headers.accept?.includes('text/html') === true;
    // The pages of the console are its own business: it is one document for all of them.
    if (served && page) return reply.type('text/html').header('cache-control', 'no-cache').sendFile('index.html');
    const built = served || !page ? '' : ' The console is not built: `npm run build -w @tiepoint/console`.';
    // Who enrols a gateway, and was given the console's address.
    const field = /^\/field(\/|$)/.test(request.url)
      ? ` This is the address of the console; gateways speak at ${enrolUrlAt(request.hostname)}.`
      : '';
    return refuse(reply, nothingAt(request, field || built));
  });
}

/** A page in the operator's browser that renames itself to this address would otherwise be this server's own. */
function guardHostNames(app: FastifyInstance, hostNames: readonly string[] | undefined): void {
  if (hostNames === undefined) return;
  app.addHook('onRequest', async (request, reply) => {
    // Names of hosts have no case, and may end in the dot of the root.
    if (hostNames.includes(request.hostname.toLowerCase().replace(/\.$/, ''))) return;
    await refuse(reply, {
      reason: 'not-found',
      say: `This server does not go by the name ${request.hostname.slice(0, 100)}: call it ${hostNames.join(' or ')}.`,
    });
  });
}
