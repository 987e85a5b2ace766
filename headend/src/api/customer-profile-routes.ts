import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { customerYears } from '../mdw/customer-year-request.ts';
import { takeCustomerYears, takeProfiles } from '../mdw/files/take-customers.ts';
import type { CustomerFile, CustomerFileTaken } from '../mdw/files/take-customers.ts';
import { instantOf } from '../mdw/local-instant.ts';
import { forgetProfile, listProfiles } from '../mdw/profile-requests.ts';
import type { NotRecorded } from '../store/store.ts';
import { access, actingOf } from './access.ts';
import { refuse } from './errors.ts';
import { fileName, maxFileBytes, noFile, refuseFile, unnamed, viewsOf, yes } from './file-findings.ts';
import type { AnnualResponse, CustomerFileKept, ProfilesResponse } from './interval-contract.ts';
import { timeText } from './interval-routes.ts';
import type { ApiParts } from './parts.ts';
import { idParams } from './request-schemas.ts';

const tags = ['intervals'];
const see = access('see', { everywhere: true });
const mayEdit = access('edit-intervals', { everywhere: true });
const csv = { consumes: ['text/csv'] };

const profileQuery = {
  type: 'object',
  additionalProperties: false,
  properties: { file: fileName, dryRun: yes },
} as const;
const annualQuery = {
  type: 'object',
  additionalProperties: false,
  properties: { file: fileName, since: timeText, newMeters: yes, dryRun: yes },
} as const;
const annualListQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    search: { type: 'string', maxLength: 200 },
    limit: { type: 'integer', minimum: 1, maximum: 1_000, default: 50 },
  },
} as const;

type Wish = { file?: string; dryRun: 'true' | 'false' };
type Sent<Query> = { Body: unknown; Querystring: Wish & Query };
type Request = FastifyRequest<{ Body: unknown; Querystring: Wish }>;

/** Customers whose intervals nobody counts: what they take a year, and the profile that it is spread by. */
export function customerProfileRoutes(app: FastifyInstance, parts: ApiParts): void {
  const { warehouse, timeZone } = parts;
  app.get(
    '/api/intervals/profiles',
    { ...see, schema: { tags, summary: 'Load profiles, and how many customers follow each' } },
    async (_request, reply) => {
      const found = await warehouse.ask(listProfiles, {});
      return found.ok ? reply.send({ profiles: found.value } satisfies ProfilesResponse) : refuse(reply, found);
    },
  );

  app.put<Sent<unknown>>(
    '/api/intervals/profiles',
    {
      ...mayEdit,
      bodyLimit: maxFileBytes,
      schema: { tags, summary: 'Tell load profiles: all of a CSV file or nothing', querystring: profileQuery, ...csv },
    },
    async (request, reply) =>
      await keep(parts, request, reply, async (asked) => await takeProfiles(warehouse.ask.bind(warehouse), asked)),
  );

  removalRoute(app, parts);

  app.get<{ Querystring: { search?: string; limit: number } }>(
    '/api/intervals/annual',
    { ...see, schema: { tags, summary: 'Customers of whom a year is known alone', querystring: annualListQuery } },
    async (request, reply) => {
      const found = await warehouse.ask(customerYears, request.query);
      return found.ok ? reply.send(found.value satisfies AnnualResponse) : refuse(reply, found);
    },
  );

  app.put<Sent<{ since?: string; newMeters: 'true' | 'false' }>>(
    '/api/intervals/annual',
    {
      ...mayEdit,
      bodyLimit: maxFileBytes,
      schema: { tags, summary: 'Tell annual energies: all of a CSV file or nothing', querystring: annualQuery, ...csv },
    },
    async (request, reply) => {
      const { since, newMeters } = request.query;
      const from = since === undefined ? undefined : instantOf(timeZone, since);
      if (from?.ok === false)
        return refuse(reply, { reason: 'invalid', say: `since: ${from.say}.`, path: 'querystring.since' });
      const told = { sinceS: from?.value, newMeters: newMeters === 'true' };
      return await keep(
        parts,
        request,
        reply,
        async (asked) => await takeCustomerYears(warehouse.ask.bind(warehouse), { ...asked, ...told }),
      );
    },
  );
}

function removalRoute(app: FastifyInstance, { warehouse, store, now }: ApiParts): void {
  app.delete<{ Params: { id: string } }>(
    '/api/intervals/profiles/:id',
    { ...mayEdit, schema: { tags, summary: 'Take back a load profile that was told', params: idParams } },
    async (request, reply) => {
      const { id: name } = request.params;
      const { operator: who, identity } = actingOf(request);
      const deed = { atMs: now(), who, identity, action: 'intervals-imported' } as const;
      const noted = store.operations.appendAudit({ ...deed, say: `Takes back load profile ${name}` });
      if (!noted.ok) return refuse(reply, noted);
      const done = await warehouse.ask(forgetProfile, { name });
      if (done.ok) return reply.code(204).send();
      store.operations.appendAudit({ ...deed, say: `Load profile ${name} was not taken back: ${done.say}` });
      return refuse(reply, done);
    },
  );
}

/** In the audit before it is done. */
async function keep(
  { store, now }: ApiParts,
  request: Request,
  reply: FastifyReply,
  take: (asked: CustomerFile) => Promise<CustomerFileTaken>,
): Promise<FastifyReply> {
  if (typeof request.body !== 'string') return refuse(reply, noFile);
  const { operator: who, identity } = actingOf(request);
  const { file = unnamed, dryRun } = request.query;
  let unrecorded: Extract<NotRecorded, { ok: false }> | undefined;
  const taken = await take({
    file,
    text: request.body,
    dryRun: dryRun === 'true',
    record: async (say) => {
      const noted = store.operations.appendAudit({ atMs: now(), who, identity, action: 'intervals-imported', say });
      if (!noted.ok) unrecorded = noted;
      return await Promise.resolve(noted);
    },
  });
  if (unrecorded !== undefined) return refuse(reply, unrecorded);
  if (!taken.ok) return refuseFile(reply, taken);
  const { say, kept, findings } = taken;
  return reply.send({ say, kept, findings: viewsOf(findings) } satisfies CustomerFileKept);
}
