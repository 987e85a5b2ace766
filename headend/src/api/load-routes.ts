import type { FastifyInstance } from 'fastify';
import { loadElements, loadStatus } from '../tlm/results/load-results.ts';
import type { ElementNamed } from '../tlm/results/load-results.ts';
import { access } from './access.ts';
import { refuse } from './errors.ts';
import type { LoadStatusResponse } from './load-contract.ts';
import { loadAgeingRoutes } from './load-ageing-routes.ts';
import { loadClueRoutes } from './load-clue-routes.ts';
import { kind, loadElementRoutes, name } from './load-element-routes.ts';
import type { ApiParts } from './parts.ts';

const tags = ['load'];
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

  loadElementRoutes(app, { warehouse, load });
  loadAgeingRoutes(app, { warehouse });
  loadClueRoutes(app, { warehouse, load });

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
