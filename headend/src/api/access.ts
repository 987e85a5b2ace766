import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { mayAnywhere, mayEverywhere, mayIn, sees } from '../operators/permissions.ts';
import type { Action } from '../operators/permissions.ts';
import { sameHash } from '../store/credentials.ts';
import type { Grant, SessionRecord } from '../store/people-store.ts';
import type { Acting } from '../store/store.ts';
import { placeOf } from './areas.ts';
import type { PlaceKind } from './areas.ts';
import { refuse } from './errors.ts';
import type { ApiParts } from './parts.ts';
import { RefusedDeeds } from './refused-deeds.ts';
import { csrfTokenOf, sessionCookieOf } from './session-cookie.ts';

/**
 * Who may call a route. `everybody`: it opens nothing. `gateway`: who calls proves to be one, by means of the route's own. `signed-in`:
 * whatever the role; `unfinished`: also before the first password is changed or a second factor set up. Else what one has to be allowed to:
 * `of` names what the route's `:id` is, so that its area is judged; `everywhere`: it concerns all areas.
 * `session`: for people, not for programs. `fresh`: who signed in lately.
 */
export type Access = { readonly to: 'everybody' } | { readonly to: 'gateway' } | Asked;
type Asked = {
  readonly to: 'signed-in' | Action;
  readonly of?: PlaceKind;
  readonly everywhere?: true;
  readonly session?: true;
  readonly fresh?: true;
  readonly unfinished?: true;
};

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
}

/** Spread into the options of a route. */
export function access(
  to: 'everybody' | 'gateway' | 'signed-in' | Action,
  more: Omit<Asked, 'to'> = {},
): { config: { access: Access } } {
  // The compiler takes a union apart up to 25 actions; there are more.
  return { config: { access: { to, ...more } as Access } };
}

/** Who calls: proven by a session or a token. `grants`: what it may now. */
export type Caller = {
  readonly operator: string;
  readonly identity: 'account' | 'token';
  readonly grants: readonly Grant[];
  readonly session?: SessionRecord;
  readonly tokenId?: string;
};

const callers = new WeakMap<FastifyRequest, Caller>();

/** Throws where the route is open to everybody: then nobody in particular calls. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new Error('nobody was asked who calls: the route is declared open to everybody');
  return caller;
}

/** As deeds are recorded. */
export function actingOf(request: FastifyRequest): Acting {
  const { operator, identity } = callerOf(request);
  return { operator, identity };
}

export type DeclaredRoute = { readonly method: string; readonly url: string; readonly access: Access };
const declaredRoutes = new WeakMap<FastifyInstance, readonly DeclaredRoute[]>();

/** All that this server answers at. */
export function routesOf(app: FastifyInstance): readonly DeclaredRoute[] {
  return declaredRoutes.get(app) ?? [];
}

/**
 * Every route says who may call it, or the server does not start; every request is asked before its body is read. `onKnown` hears of
 * connections whose callers have proven who they are.
 */
export function guardAccess(
  app: FastifyInstance,
  parts: ApiParts,
  onKnown: (socket: Socket) => void = () => undefined,
): void {
  const routes: DeclaredRoute[] = [];
  const refused = new RefusedDeeds();
  declaredRoutes.set(app, routes);
  app.addHook('onRoute', ({ method, url, config }) => {
    const methods = [method].flat();
    if (config?.access === undefined) throw new Error(`${methods.join()} ${url} does not declare who may call it`);
    for (const each of methods) routes.push({ method: each, url, access: config.access });
  });
  app.addHook('onRequest', async (request, reply) => {
    const declared = request.routeOptions.config.access;
    if (declared === undefined || declared.to === 'gateway') return;
    if (declared.to === 'everybody') {
      if (isForeign(request)) await refuse(reply, foreignPage);
      return;
    }
    reply.header('cache-control', 'no-store');
    const caller = await proven(request, reply, parts, refused);
    if (caller === undefined) return;
    onKnown(request.raw.socket);
    const refusal = refusalOf(declared, caller, request, parts);
    if (refusal !== undefined) {
      if (refusal.reason === 'not-permitted') refused.note(parts, caller, request, refusal.say);
      await refuse(reply, refusal);
      return;
    }
    callers.set(request, caller);
  });
}

