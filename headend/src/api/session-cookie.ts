import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * `__Host-`: taken by the browser from this host alone, over TLS, for all paths. Cookies know no ports, so the port is in the name: two
 * head-ends of one machine do not sign each other's people out.
 */
export function sessionCookieOf(request: FastifyRequest): string | undefined {
  return cookieOf(request, nameOf(request, 'session'));
}

export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, secret: string): void {
  append(reply, `${nameOf(request, 'session')}=${secret}; Path=/; Secure; HttpOnly; SameSite=Strict`);
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  append(reply, `${nameOf(request, 'session')}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0`);
}

/** Lax, for the way back from the identity provider begins at another site. It opens nothing: it tells that this browser began. */
export function setOidcCookie(request: FastifyRequest, reply: FastifyReply, state: string): void {
  append(reply, `${nameOf(request, 'oidc')}=${state}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600`);
}

export function takeOidcCookie(request: FastifyRequest, reply: FastifyReply): string | undefined {
  const name = nameOf(request, 'oidc');
  append(reply, `${name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`);
  return cookieOf(request, name);
}

/** Of the session's secret, which scripts cannot read; a page of elsewhere can know neither. */
export function csrfTokenOf(secret: string): string {
  return createHash('sha256').update(`csrf ${secret}`).digest('base64url');
}

function nameOf(request: FastifyRequest, of: 'session' | 'oidc'): string {
  return `__Host-tiepoint-${of}-${request.socket.localPort ?? 0}`;
}

/** Undefined where it is there twice, too: then nobody knows whose it is. */
function cookieOf({ headers }: FastifyRequest, name: string): string | undefined {
  const values = (headers.cookie ?? '')
    .split(';')
    .map((each) => each.trim())
    .filter((each) => each.startsWith(`${name}=`))
    .map((each) => each.slice(name.length + 1));
  return values.length === 1 && values[0] !== '' ? values[0] : undefined;
}

function append(reply: FastifyReply, cookie: string): void {
  const before = reply.getHeader('set-cookie');
  const cookies = before === undefined ? [] : Array.isArray(before) ? before : [String(before)];
  reply.header('set-cookie', [...cookies, cookie]);
}
