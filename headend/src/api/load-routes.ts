import type { FastifyInstance } from 'fastify';
import { elementHours, loadElements, loadStatus } from '../tlm/results/load-results.ts';
import type { ElementNamed } from '../tlm/results/load-results.ts';
import { elementKinds } from '../tlm/topology/load-topology.ts';
import { access } from './access.ts';
import { refuse } from './errors.ts';
import type { LoadStatusResponse } from './load-contract.ts';
import type { ApiParts } from './parts.ts';

const tags = ['load'];
const name = { type: 'string', minLength: 1, maxLength: 200 } as const;
const kind = { type: 'string', enum: elementKinds } as const;
const instant = { type: 'integer', minimum: 0, maximum: 4_294_967_295 } as const;
const longestS = 400 * 86_400;

const elementsQuery = {
  type: 'object',
  required: ['kind'],
  additionalProperties: false,
  properties: {
    kind,
    circuit: name,
    search: name,
    sort: { type: 'string', enum: ['utilisation', 'title'], default: 'utilisation' },
    limit: { type: 'integer', minimum: 1, maximum: 10_000, default: 200 },
  },
} as const;
const hoursQuery = {
  type: 'object',
  required: ['fromS', 'toS'],
  additionalProperties: false,
  properties: { fromS: instant, toS: instant },
} as const;
const elementParams = {
  type: 'object',
  required: ['kind', 'id'],
  properties: { kind, id: name },
} as const;

type ElementsQuery = {
  kind: ElementNamed['kind'];
  circuit?: string;
  search?: string;
  sort: 'utilisation' | 'title';
  limit: number;
};

/** What transformers, switches, segments and circuits carried, by the load engine. It goes through all areas. */
export function loadRoutes(app: FastifyInstance, { warehouse, load }: ApiParts): void {
  const all = access('see', { everywhere: true });

  app.get<{ Querystring: ElementsQuery }>(
    '/api/load/elements',
    {
      ...all,
      schema: {
        tags,
        summary: 'Elements of a kind with their peaks and how full they are',
        querystring: elementsQuery,
      },
    },
    async (request, reply) => {
      const found = await warehouse.ask(loadElements, request.query);
      return found.ok ? reply.send(found.value) : refuse(reply, found);
    },
  );

  app.get<{ Params: ElementNamed; Querystring: { fromS: number; toS: number } }>(
    '/api/load/elements/:kind/:id/hours',
    { ...all, schema: { tags, summary: 'The hours of one element', params: elementParams, querystring: hoursQuery } },
    async (request, reply) => {
      const { fromS, toS } = request.query;
      if (toS <= fromS || toS - fromS > longestS)
        return refuse(reply, {
          reason: 'invalid',
          say: `toS is after fromS, by at most ${longestS / 86_400} days.`,
          path: 'querystring.toS',
        });
      const { kind: of, id } = request.params;
      const found = await warehouse.ask(elementHours, { kind: of, id, fromS, toS });
      if (!found.ok) return refuse(reply, found);
      if (found.value !== undefined) return reply.send(found.value);
      return refuse(reply, { reason: 'not-found', say: `The load engine knows no ${of} ${id.slice(0, 130)}.` });
    },
  );

  app.get(
    '/api/load/status',
    { ...all, schema: { tags, summary: 'How new the loads are' } },
    async (_request, reply) => {
      const found = await warehouse.ask(loadStatus, {});
      if (!found.ok) return refuse(reply, found);
      const { running, failure } = load;
      const status: LoadStatusResponse = { ...found.value, running, ...(failure === undefined ? {} : { failure }) };
      return reply.send(status);
    },
  );

  app.post(
    '/api/load/runs',
    {
      ...access('read-meters', { everywhere: true }),
      schema: { tags, summary: 'Compute now what changed; it goes on by itself' },
    },
    async (_request, reply) => {
      void load.run();
      return reply.code(202).send();
    },
  );
}
