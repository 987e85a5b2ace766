import type { FastifyInstance } from 'fastify';
import { Passkeys } from '../operators/passkeys.ts';
import { access, callerOf } from './access.ts';
import { refuse } from './errors.ts';
import type { PasskeyCreation, PasskeyRegistration, PasswordChange } from './operator-contract.ts';
import { codeBody, nothingBody, passkeyBody, passwordBody } from './operator-schemas.ts';
import { accountView } from './operator-views.ts';
import type { ApiParts } from './parts.ts';
import { idParams } from './request-schemas.ts';
import { setSessionCookie } from './session-cookie.ts';
import { siteOf } from './session-routes.ts';
import { sessionView } from './operator-views.ts';

type WithId = { Params: { id: string } };
const tags = ['people'];
const own = { session: true, unfinished: true } as const;
const ownFresh = { ...own, fresh: true } as const;

/** What people see and change of their own account. */
export function accountRoutes(app: FastifyInstance, parts: ApiParts): void {
  const { people } = parts;
  app.get(
    '/api/account',
    { ...access('signed-in', own), schema: { tags, summary: 'One’s own account' } },
    (request, reply) => {
      const { operator, session } = callerOf(request);
      const account = people.directory.account(operator);
      return account === undefined || session === undefined
        ? refuse(reply, { reason: 'unauthenticated', say: 'There is no session.' })
        : accountView(people, account, session);
    },
  );
  app.put<{ Body: PasswordChange }>(
    '/api/account/password',
    { ...access('signed-in', own), schema: { tags, summary: 'Change the password', body: passwordBody } },
    async (request, reply) => {
      const { operator, session } = callerOf(request);
      if (session === undefined) throw new Error('a program came to a route that is for people');
      const changed = await people.signIn.changePassword(people.own, operator, request.body, request.ip);
      if (!changed.ok) {
        if ('waitMs' in changed && changed.waitMs !== undefined)
          reply.header('retry-after', String(Math.ceil(changed.waitMs / 1_000)));
        return refuse(reply, changed);
      }
      // Whoever had a session by the password before has none now; this one goes on under a new secret.
      people.sessions.endAll(operator);
      const account = people.directory.account(operator);
      const opened = account && people.signIn.open(account, session.by, request.ip, ', going on after the change');
      if (account === undefined || opened?.ok !== true)
        return refuse(reply, { reason: 'unauthenticated', say: 'The password is changed: sign in with it.' });
      setSessionCookie(request, reply, opened.value.secret);
      return reply.send(sessionView(people, people.directory.account(operator) ?? account, opened.value));
    },
  );
  app.delete<WithId>(
    '/api/account/sessions/:id',
    { ...access('signed-in', own), schema: { tags, summary: 'End one’s own session elsewhere', params: idParams } },
    (request, reply) => {
      const { operator } = callerOf(request);
      const session = people.sessions.of(operator).find(({ id }) => id === request.params.id);
      if (session === undefined)
        return refuse(reply, { reason: 'not-found', say: 'There is no such session of yours.' });
      people.sessions.signOut(session, {
        who: operator,
        identity: 'account',
        action: 'signed-out',
        subject: `account:${operator}`,
        say: `A session from ${session.address} ended`,
      });
      return reply.code(204).send();
    },
  );
  authenticatorRoutes(app, parts);
  passkeyRoutes(app, parts);
}

function authenticatorRoutes(app: FastifyInstance, { people }: ApiParts): void {
  app.post(
    '/api/account/totp',
    { ...access('signed-in', ownFresh), schema: { tags, summary: 'Begin with an authenticator', body: nothingBody } },
    (request) => people.own.offerTotp(callerOf(request).operator),
  );
  app.put<{ Body: { code: string } }>(
    '/api/account/totp',
    {
      ...access('signed-in', ownFresh),
      schema: { tags, summary: 'Confirm the authenticator by a code of it', body: codeBody },
    },
    (request, reply) => {
      const confirmed = people.own.confirmTotp(callerOf(request).operator, request.body.code);
      return confirmed.ok ? reply.send({ codes: confirmed.value }) : refuse(reply, confirmed);
    },
  );
  app.delete(
    '/api/account/totp',
    { ...access('signed-in', ownFresh), schema: { tags, summary: 'Remove the authenticator' } },
    (request, reply) => {
      const removed = people.own.removeTotp(callerOf(request).operator);
      return removed.ok ? reply.code(204).send() : refuse(reply, removed);
    },
  );
  app.post(
    '/api/account/recovery-codes',
    { ...access('signed-in', ownFresh), schema: { tags, summary: 'New recovery codes', body: nothingBody } },
    (request, reply) => {
      const made = people.own.newRecoveryCodes(callerOf(request).operator);
      return made.ok ? reply.send({ codes: made.value }) : refuse(reply, made);
    },
  );
}

function passkeyRoutes(app: FastifyInstance, { people }: ApiParts): void {
  app.post(
    '/api/account/passkeys/options',
    { ...access('signed-in', ownFresh), schema: { tags, summary: 'Begin with a passkey', body: nothingBody } },
    async (request, reply) => {
      const account = people.directory.account(callerOf(request).operator);
      if (account === undefined || !Passkeys.isPossibleAt(request.hostname))
        return refuse(reply, {
          reason: 'conflict',
          say: 'Passkeys are bound to a name: open the console by the name of this server, not by a number.',
        });
      const creation: PasskeyCreation = await people.passkeys.registrationOptions(account, siteOf(request));
      return await reply.send(creation);
    },
  );
  app.post<{ Body: PasskeyRegistration }>(
    '/api/account/passkeys',
    { ...access('signed-in', ownFresh), schema: { tags, summary: 'Add a passkey', body: passkeyBody } },
    async (request, reply) => {
      const { operator } = callerOf(request);
      const passkey = await people.passkeys.registered(request.body, operator);
      if (passkey === undefined)
        return refuse(reply, {
          reason: 'invalid',
          say: 'The passkey was not taken: begin again.',
          path: 'body.response',
        });
      const added = people.own.addPasskey(operator, passkey);
      const { id, title, addedAtMs } = passkey;
      return added.ok ? reply.code(201).send({ id, title, addedAtMs }) : refuse(reply, added);
    },
  );
  app.delete<WithId>(
    '/api/account/passkeys/:id',
    {
      ...access('signed-in', ownFresh),
      schema: {
        tags,
        summary: 'Remove a passkey',
        params: { ...idParams, properties: { id: { type: 'string', maxLength: 1_400 } } },
      },
    },
    (request, reply) => {
      const removed = people.own.removePasskey(callerOf(request).operator, request.params.id);
      return removed.ok ? reply.code(204).send() : refuse(reply, removed);
    },
  );
}
