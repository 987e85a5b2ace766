import type { FastifyInstance, FastifyReply } from 'fastify';
import { refuse } from './errors.ts';
import { sees } from '../operators/permissions.ts';
import { access, actingOf, callerOf } from './access.ts';
import type { ApiParts } from './parts.ts';
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
    {
      ...access('enter-sites', { everywhere: true }),
      bodyLimit: maxFileBytes,
      schema: { tags, summary: 'What a CSV file would change', ...csv },
    },
    (request, reply): ImportPreview | FastifyReply =>
      typeof request.body === 'string' ? orders.preview(request.body) : refuse(reply, noFile),
  );

  app.post<{ Body: unknown; Querystring: { expect?: string } }>(
    '/api/imports',
    {
      ...access('enter-sites', { everywhere: true }),
      bodyLimit: maxFileBytes,
      schema: {
        tags,
        summary: 'Take a CSV file over: all of it or nothing',
        querystring: importQuery,
        ...csv,
      },
    },
    (request, reply) => {
      if (typeof request.body !== 'string') return refuse(reply, noFile);
      const done = orders.import(request.body, actingOf(request), request.query.expect);
      if (done.ok) return reply.send(done);
      if (!('faults' in done)) return refuse(reply, done);
      const count = done.faults.length + done.more;
      const [first] = done.faults;
      const where =
        first === undefined
          ? ''
          : ` Line ${first.line}${first.column === undefined ? '' : `, ${first.column}`}: ${first.say}${first.say.endsWith('?') ? '' : '.'}`;
      const say = `Nothing was changed: the file has ${count} ${count === 1 ? 'fault' : 'faults'}.${where}`;
      return refuse(reply, { reason: 'invalid', say, faults: done.faults });
    },
  );

  app.get(
    '/api/exports/sites.csv',
    {
      ...access('see'),
      schema: { tags, summary: 'All that is entered, as a file that can be imported', produces: ['text/csv'] },
    },
    (request, reply) =>
      reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="sites.csv"')
        .send(orders.export(({ area }) => sees(callerOf(request).grants, area))),
  );
}

const noFile = { reason: 'invalid', say: 'Send the file itself, with content-type: text/csv.' } as const;
