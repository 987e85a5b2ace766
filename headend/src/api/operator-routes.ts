import type { FastifyInstance } from 'fastify';
import {
  actionWords,
  mayAnywhere,
  needsSecondFactor,
  permissions,
  roles,
  roleTitles,
} from '../operators/permissions.ts';
import type { Action } from '../operators/permissions.ts';
import { access, callerOf } from './access.ts';
import { refuse } from './errors.ts';
import type {
  BearerTokenIssued,
  BearerTokenRequest,
  OperatorChange,
  OperatorCreated,
  OperatorRequest,
  OperatorsResponse,
  RolesResponse,
  TokensResponse,
} from './operator-contract.ts';
import { bearerTokenBody, nothingBody, operatorBody, operatorChangeBody } from './operator-schemas.ts';
import { bearerTokenView, operatorView } from './operator-views.ts';
import type { ApiParts } from './parts.ts';
import { idParams } from './request-schemas.ts';

type WithId = { Params: { id: string } };
const tags = ['people'];
const administer = access('administer-operators', { session: true, everywhere: true });
const administerFresh = access('administer-operators', { session: true, everywhere: true, fresh: true });

/** Accounts and roles, for administrators. */
export function operatorRoutes(app: FastifyInstance, parts: ApiParts): void {
  const { people } = parts;
  const by = (operator: string) => ({ who: operator, identity: 'account' }) as const;
  app.get('/api/roles', { ...access('signed-in'), schema: { tags, summary: 'Roles, and what each may' } }, () =>
    rolesOf(parts),
  );
  app.get('/api/operators', { ...administer, schema: { tags, summary: 'All accounts' } }, (): OperatorsResponse => ({
    operators: people.directory.accounts().map((each) => operatorView(people, each)),
  }));
  app.post<{ Body: OperatorRequest }>(
    '/api/operators',
    {
      ...administerFresh,
      schema: { tags, summary: 'Make an account: its password is told this once', body: operatorBody },
    },
    (request, reply) => {
      const added = people.administration.add(request.body, by(callerOf(request).operator));
      if (!added.ok) return refuse(reply, added);
      const { account, oneTime } = added.value;
      const told: OperatorCreated = {
        operator: operatorView(people, account),
        ...(oneTime === undefined ? {} : { oneTime }),
      };
      return reply.code(201).send(told);
    },
  );
  app.put<WithId & { Body: OperatorChange }>(
    '/api/operators/:id',
    {
      ...administerFresh,
      schema: { tags, summary: 'Change title, roles, or disable', params: idParams, body: operatorChangeBody },
    },
    (request, reply) => {
      const changed = people.administration.change(request.params.id, request.body, by(callerOf(request).operator));
      return changed.ok ? reply.send(operatorView(people, changed.value)) : refuse(reply, changed);
    },
  );
  app.post<WithId>(
    '/api/operators/:id/reset',
    {
      ...administerFresh,
      schema: { tags, summary: 'A new one-time password', params: idParams, body: nothingBody },
    },
    (request, reply) => {
      const reset = people.administration.reset(request.params.id, by(callerOf(request).operator));
      return reset.ok ? reply.send(reset.value) : refuse(reply, reset);
    },
  );
  app.delete<WithId>(
    '/api/operators/:id/sessions',
    { ...administer, schema: { tags, summary: 'End all sessions of an account', params: idParams } },
    (request, reply) => {
      const ended = people.administration.endSessions(request.params.id, by(callerOf(request).operator));
      return ended.ok ? reply.code(204).send() : refuse(reply, ended);
    },
  );
}

/** Bearer tokens: one's own, and, for administrators, everybody's. */
export function bearerTokenRoutes(app: FastifyInstance, { people }: ApiParts): void {
  app.get(
    '/api/tokens',
    { ...access('signed-in', { session: true }), schema: { tags, summary: 'Bearer tokens of programs' } },
    (request): TokensResponse => {
      const { operator, grants } = callerOf(request);
      const all = mayAnywhere(grants, 'administer-operators').ok;
      const seen = people.directory.tokens().filter(({ account }) => all || account === operator);
      return { tokens: seen.map((each) => bearerTokenView(people, each)) };
    },
  );
  app.post<{ Body: BearerTokenRequest }>(
    '/api/tokens',
    {
      ...access('signed-in', { session: true, fresh: true }),
      schema: { tags, summary: 'Issue a bearer token: told this once', body: bearerTokenBody },
    },
    (request, reply) => {
      const { operator, grants } = callerOf(request);
      const { account = operator, ...asked } = request.body;
      // Of a person's account nobody else has a token, for it would act in that person's name.
      const isProgram = people.directory.account(account)?.program === true;
      if (account !== operator && !(isProgram && mayAnywhere(grants, 'administer-operators').ok))
        return refuse(reply, {
          reason: 'not-permitted',
          say: 'Tokens are for one’s own account; an administrator issues those of programs’ accounts.',
        });
      const issued = people.tokens.issue({ ...asked, account }, { who: operator, identity: 'account' });
      if (!issued.ok) return refuse(reply, issued);
      const { token, record } = issued.value;
      const told: BearerTokenIssued = { ...bearerTokenView(people, record), token };
      return reply.code(201).send(told);
    },
  );
  app.delete<WithId>(
    '/api/tokens/:id',
    {
      ...access('signed-in', { session: true }),
      schema: { tags, summary: 'Revoke a bearer token', params: idParams },
    },
    (request, reply) => {
      const { operator, grants } = callerOf(request);
      const own = people.directory.token(request.params.id)?.account === operator;
      if (!own && !mayAnywhere(grants, 'administer-operators').ok)
        return refuse(reply, { reason: 'not-found', say: 'There is no such token of yours.' });
      const revoked = people.tokens.revoke(request.params.id, operator);
      return revoked.ok ? reply.code(204).send() : refuse(reply, revoked);
    },
  );
}

function rolesOf({ register }: ApiParts): RolesResponse {
  const actions = (Object.keys(permissions) as Action[]).filter((action) => action !== 'command');
  const areas = new Set([...register.of('site').values()].flatMap(({ area }) => area ?? []));
  return {
    roles: roles.map((role) => ({
      role,
      title: roleTitles[role],
      may: actions.filter((action) => permissions[action].includes(role)).map((action) => actionWords[action]),
      secondFactor: needsSecondFactor([{ role, areas: 'all' }]),
    })),
    areas: [...areas].toSorted(),
  };
}
