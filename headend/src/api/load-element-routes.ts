import type { Result } from '@tiepoint/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { hoursCsv } from '../tlm/results/hours-csv.ts';
import { elementHours } from '../tlm/results/load-results.ts';
import type { ElementNamed, LoadHoursAsked } from '../tlm/results/load-results.ts';
import { elementDuration, elementEnergy, elementProfile } from '../tlm/results/shape-results.ts';
import { elementKinds } from '../tlm/topology/load-topology.ts';
import { access } from './access.ts';
import { refuse } from './errors.ts';
import type {
  LoadDurationResponse,
  LoadEnergyResponse,
  LoadHoursResponse,
  LoadProfileResponse,
} from './load-contract.ts';
import type { ApiParts } from './parts.ts';

const tags = ['load'];
export const name = { type: 'string', minLength: 1, maxLength: 200 } as const;
export const kind = { type: 'string', enum: elementKinds } as const;
const instant = { type: 'integer', minimum: 0, maximum: 4_294_967_295 } as const;
const longestS = 400 * 86_400;

export const hoursQuery = {
  type: 'object',
  required: ['fromS', 'toS'],
  additionalProperties: false,
  properties: { fromS: instant, toS: instant },
} as const;
const fileQuery = {
  ...hoursQuery,
  properties: { ...hoursQuery.properties, format: { type: 'string', enum: ['json', 'csv'], default: 'json' } },
} as const;
const elementParams = {
  type: 'object',
  required: ['kind', 'id'],
  properties: { kind, id: name },
} as const;

/** What one transformer, switch, segment or circuit carried. */
export function loadElementRoutes(
  app: FastifyInstance,
  { warehouse, load }: Pick<ApiParts, 'warehouse' | 'load'>,
): void {
  const all = access('see', { everywhere: true });
  const ofElement = <T extends object>(
    of: string,
    summary: string,
    answer: (asked: LoadHoursAsked) => Promise<Told<T>>,
    csv?: (told: T) => string,
  ): void =>
    void app.get<{ Params: ElementNamed; Querystring: { fromS: number; toS: number; format?: 'json' | 'csv' } }>(
      `/api/load/elements/:kind/:id/${of}`,
      {
        ...all,
        schema: { tags, summary, params: elementParams, querystring: csv === undefined ? hoursQuery : fileQuery },
      },
      async (request, reply) => {
        const { format, ...range } = request.query;
        const asked = { ...request.params, ...range };
        const fault = rangeFault(asked);
        if (fault !== undefined) return refuse(reply, fault);
        const found = await answer(asked);
        if (format !== 'csv' || csv === undefined || !found.ok || found.value === undefined)
          return tell(reply, asked, found);
        return reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', `attachment; filename="${fileName(asked)}"`)
          .send(csv(found.value));
      },
    );
  ofElement<LoadHoursResponse>(
    'hours',
    'The hours of one element',
    (asked) => warehouse.ask(elementHours, asked),
    hoursCsv,
  );
  ofElement<LoadDurationResponse>('duration', 'For how much of the time which load was exceeded', (asked) =>
    warehouse.ask(elementDuration, asked),
  );
  ofElement<LoadProfileResponse>('profile', 'How its days usually go, by season, day type and hour', (asked) =>
    warehouse.ask(elementProfile, { ...asked, calendar: load.calendar }),
  );

  app.get<{ Params: ElementNamed }>(
    '/api/load/elements/:kind/:id/energy',
    {
      ...all,
      schema: { tags, summary: 'What a counter at one element would have counted, by month', params: elementParams },
    },
    async (request, reply) => {
      const found: Told<LoadEnergyResponse> = await warehouse.ask(elementEnergy, request.params);
      return tell(reply, request.params, found);
    },
  );
}

export type Told<T> = Result<T | undefined>;

export function tell(reply: FastifyReply, { kind: of, id }: ElementNamed, found: Told<object>): FastifyReply {
  if (!found.ok) return refuse(reply, found);
  if (found.value !== undefined) return reply.send(found.value);
  return refuse(reply, { reason: 'not-found', say: `The load engine knows no ${of} ${id.slice(0, 130)}.` });
}

export function rangeFault({ fromS, toS }: { fromS: number; toS: number }) {
  if (toS > fromS && toS - fromS <= longestS) return undefined;
  const say = `toS is after fromS, by at most ${longestS / 86_400} days.`;
  return { reason: 'invalid', say, path: 'querystring.toS' } as const;
}

/** A name for a file from any id. */
const fileName = ({ kind: of, id }: ElementNamed): string =>
  `load-${of}-${id.replaceAll(/[^\w.-]+/g, '_').slice(0, 80)}.csv`;
