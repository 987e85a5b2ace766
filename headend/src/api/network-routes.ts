import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { cimPieces } from '../network/cim/export-cim.ts';
import { circuitDiagram, networkSummary } from '../network/circuit-diagram.ts';
import type { NetworkView } from '../network/connectivity/network-view.ts';
import { exportGeoJson } from '../network/geojson/export-geojson.ts';
import { checkNetwork } from '../network/validation/check-network.ts';
import { access, actingOf } from './access.ts';
import { refuse } from './errors.ts';
import type {
  CircuitResponse,
  NetworkFindingsResponse,
  NetworkMapResponse,
  NetworkResponse,
  SwitchRecordRequest,
  SwitchRecordResponse,
} from './network-contract.ts';
import type { ApiParts } from './parts.ts';
import { idParams } from './request-schemas.ts';

const tags = ['network'];
const shownFindings = 1_000;
export const instant = { type: 'integer', minimum: 0, maximum: 253_402_300_799_999 } as const;
const atQuery = { type: 'object', additionalProperties: false, properties: { atMs: instant } } as const;
const switchBody = {
  type: 'object',
  required: ['open', 'cause'],
  additionalProperties: false,
  properties: {
    open: { type: 'boolean' },
    atMs: instant,
    phases: {
      type: 'array',
      minItems: 1,
      maxItems: 3,
      uniqueItems: true,
      items: { type: 'string', enum: ['A', 'B', 'C'] },
    },
    cause: { type: 'string', minLength: 1, maxLength: 300, pattern: '\\S' },
  },
} as const;

type At = { Querystring: { atMs?: number } };
type ViewAt = (asked: At['Querystring']) => { atMs: number; revision: number; view: NetworkView };
const seesAll = access('see', { everywhere: true });

/** What is connected to what, as of an instant. It goes through all areas. */
export function networkRoutes(app: FastifyInstance, parts: ApiParts): void {
  const { network, now } = parts;
  const viewAt: ViewAt = ({ atMs }) => {
    const instantMs = atMs ?? now();
    return { atMs: instantMs, revision: network.revision, view: network.at(instantMs) };
  };

  app.get<At>(
    '/api/network',
    {
      ...seesAll,
      schema: { tags, summary: 'Circuits and counts of the network, as of an instant', querystring: atQuery },
    },
    (request): NetworkResponse => {
      const { view, ...of } = viewAt(request.query);
      const firstMs = network.history.events[0]?.atMs;
      return { ...networkSummary(view), ...of, ...(firstMs === undefined ? {} : { firstMs }) };
    },
  );

  app.get<At & { Params: { id: string } }>(
    '/api/network/circuits/:id',
    {
      ...seesAll,
      schema: { tags, summary: 'A circuit: segments, switches, transformers', params: idParams, querystring: atQuery },
    },
    (request, reply) => {
      const { view, ...of } = viewAt(request.query);
      const diagram = circuitDiagram(view, request.params.id);
      if (diagram === undefined)
        return refuse(reply, {
          reason: 'not-found',
          say:
            notYetKnown(network, of.atMs) ??
            `The network has no circuit ${request.params.id.slice(0, 130)} as of ${new Date(of.atMs).toISOString()}.`,
        });
      return reply.send({ ...diagram, ...of } satisfies CircuitResponse);
    },
  );

  app.get<At>(
    '/api/network/findings',
    { ...seesAll, schema: { tags, summary: 'What is wrong with the network', querystring: atQuery } },
    (request): NetworkFindingsResponse => {
      const findings = checkNetwork(viewAt(request.query).view.network);
      return {
        errors: findings.filter(({ severity }) => severity === 'error').length,
        findings: findings
          .slice(0, shownFindings)
          .map(({ severity, code, say, elements }) => ({ severity, code, say, ...(elements && { elements }) })),
      };
    },
  );

  exportRoutes(app, network, viewAt);
  switchRoute(app, parts);
}

function exportRoutes(app: FastifyInstance, network: ApiParts['network'], viewAt: ViewAt): void {
  app.get<At>(
    '/api/network/map',
    { ...seesAll, schema: { tags, summary: 'All that has a place, as GeoJSON', querystring: atQuery } },
    (request): NetworkMapResponse => exportGeoJson(viewAt(request.query).view),
  );

  app.get<At>(
    '/api/network/cim',
    {
      ...seesAll,
      schema: {
        tags,
        summary: 'The network as CIM RDF/XML, which can be imported again',
        querystring: atQuery,
        produces: ['application/rdf+xml'],
      },
    },
    (request, reply) => {
      const { view, atMs } = viewAt(request.query);
      if (view.network.nodes.size === 0)
        return refuse(reply, {
          reason: 'not-found',
          say: notYetKnown(network, atMs) ?? `No network is known as of ${new Date(atMs).toISOString()}.`,
        });
      return reply
        .type('application/rdf+xml; charset=utf-8')
        .header('content-disposition', 'attachment; filename="network.xml"')
        .send(Readable.from(cimPieces(view.network)));
    },
  );
}

/** Undefined: the instant is not before all that is known. */
function notYetKnown({ history }: ApiParts['network'], atMs: number): string | undefined {
  const firstMs = history.events[0]?.atMs;
  if (firstMs === undefined || atMs >= firstMs) return undefined;
  return `No network is known as of ${new Date(atMs).toISOString()}: the first holds from ${new Date(firstMs).toISOString()} on.`;
}

function switchRoute(app: FastifyInstance, { network, now }: ApiParts): void {
  app.post<{ Params: { id: string }; Body: SwitchRecordRequest }>(
    '/api/network/switches/:id/operations',
    {
      ...access('record-switching', { everywhere: true }),
      schema: { tags, summary: 'Record that a switch was operated', params: idParams, body: switchBody },
    },
    (request, reply) => {
      const { id: switchId } = request.params;
      const { open, phases, cause } = request.body;
      const nowMs = now();
      const atMs = request.body.atMs ?? nowMs;
      if (atMs > nowMs)
        return refuse(reply, {
          reason: 'invalid',
          say: 'It lies in the future: record it when it was done.',
          path: 'body.atMs',
        });
      if (network.at(atMs).network.equipment.get(switchId)?.kind !== 'Switch')
        return refuse(reply, {
          reason: 'not-found',
          say: `The network has no switch ${switchId.slice(0, 130)} as of ${new Date(atMs).toISOString()}.`,
        });
      const { operator, identity } = actingOf(request);
      const done = `${switchId} ${open ? 'opened' : 'closed'}${phases === undefined ? '' : ` on ${phases.join(', ')}`} at ${new Date(atMs).toISOString()}`;
      const recorded = network.recordOperation(
        { kind: 'switched', atMs, switchId, open, ...(phases === undefined ? {} : { phases }) },
        { recordedAtMs: nowMs, who: operator, cause: cause.trim() },
        {
          atMs: nowMs,
          who: operator,
          identity,
          action: 'switch-recorded',
          subject: switchId,
          why: cause.trim(),
          say: done,
        },
      );
      if (!recorded.ok) return refuse(reply, recorded);
      const state = network.at(nowMs).isClosed(switchId) ?? 'open';
      return reply.code(201).send({ id: switchId, state } satisfies SwitchRecordResponse);
    },
  );
}