async function proven(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: ApiParts,
  refused: RefusedDeeds,
): Promise<Caller | undefined> {
  const { people } = parts;
  const bearer = /^Bearer ([\w-]{10,200})$/i.exec(request.headers.authorization ?? '')?.[1];
  if (request.headers.authorization !== undefined) {
    const token = bearer === undefined ? undefined : people.tokens.find(bearer);
    if (token === undefined) {
      await refuse(reply, { reason: 'unauthenticated', say: 'This bearer token is unknown, revoked or expired.' });
      return undefined;
    }
    const { record, grants } = token;
    return { operator: record.account, identity: 'token', grants, tokenId: record.id };
  }
  const secret = sessionCookieOf(request);
  const session = secret === undefined ? undefined : people.sessions.find(secret, isByHand(request));
  if (secret === undefined || session === undefined) {
    await refuse(reply, { reason: 'unauthenticated', say: 'Sign in first: there is no session, or it has ended.' });
    return undefined;
  }
  if (isForeign(request) || !hasCsrfToken(request, secret)) {
    refused.note(parts, { operator: session.account, identity: 'account' }, request, foreignPage.say);
    await refuse(reply, foreignPage);
    return undefined;
  }
  return { operator: session.account, identity: 'account', grants: people.grantsOf(session.account), session };
}

type Refusal = Parameters<typeof refuse>[1];

function refusalOf(
  { to, of, everywhere, session, fresh, unfinished }: Asked,
  { grants, operator, session: own }: Caller,
  request: FastifyRequest,
  parts: ApiParts,
): Refusal | undefined {
  const { people } = parts;
  const account = people.directory.account(operator);
  if (account === undefined || account.disabled !== undefined)
    return { reason: 'unauthenticated', say: 'The account is disabled.' };
  if (own === undefined && session === true)
    return { reason: 'not-permitted', say: 'This is for people who sign in, not for programs with a token.' };
  const step = own === undefined ? 'open' : people.stepOf(account);
  if (step !== 'open' && unfinished !== true)
    return {
      reason: 'sign-in-unfinished',
      say: step === 'new-password' ? 'Choose a password of your own first.' : 'Set up a second factor first.',
    };
  if (fresh === true && own !== undefined && !people.sessions.isFresh(own))
    return { reason: 'sign-in-again', say: 'Sign in again to change this: the sign-in was a while ago.' };
  if (to === 'signed-in') return undefined;
  const somewhere = everywhere === true ? mayEverywhere(grants, to) : mayAnywhere(grants, to);
  if (!somewhere.ok) return somewhere;
  if (of === undefined) return undefined;
  const { id } = request.params as { id: string };
  const { area, missing } = placeOf(parts, of, id);
  // Who does not see it is told the same as of what is not there.
  if (!sees(grants, area)) return missing;
  const there = mayIn(grants, to, area);
  return there.ok ? undefined : there;
}

/** What the console asks by itself keeps no session alive. */
function isByHand({ routeOptions, headers }: FastifyRequest): boolean {
  return !['/api/stream', '/api/health'].includes(routeOptions.url ?? '') && headers['x-by-itself'] === undefined;
}

/** A browser tells of each request that changes something from which page it came; programs tell nothing. */
function isForeign({ method, headers }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const { origin } = headers;
  if (origin === undefined) return false;
  try {
    return new URL(origin).host !== headers.host;
  } catch {
    return true; // `null`: a sandbox, or a page that hides where it is from
  }
}

function hasCsrfToken({ method, headers }: FastifyRequest, secret: string): boolean {
  if (method === 'GET' || method === 'HEAD') return true;
  const given = headers['x-csrf-token'];
  return typeof given === 'string' && sameHash(given, csrfTokenOf(secret));
}

const foreignPage = {
  reason: 'foreign-page',
  say: 'This request does not come from the console: its page, or the header X-Csrf-Token, is not right.',
} as const;
