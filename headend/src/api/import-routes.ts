import type { FastifyInstance, FastifyReply } from 'fastify';
import { refuse } from './errors.ts';
import { operatorOf } from './operator-name.ts';
import type { ApiParts } from './parts.ts';
import { operatorHeader } from './request-schemas.ts';
import type { ImportPreview } from './site-contract.ts';
import { importQuery } from './site-schemas.ts';

const maxFileBytes = 16 * 1024 * 1024;
const tags = ['sites'];
const csv = { consumes: ['text/csv'] };

/** Files of sites, devices and contracts: shown first, then taken whole or not at all. */
export function importRoutes(app: FastifyInstance, { orders }: ApiParts): void {
  // A character that is no UTF-8 is found at its line, so it is not refused here.
  app.addContentTypeParser('text/csv', { parseAs: 'buffer', bodyLimit: maxFileBytes }, (_request, body, done) =>
    done(null, new TextDecoder('utf-8', { ignoreBOM: true }).decode(body as Buffer)),
  );

  app.post<{ Body: unknown }>(
    '/api/imports/preview',
    { bodyLimit: maxFileBytes, schema: { tags, summary: 'What a CSV file would change', ...csv } },
    (request, reply): ImportPreview | FastifyReply =>
      typeof request.body === 'string' ? orders.preview(request.body) : refuse(reply, noFile),
  );

  app.post<{ Body: unknown; Querystring: { expect?: string } }>(
    '/api/imports',
    {
      bodyLimit: maxFileBytes,
      schema: {
        tags,
        summary: 'Take a CSV file over: all of it or nothing',
        headers: operatorHeader,
        querystring: importQuery,
        ...csv,
      },
    },
    (request, reply) => {
      const operator = operatorOf(request, reply);
      if (operator === undefined) return reply;
      if (typeof request.body !== 'string') return refuse(reply, noFile);
      const done = orders.import(request.body, operator, request.query.expect);
      if (done.ok) return reply.send(done);
      if (!('faults' in done)) return refuse(reply, done);
      const count = done.faults.length + done.more;
      const [first] = done.faults;
      const where =
        first === undefined
          ? ''
          : ` Line ${first.line}${first.column === undefined ? '' : `, ${first.column}`}: ${first.say}.`;
      const say = `Nothing was changed: the file has ${count} ${count === 1 ? 'fault' : 'faults'}.${where}`;
      return refuse(reply, { reason: 'invalid', say, faults: done.faults });
    },
  );

  app.get(
    '/api/exports/sites.csv',
    { schema: { tags, summary: 'All that is entered, as a file that can be imported', produces: ['text/csv'] } },
    (_request, reply) =>
      reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="sites.csv"')
        .send(orders.export()),
  );
}

const noFile = { reason: 'invalid', say: 'Send the file itself, with content-type: text/csv.' } as const;
