import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { EnteredChange, EnteredKind } from '../nms/provisioning/order-book.ts';
import { splitDeviceKey } from '../nms/device-key.ts';
import { refuse } from './errors.ts';
import { mayIn } from '../operators/permissions.ts';
import type { Area } from '../operators/permissions.ts';
import { access, actingOf, callerOf } from './access.ts';
import { deviceArea, siteArea } from './areas.ts';
import type { ApiParts } from './parts.ts';
import { idParams } from './request-schemas.ts';
import type { ContractRequest, OrderRequest, SiteRequest, SitesResponse, TokenIssued } from './site-contract.ts';
import { contractBody, orderBody, retirementBody, siteBody, sitesQuery, tokenBody } from './site-schemas.ts';
import { siteDetail, siteRow, sitesOf, tokenView } from './site-views.ts';

type WithId = { Params: { id: string } };
const tags = ['sites'];
const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** Sites, what is ordered for them, contracts, and tokens for their gateways. */
export function siteRoutes(app: FastifyInstance, parts: ApiParts): void {
  const { register } = parts;

  app.get<{ Querystring: { search: string; limit: number } }>(
    '/api/sites',
    {
      ...access('see'),
      schema: {
        tags,
        summary: 'Sites, with what is missing; those that need something first',
        querystring: sitesQuery,
      },
    },
    (request): SitesResponse => sitesOf(parts, request.query, callerOf(request).grants),
  );

  app.get<WithId>(
    '/api/sites/:id',
    {
      ...access('see', { of: 'site' }),
      schema: { tags, summary: 'One site: ordered and born, contracts, gateways, reports', params: idParams },
    },
    (request, reply) => {
      const site = register.of('site').get(request.params.id);
      return site === undefined
        ? refuse(reply, noSite(request.params.id))
        : siteDetail(parts, site, parts.enrolUrlAt(request.hostname));
    },
  );

  app.put<WithId & { Body: SiteRequest }>(
    '/api/sites/:id',
    {
      ...access('enter-sites'),
      schema: {
        tags,
        summary: 'Enter a site, or change it',
        params: idParams,
        body: siteBody,
      },
    },
    (request, reply) => {
      const { id } = request.params;
      const retired = register.of('site').get(id)?.retired;
      const record = { ...request.body, id, ...(retired === undefined ? {} : { retired }) };
      return put(parts, request, reply, { kind: 'site', id, record }) ?? sentRow(parts, id, reply);
    },
  );
  removal(app, parts, '/api/sites/:id', 'site');

  retirementRoutes(app, parts);
  orderRoutes(app, parts);
}

function retirementRoutes(app: FastifyInstance, parts: ApiParts): void {
  const { orders } = parts;
  app.put<WithId & { Body: { cause: string } }>(
    '/api/sites/:id/retirement',
    {
      ...access('enter-sites', { of: 'site' }),
      schema: {
        tags,
        summary: 'Retire a site: nothing there is commanded any more',
        params: idParams,
        body: retirementBody,
      },
    },
    (request, reply) => {
      const retired = orders.retire(request.params.id, actingOf(request), request.body.cause.trim());
      return retired.ok ? sentRow(parts, request.params.id, reply) : refuse(reply, retired);
    },
  );
  app.delete<WithId>(
    '/api/sites/:id/retirement',
    {
      ...access('enter-sites', { of: 'site' }),
      ...access('enter-sites', { of: 'site' }),
      schema: { tags, summary: 'Take a site back: it is commissioned anew', params: idParams },
    },
    (request, reply) => {
      const back = orders.retire(request.params.id, actingOf(request), undefined);
      return back.ok ? sentRow(parts, request.params.id, reply) : refuse(reply, back);
    },
  );
}

function orderRoutes(app: FastifyInstance, parts: ApiParts): void {
  app.put<WithId & { Body: OrderRequest }>(
    '/api/orders/:id',
    {
      ...access('enter-sites'),
      schema: {
        tags,
        summary: 'Enter a device as it was ordered, or change it',
        params: idParams,
        body: orderBody,
      },
    },
    (request, reply) => {
      const { id } = request.params;
      const names = splitDeviceKey(id);
      if (names === undefined)
        return refuse(reply, {
          reason: 'invalid',
          say: `${id.slice(0, 130)} is no device: <gateway>.<device>.`,
          path: 'params.id',
        });
      const record = { ...request.body, ...names, key: id };
      return put(parts, request, reply, { kind: 'device', id, record }) ?? reply.code(204).send();
    },
  );
  removal(app, parts, '/api/orders/:id', 'device');

  app.put<WithId & { Body: ContractRequest }>(
    '/api/contracts/:id',
    {
      ...access('enter-sites'),
      schema: {
        tags,
        summary: 'Enter a contract, or change it',
        params: idParams,
        body: contractBody,
      },
    },
    (request, reply) => {
      const { id } = request.params;
      const { deviceId: deviceKey, ...contract } = request.body;
      const record = { ...contract, id, deviceKey };
      return put(parts, request, reply, { kind: 'contract', id, record }) ?? reply.code(204).send();
    },
  );
  removal(app, parts, '/api/contracts/:id', 'contract');
}

