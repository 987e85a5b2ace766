import type { FastifyInstance } from 'fastify';
import { access, actingOf } from './access.ts';
import { refuse } from './errors.ts';
import type { ApiParts } from './parts.ts';
import type { NightReadView, ReadDetail, ReadRequestBody, ReadsResponse, ReadView } from './read-contract.ts';
import { idParams } from './request-schemas.ts';

const tags = ['reads'];
const shownSilent = 200;
const readBody = {
  type: 'object',
  required: ['kind', 'id'],
  additionalProperties: false,
  properties: {
    kind: { type: 'string', enum: ['circuit', 'segment', 'transformer', 'switch'] },
    id: { type: 'string', minLength: 1, maxLength: 200 },
  },
} as const;

/** The intervals of the day that ended, asked of every meter by night. */
export function nightRoutes(app: FastifyInstance, { reads, onFault }: ApiParts): void {
  app.get(
    '/api/night-read',
    {
      ...access('see', { everywhere: true }),
      schema: { tags, summary: 'The night’s read: how far it is, and when the next is' },
    },
    (): NightReadView => reads.night.view,
  );

  app.post(
    '/api/night-read',
    {
      ...access('read-meters', { everywhere: true }),
      schema: { tags, summary: 'Read the meters of the day that ended now, whatever the hour' },
    },
    async (request, reply) => {
      try {
        await reads.night.beginByHand();
      } catch (error) {
        onFault(error, request.url);
        const why = error instanceof Error ? error.message : String(error);
        return refuse(reply, { reason: 'busy', say: `The warehouse does not tell what is to be read: ${why}` });
      }
      return reply.code(202).send(reads.night.view satisfies NightReadView);
    },
  );
}

/** What a part of the network takes now, asked of its meters. It goes through all areas, as the network does. */
export function readRoutes(app: FastifyInstance, { reads }: ApiParts): void {
  app.post<{ Body: ReadRequestBody }>(
    '/api/reads',
    {
      ...access('read-meters', { everywhere: true }),
      schema: { tags, summary: 'Read the aggregate load of a part of the network now', body: readBody },
    },
    (request, reply) => {
      const started = reads.onDemand.start(request.body, actingOf(request).operator);
      return started.ok ? reply.code(202).send(started.value satisfies ReadView) : refuse(reply, started);
    },
  );

  app.get(
    '/api/reads',
    {
      ...access('see', { everywhere: true }),
      schema: { tags, summary: 'The reads of late, newest first' },
    },
    (): ReadsResponse => ({ reads: reads.onDemand.all() }),
  );

  app.get<{ Params: { id: string } }>(
    '/api/reads/:id',
    {
      ...access('see', { everywhere: true }),
      schema: { tags, summary: 'One read, as far as it is, with the meters that did not answer', params: idParams },
    },
    (request, reply) => {
      const { id } = request.params;
      const read = reads.onDemand.read(id);
      if (read === undefined)
        return refuse(reply, { reason: 'not-found', say: `There is no read ${id.slice(0, 64)} (any more).` });
      const detail: ReadDetail = { ...read, silent: reads.onDemand.silentOf(id, shownSilent) };
      return reply.send(detail);
    },
  );
}
