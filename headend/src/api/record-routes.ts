import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type {
  AuditHead,
  AuditResponse,
  AuditVerification,
  ConfigurationRequest,
  GatewaysResponse,
  HealthResponse,
} from './contract.ts';
import { refuse } from './errors.ts';
import { access, actingOf, callerOf } from './access.ts';
import { seesAll, seesAudit, seesDevice, seesGateway } from './areas.ts';
import { pageOf } from './pages.ts';
import { allGateways, gatewayRowOf } from './parts.ts';
import type { ApiParts } from './parts.ts';
import type { AuditQuery } from '../store/store.ts';
import { auditQuery, configurationBody, idParams } from './request-schemas.ts';

/** Who did what: page by page, all of it, and what vouches for it. */
export function auditRoutes(app: FastifyInstance, parts: ApiParts): void {
  app.get<{ Querystring: Omit<AuditQuery, 'who'> & { operator?: string } }>(
    '/api/audit',
    {
      ...access('read-audit'),
      schema: { tags: ['records'], summary: 'Who did what, when and why; newest first', querystring: auditQuery },
    },
    (request): AuditResponse => {
      const { operator, ...query } = request.query;
      const caller = callerOf(request);
      return pageOf(
        (page) => parts.audit.rows({ ...query, ...page, ...(operator === undefined ? {} : { who: operator }) }),
        query,
        (row) => seesAudit(parts, caller, row),
      );
    },
  );

  app.get(
    '/api/audit/head',
    {
      ...access('read-audit', { everywhere: true }),
      schema: { tags: ['records'], summary: 'The last row with its hash, which vouches for all before it' },
    },
    (): AuditHead => parts.audit.head(),
  );

  app.get(
    '/api/audit/verification',
    {
      ...access('read-audit', { everywhere: true }),
      schema: { tags: ['records'], summary: 'What the last verification of the audit found, or how far it is' },
    },
    (): AuditVerification => parts.verification.look,
  );

  app.post(
    '/api/audit/verification',
    {
      ...access('verify-audit', { everywhere: true }),
      schema: { tags: ['records'], summary: 'Have every row of the audit verified: one at a time, while all runs' },
    },
    (request, reply) => reply.code(202).send(parts.verification.begin(actingOf(request)) satisfies AuditVerification),
  );

  app.get(
    '/api/exports/audit.jsonl',
    {
      ...access('read-audit', { everywhere: true }),
      schema: {
        tags: ['records'],
        summary:
          'The whole audit, oldest first, a line each, chained by hashes (headend/src/store/README.md tells how to verify)',
        produces: ['application/jsonl'],
      },
    },
    (_request, reply) =>
      reply
        .type('application/jsonl; charset=utf-8')
        .header('content-disposition', 'attachment; filename="audit.jsonl"')
        .send(Readable.from(inPieces(parts.audit.lines()))),
  );
}

/** Gateways with their configuration, and health. */
export function recordRoutes(app: FastifyInstance, parts: ApiParts): void {
  app.get(
    '/api/gateways',
    { ...access('see'), schema: { tags: ['gateways'], summary: 'All gateways' } },
    (request): GatewaysResponse => {
      const { grants } = callerOf(request);
      return { gateways: allGateways(parts).filter(({ id }) => seesGateway(parts, grants, id)) };
    },
  );

  app.put<{ Params: { id: string }; Body: ConfigurationRequest }>(
    '/api/gateways/:id/configuration',
    {
      ...access('configure', { of: 'gateway' }),
      schema: {
        tags: ['gateways'],
        summary: 'What its devices report, and when',
        params: idParams,
        body: configurationBody,
      },
    },
    (request, reply) => {
      const { id: gatewayId } = request.params;
      const { devices, cause } = request.body;
      const set = parts.configurations.set(
        { gatewayId, devices, ...actingOf(request), ...(cause === undefined ? {} : { cause: cause.trim() }) },
        parts.now(),
      );
      return set.ok ? reply.send(gatewayRowOf(parts, gatewayId)) : refuse(reply, set);
    },
  );

  app.get(
    '/api/health',
    { ...access('see'), schema: { tags: ['records'], summary: 'Is the head-end well? Counts what the caller sees' } },
    (request) => {
      const { grants } = callerOf(request);
      if (seesAll(grants)) return health(parts);
      return health(parts, {
        device: (key) => seesDevice(parts, grants, key),
        gateway: (id) => seesGateway(parts, grants, id),
      });
    },
  );
}

const linesPerPiece = 500;

/** A stream of single lines would cost more than reading them. */
function* inPieces(lines: Iterable<string>): Generator<string> {
  let piece: string[] = [];
  for (const line of lines) {
    piece.push(line);
    if (piece.length < linesPerPiece) continue;
    yield piece.join('');
    piece = [];
  }
  if (piece.length > 0) yield piece.join('');
}

type Sight = { device(deviceKey: string): boolean; gateway(gatewayId: string): boolean };
const everything: Sight = { device: () => true, gateway: () => true };

/** Of the head-end as it is for everybody; it counts what is seen. */
export function health(
  { fleet, router, link, writer, conditions, version, startedAtMs, now }: ApiParts,
  sees: Sight = everything,
): HealthResponse {
  const devices = { live: 0, late: 0, lost: 0, never: 0, 'held-back': 0 };
  for (const { key, liveness } of fleet.twins()) if (sees.device(key)) devices[liveness] += 1;
  const gateways = { online: 0, offline: 0, never: 0 };
  for (const { gatewayId, online, birth } of fleet.gateways())
    if (sees.gateway(gatewayId)) gateways[birth === undefined ? 'never' : online ? 'online' : 'offline'] += 1;
  const broker = link.stats().state;
  const { droppedSamples, droppedEvents } = writer.counts;
  const unwell = [
    ...conditions.says,
    ...(droppedSamples + droppedEvents > 0
      ? [`${droppedSamples} samples and ${droppedEvents} events were dropped unstored.`]
      : []),
  ];
  const say = [
    ...(broker === 'down' ? ['The broker cannot be reached: nothing is heard and no command can be sent.'] : []),
    ...unwell,
  ];
  return {
    state: say.length === 0 ? 'ok' : 'degraded',
    say,
    conditions: unwell,
    version,
    startedAtMs,
    atMs: now(),
    broker,
    gateways,
    devices,
    activeCommands: router.active().filter(({ targetKey }) => sees.device(targetKey)).length,
  };
}
