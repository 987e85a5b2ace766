import type { FastifyInstance } from 'fastify';
import { ageingList, transformerAgeing } from '../tlm/ageing/ageing-results.ts';
import { access } from './access.ts';
import { refuse } from './errors.ts';
import type { AgeingListResponse, TransformerAgeingResponse } from './load-contract.ts';
import { hoursQuery, name, rangeFault, tell } from './load-element-routes.ts';
import type { Told } from './load-element-routes.ts';
import type { ApiParts } from './parts.ts';

const tags = ['load'];
const listQuery = {
  ...hoursQuery,
  properties: {
    ...hoursQuery.properties,
    circuit: name,
    limit: { type: 'integer', minimum: 1, maximum: 10_000, default: 200 },
  },
} as const;

type Range = { fromS: number; toS: number };

/** How transformers age by their loads (IEEE C57.91). */
export function loadAgeingRoutes(app: FastifyInstance, { warehouse }: Pick<ApiParts, 'warehouse'>): void {
  const all = access('see', { everywhere: true });

  app.get<{ Querystring: Range & { circuit?: string; limit: number } }>(
    '/api/load/ageing',
    { ...all, schema: { tags, summary: 'Transformers by the life they lost', querystring: listQuery } },
    async (request, reply) => {
      const fault = rangeFault(request.query);
      if (fault !== undefined) return refuse(reply, fault);
      const found = await warehouse.ask(ageingList, request.query);
      if (!found.ok) return refuse(reply, found);
      const answer: AgeingListResponse = found.value;
      return reply.send(answer);
    },
  );

  app.get<{ Params: { id: string }; Querystring: Range }>(
    '/api/load/transformers/:id/ageing',
    {
      ...all,
      schema: {
        tags,
        summary: 'How one transformer aged, day by day',
        params: { type: 'object', required: ['id'], properties: { id: name } },
        querystring: hoursQuery,
      },
    },
    async (request, reply) => {
      const fault = rangeFault(request.query);
      if (fault !== undefined) return refuse(reply, fault);
      const { id } = request.params;
      const found: Told<TransformerAgeingResponse> = await warehouse.ask(transformerAgeing, { id, ...request.query });
      return tell(reply, { kind: 'transformer', id }, found);
    },
  );
}
