import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Passkeys } from '../operators/passkeys.ts';
import type { PasskeySite } from '../operators/passkeys.ts';
import { subjectOf } from '../operators/directory.ts';
import { RequestRate } from '../operators/request-rate.ts';
import type { SignedIn } from '../operators/sign-in.ts';
import { access, callerOf } from './access.ts';
import { refuse } from './errors.ts';
import type {
  OidcRefusal,
  PasskeyChallenge,
  PasskeySignIn,
  SignInOptions,
  SignInRequest,
} from './operator-contract.ts';
import { nothingBody, passkeySignInBody, signInBody } from './operator-schemas.ts';
import { sessionView } from './operator-views.ts';
import type { ApiParts } from './parts.ts';
import {
  clearSessionCookie,
  sessionCookieOf,
  setOidcCookie,
  setSessionCookie,
  takeOidcCookie,
} from './session-cookie.ts';

const tags = ['people'];
const smallBytes = 16 * 1024;

/** Signing in and out. What fails says the same, whoever was meant. */
export function sessionRoutes(app: FastifyInstance, parts: ApiParts): void {
  const { people } = parts;
  app.get(
    '/api/sign-in',
    { ...access('everybody'), schema: { tags, summary: 'How one can sign in' } },
    (request): SignInOptions => ({
      passkeys: Passkeys.isPossibleAt(request.hostname),
      ...(people.oidc === undefined ? {} : { oidc: { title: people.oidc.settings.title } }),
    }),
  );
  app.post<{ Body: SignInRequest }>(
    '/api/session',
    {
      ...access('everybody'),
      bodyLimit: smallBytes,
      schema: { tags, summary: 'Sign in by name, password and, where there is one, second factor', body: signInBody },
    },
    async (request, reply) => {
      const signedIn = await people.signIn.byPassword({ ...request.body, address: request.ip });
      return answer(parts, signedIn, request, reply);
    },
  );
  app.get(
    '/api/session',
    { ...access('everybody'), schema: { tags, summary: 'Who is signed in here' } },
    (request, reply) => {
      const secret = sessionCookieOf(request);
      const record = secret === undefined ? undefined : people.sessions.find(secret, true);
      const account = record && people.directory.account(record.account);
      reply.header('cache-control', 'no-store');
      // That there is none yet is no error: the page asks before anybody has signed in.
      if (secret === undefined || record === undefined || account === undefined) return reply.code(204).send();
      return sessionView(people, account, { secret, record });
    },
  );
  app.delete(
    '/api/session',
    { ...access('signed-in', { session: true, unfinished: true }), schema: { tags, summary: 'Sign out' } },
    (request, reply) => {
      const { operator, session } = callerOf(request);
      if (session !== undefined)
        people.sessions.signOut(session, {
          who: operator,
          identity: 'account',
          action: 'signed-out',
          subject: subjectOf(operator),
          say: 'Signed out',
        });
      clearSessionCookie(request, reply);
      return reply.code(204).send();
    },
  );
  passkeyRoutes(app, parts);
  oidcRoutes(app, parts);
}

function passkeyRoutes(app: FastifyInstance, parts: ApiParts): void {
  const { people, now } = parts;
  const rate = new RequestRate({ burst: 30, everyMs: 2_000 });
  const limited = {
    onRequest: async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      const waitMs = rate.waitMs(request.ip, now());
      if (waitMs > 0) await tooMany(reply, waitMs);
      else rate.take(request.ip, now());
    },
    bodyLimit: smallBytes,
  };
  app.post(
    '/api/session/passkey/options',
    {
      ...access('everybody'),
      ...limited,
      schema: { tags, summary: 'A challenge for a passkey', body: nothingBody },
    },
    async (request, reply) => {
      const challenge: PasskeyChallenge = await people.passkeys.signInOptions(siteOf(request));
      return await reply.header('cache-control', 'no-store').send(challenge);
    },
  );
  app.post<{ Body: PasskeySignIn }>(
    '/api/session/passkey',
    { ...access('everybody'), ...limited, schema: { tags, summary: 'Sign in by passkey', body: passkeySignInBody } },
    async (request, reply) => {
      const account = await people.passkeys.proven(request.body);
      if (account === undefined)
        return refuse(reply, { reason: 'unauthenticated', say: 'This passkey is not known here, or took too long.' });
      return answer(parts, people.signIn.open(account, 'passkey', request.ip, ''), request, reply);
    },
  );
}

function oidcRoutes(app: FastifyInstance, { people, now, onFault }: ApiParts): void {
  const { oidc } = people;
  const rate = new RequestRate({ burst: 30, everyMs: 2_000 });
  const none = { reason: 'not-found', say: 'There is no identity provider in the settings.' } as const;
  app.get(
    '/api/session/oidc',
    { ...access('everybody'), schema: { tags, summary: 'Sign in at the identity provider' } },
    async (request, reply) => {
      if (oidc === undefined) return await refuse(reply, none);
      const waitMs = rate.waitMs(request.ip, now());
      if (waitMs > 0) return await tooMany(reply, waitMs);
      rate.take(request.ip, now());
      try {
        const { state, url } = await oidc.begin(`${request.protocol}://${request.host}/api/session/oidc/callback`);
        setOidcCookie(request, reply, state);
        return await reply.header('cache-control', 'no-store').redirect(url.href, 302);
      } catch (error) {
        onFault(error, request.url);
        return await reply.redirect('/#/sign-in/oidc-failed', 302);
      }
    },
  );
  app.get(
    '/api/session/oidc/callback',
    { ...access('everybody'), schema: { tags, summary: 'The way back from the identity provider' } },
    async (request, reply) => {
      if (oidc === undefined) return await refuse(reply, none);
      const state = takeOidcCookie(request, reply);
      const proven = await oidc.finish(request.url.split('?')[1] ?? '', state);
      const opened = proven.ok ? people.signIn.open(proven.value, 'oidc', request.ip, '') : proven;
      if (opened.ok) setSessionCookie(request, reply, opened.value.secret);
      else if (!proven.ok && proven.reason !== 'oidc-too-late') people.signIn.refusedElsewhere(proven.say, request.ip);
      const reason: OidcRefusal = proven.ok ? 'oidc-failed' : proven.reason;
      return await reply.header('cache-control', 'no-store').redirect(opened.ok ? '/' : `/#/sign-in/${reason}`, 302);
    },
  );
}

/** The name that the browser knows; it is bound into each passkey by it. */
export function siteOf({ hostname, protocol, host }: FastifyRequest): PasskeySite {
  return { hostname, origin: `${protocol}://${host}` };
}

function answer({ people }: ApiParts, signedIn: SignedIn, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.header('cache-control', 'no-store');
  if (!signedIn.ok) {
    const { waitMs } = 'waitMs' in signedIn ? signedIn : {};
    if (waitMs !== undefined) reply.header('retry-after', String(Math.ceil(waitMs / 1_000)));
    return refuse(reply, signedIn);
  }
  const account = people.directory.account(signedIn.value.record.account);
  if (account === undefined) throw new Error('a session of no account was opened');
  setSessionCookie(request, reply, signedIn.value.secret);
  return reply.code(201).send(sessionView(people, account, signedIn.value));
}

async function tooMany(reply: FastifyReply, waitMs: number): Promise<FastifyReply> {
  const seconds = Math.ceil(waitMs / 1_000);
  return await refuse(reply.header('retry-after', String(seconds)), {
    reason: 'too-many',
    say: `Too many requests: try again in ${seconds} s.`,
  });
}
