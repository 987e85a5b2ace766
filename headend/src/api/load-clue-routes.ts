import type { FastifyInstance } from 'fastify';
import { loadClues } from '../tlm/clues/clue-results.ts';
import { access } from './access.ts';
import { refuse } from './errors.ts';
import type { LoadCluesResponse } from './load-contract.ts';
import { hoursQuery, name, rangeFault, tell } from './load-element-routes.ts';
import type { Told } from './load-element-routes.ts';
import type { ApiParts } from './parts.ts';

const cluesQuery = {
  ...hoursQuery,
  required: ['circuit', ...hoursQuery.required],
  properties: { ...hoursQuery.properties, circuit: name },
} as const;

const withinMs = 300_000;
const underWay = { reason: 'busy', say: 'Clues are being looked for already: ask again when that is done.' } as const;

/** Who may be drawn at a wrong transformer, and where energy goes that nobody counts. */
export function loadClueRoutes(app: FastifyInstance, { warehouse, load }: Pick<ApiParts, 'warehouse' | 'load'>): void {
  // Each takes seconds of the warehouse: one at a time.
  let isSearching = false;
  app.get<{ Querystring: { circuit: string; fromS: number; toS: number } }>(
    '/api/load/clues',
    {
      ...access('see', { everywhere: true }),
      schema: {
        tags: ['load'],
        summary: 'Clues to theft and to wrong maps on a circuit, the likeliest first',
        querystring: cluesQuery,
      },
    },
    async (request, reply) => {
      const { circuit, ...range } = request.query;
      const fault = rangeFault(range);
      if (fault !== undefined) return refuse(reply, fault);
      const whole = { fromS: range.fromS - (range.fromS % 3_600), toS: range.toS };
      const asked = { circuit, ...whole, heads: load.headMeters };
      if (isSearching) return refuse(reply, underWay);
      isSearching = true;
      const found: Told<LoadCluesResponse> = await warehouse
        .ask(loadClues, asked, { withinMs })
        .finally(() => (isSearching = false));
      return tell(reply, { kind: 'circuit', id: circuit }, found);
    },
  );
}
