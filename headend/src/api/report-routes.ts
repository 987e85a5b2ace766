import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ReportPart } from '../store/provisioning-store.ts';
import { refuse } from './errors.ts';
import { access, actingOf } from './access.ts';
import type { ApiParts } from './parts.ts';
import { idParams } from './request-schemas.ts';
import type { ProfilesResponse } from './site-contract.ts';
import { downloadQuery, profileBody } from './site-schemas.ts';

type Asked = { Params: { id: string }; Querystring: { download: 'true' | 'false' } };
const tags = ['sites'];

/**
 * The page of a report was made on a laptop or a gateway. It is shown without scripts, forms, or anything of elsewhere, and in an origin of
 * its own, so that it can do nothing with the console beside it.
 */
const pagePolicy =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function reportRoutes(app: FastifyInstance, { store }: ApiParts): void {
  const send = (
    part: ReportPart,
    { params, query }: Asked & { params: Asked['Params']; query: Asked['Querystring'] },
    reply: FastifyReply,
  ): FastifyReply => {
    const record = store.provisioning.report(params.id);
    const text = record && store.provisioning.reportText(params.id, part);
    if (record === undefined)
      return refuse(reply, { reason: 'not-found', say: `There is no report ${params.id.slice(0, 64)}.` });
    if (text === undefined)
      return refuse(reply, {
        reason: 'not-found',
        say: `The ${part} of report ${record.id} is gone from the store, or was changed there: look in its folder reports.`,
      });
    const name = `commissioning-${record.siteId}-${record.gatewayId}-${new Date(record.finishedAtMs).toISOString().slice(0, 10)}.${part}`;
    if (query.download === 'true') reply.header('content-disposition', `attachment; filename="${name}"`);
    return reply
      .header('content-security-policy', pagePolicy)
      .type(part === 'json' ? 'application/json; charset=utf-8' : 'text/html; charset=utf-8')
      .send(text);
  };
  app.get<Asked>(
    '/api/reports/:id',
    {
      ...access('see', { of: 'report' }),
      schema: { tags, summary: 'A commissioning report, as it was sent', params: idParams, querystring: downloadQuery },
    },
    (request, reply) => send('json', request as never, reply),
  );
  app.get<Asked>(
    '/api/reports/:id/page',
    {
      ...access('see', { of: 'report' }),
      schema: {
        tags,
        summary: 'A commissioning report, as a page for people',
        params: idParams,
        querystring: downloadQuery,
        produces: ['text/html'],
      },
    },
    (request, reply) => send('html', request as never, reply),
  );
}

/** Profile files of a technician's own, which enrolment hands to the gateways whose devices name them. */
export function profileRoutes(app: FastifyInstance, { register, orders }: ApiParts): void {
  app.get(
    '/api/profiles',
    { ...access('see'), schema: { tags, summary: 'Profile files kept here, beside those built into the agents' } },
    (): ProfilesResponse => ({
      profiles: [...register.of('profile').values()].map(({ text, ...file }) => ({
        ...file,
        bytes: Buffer.byteLength(text),
      })),
    }),
  );
  app.put<{ Params: { id: string }; Body: { fileName: string; text: string } }>(
    '/api/profiles/:id',
    {
      ...access('enter-sites', { everywhere: true }),
      schema: { tags, summary: 'Keep a profile file', params: idParams, body: profileBody },
    },
    (request, reply) => {
      const { id } = request.params;
      if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(id))
        return refuse(reply, {
          reason: 'invalid',
          say: 'A profile is named by 1 to 64 of a-z, 0-9 and -.',
          path: 'params.id',
        });
      const set = orders.setProfile({ name: id, ...request.body }, actingOf(request));
      return set.ok ? reply.code(204).send() : refuse(reply, set);
    },
  );
  app.delete<{ Params: { id: string } }>(
    '/api/profiles/:id',
    {
      ...access('enter-sites', { everywhere: true }),
      schema: { tags, summary: 'Remove a profile file', params: idParams },
    },
    (request, reply) => {
      const removed = orders.removeProfile(request.params.id, actingOf(request));
      return removed.ok ? reply.code(204).send() : refuse(reply, removed);
    },
  );
}