/** Tokens that technicians enrol gateways with. */
export function tokenRoutes(app: FastifyInstance, parts: ApiParts): void {
  const { enrolments, now } = parts;
  app.post<WithId & { Body: { validHours: number } }>(
    '/api/gateways/:id/enrolment-tokens',
    {
      ...access('issue-enrolment', { of: 'gateway' }),
      schema: {
        tags,
        summary: 'Issue an enrolment token: told this once',
        params: idParams,
        body: tokenBody,
      },
    },
    (request, reply) => {
      const validMs = Math.min(request.body.validHours * hourMs, 30 * dayMs);
      const issued = enrolments.issue({ ...actingOf(request), gatewayId: request.params.id, validMs });
      if (!issued.ok) return refuse(reply, issued);
      const { token, record } = issued.value;
      const line = `tiepoint-agent enroll ${parts.enrolUrlAt(request.hostname)} ${token}`;
      const told: TokenIssued = { ...tokenView(record, now()), token, line };
      return reply.code(201).header('cache-control', 'no-store').send(told);
    },
  );
  app.delete<WithId>(
    '/api/enrolment-tokens/:id',
    {
      ...access('issue-enrolment', { of: 'enrolment-token' }),
      schema: { tags, summary: 'Revoke an enrolment token', params: idParams },
    },
    (request, reply) => {
      const revoked = enrolments.revoke(request.params.id, actingOf(request));
      return revoked.ok ? reply.code(204).send() : refuse(reply, revoked);
    },
  );
}

/** Ends whatever a gateway is taken for: its connections, and what it would ask. */
export function revocationRoute(app: FastifyInstance, { certificates }: ApiParts): void {
  app.post<WithId & { Body: { cause: string } }>(
    '/api/gateways/:id/revocation',
    {
      ...access('revoke-certificates', { of: 'gateway' }),
      schema: {
        tags,
        summary: 'Revoke the certificates of a gateway, at once',
        params: idParams,
        body: retirementBody,
      },
    },
    (request, reply) => {
      const revoked = certificates.revoke(request.params.id, request.body.cause, actingOf(request));
      return revoked.ok ? reply.code(204).send() : refuse(reply, revoked);
    },
  );
}

const removedPlace = { site: 'site', device: 'order', contract: 'contract' } as const;

/** Where the record is, and where it would be then: one must be allowed in both. */
function areasOf(parts: ApiParts, { kind, id, record }: EnteredChange): readonly Area[] {
  const { register } = parts;
  switch (kind) {
    case 'site': {
      const before = register.of('site').get(id);
      return [record?.area, ...(before === undefined ? [] : [before.area])];
    }
    case 'device': {
      const before = register.of('device').get(id);
      return [siteArea(parts, record?.siteId), ...(before === undefined ? [] : [siteArea(parts, before.siteId)])];
    }
    case 'contract': {
      const before = register.of('contract').get(id);
      return [
        deviceArea(parts, record?.deviceKey ?? ''),
        ...(before === undefined ? [] : [deviceArea(parts, before.deviceKey)]),
      ];
    }
  }
}

/** Undefined: it is done. */
function put(
  parts: ApiParts,
  request: FastifyRequest,
  reply: FastifyReply,
  change: EnteredChange,
): FastifyReply | undefined {
  const { grants } = callerOf(request);
  const elsewhere = areasOf(parts, change)
    .map((area) => mayIn(grants, 'enter-sites', area))
    .find(({ ok }) => !ok);
  if (elsewhere?.ok === false) return refuse(reply, elsewhere);
  const entered = parts.orders.put(change, actingOf(request));
  return entered.ok ? undefined : refuse(reply, entered);
}

function removal(app: FastifyInstance, { orders }: ApiParts, url: string, kind: EnteredKind): void {
  app.delete<WithId>(
    url,
    {
      ...access('enter-sites', { of: removedPlace[kind] }),
      schema: { tags, summary: `Remove a ${kind} that was entered`, params: idParams },
    },
    (request, reply) => {
      const removed = orders.remove(kind, request.params.id, actingOf(request));
      return removed.ok ? reply.code(204).send() : refuse(reply, removed);
    },
  );
}

function sentRow(parts: ApiParts, id: string, reply: FastifyReply): FastifyReply {
  const site = parts.register.of('site').get(id);
  return site === undefined ? refuse(reply, noSite(id)) : reply.send(siteRow(parts, site));
}

function noSite(id: string): { reason: 'not-found'; say: string } {
  return { reason: 'not-found', say: `There is no site ${id.slice(0, 64)}.` };
}
