import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { AuditResponse, ConfigurationRequest, GatewaysResponse, HealthResponse } from './contract.ts';
import { refuse } from './errors.ts';
import { operatorOf } from './operator-name.ts';
import { allGateways, gatewayRowOf } from './parts.ts';
import type { ApiParts } from './parts.ts';
import { auditQuery, configurationBody, idParams, operatorHeader } from './request-schemas.ts';

/** Audit, gateways with their configuration, and health. */
export function recordRoutes(app: FastifyInstance, parts: ApiParts): void {
  app.get<{ Querystring: { beforeSeq?: number; limit: number; subject?: string; operator?: string } }>(
    '/api/audit',
    { schema: { tags: ['records'], summary: 'Who did what, when and why; newest first', querystring: auditQuery } },
    (request): AuditResponse => {
      const { operator, ...query } = request.query;
      const rows = parts.audit.rows({ ...query, ...(operator === undefined ? {} : { who: operator }) });
      const last = rows.at(-1);
      return { rows, ...(last !== undefined && rows.length === query.limit ? { nextBeforeSeq: last.seq } : {}) };
    },
  );

  app.get(
    '/api/exports/audit.jsonl',
    {
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

  app.get('/api/gateways', { schema: { tags: ['gateways'], summary: 'All gateways' } }, (): GatewaysResponse => ({
    gateways: allGateways(parts),
  }));

  app.put<{ Params: { id: string }; Body: ConfigurationRequest }>(
    '/api/gateways/:id/configuration',
    {
      schema: {
        tags: ['gateways'],
        summary: 'What its devices report, and when',
        params: idParams,
        headers: operatorHeader,
        body: configurationBody,
      },
    },
    (request, reply) => {
      const operator = operatorOf(request, reply);
      if (operator === undefined) return reply;
      const { id: gatewayId } = request.params;
      const { devices, cause } = request.body;
      const set = parts.configurations.set(
        { gatewayId, devices, operator, ...(cause === undefined ? {} : { cause: cause.trim() }) },
        parts.now(),
      );
      return set.ok ? reply.send(gatewayRowOf(parts, gatewayId)) : refuse(reply, set);
    },
  );

  app.get('/api/health', { schema: { tags: ['records'], summary: 'Is the head-end well?' } }, () => health(parts));
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

export function health({
  fleet,
  router,
  link,
  writer,
  conditions,
  version,
  startedAtMs,
  now,
}: ApiParts): HealthResponse {
  const devices = { live: 0, late: 0, lost: 0, never: 0 };
  for (const { liveness } of fleet.twins()) devices[liveness] += 1;
  const gateways = { online: 0, offline: 0, never: 0 };
  for (const { online, birth } of fleet.gateways())
    gateways[birth === undefined ? 'never' : online ? 'online' : 'offline'] += 1;
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
    activeCommands: router.active().length,
  };
}
