import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret, TOTP } from 'otpauth';
import type { ErrorBody } from '../contract.ts';
import type { Grant, OperatorCreated, RecoveryCodes, Role, SessionView, TotpOffer } from '../operator-contract.ts';

/** Asks the API at a path, as somebody. */
export type Asking = (path: string, init?: RequestInit) => Promise<Response>;
type FirstSignIn = { readonly name: string; readonly password: string };

/** Somebody who signed in by the routes, as a person does, with everything that a first sign-in demands. */
export class SignedIn {
  readonly url: string;
  readonly name: string;
  readonly password: string;
  /** Codes of an authenticator are good once: a second sign-in takes one of these. */
  readonly recoveryCodes: string[];
  readonly #secret: string;
  readonly #csrfToken: string;

  private constructor(
    url: string,
    { name, password }: FirstSignIn,
    { secret, view }: Session,
    codes: readonly string[],
  ) {
    this.url = url;
    this.name = name;
    this.password = password;
    this.recoveryCodes = [...codes];
    this.#secret = secret;
    this.#csrfToken = view.csrfToken;
  }

  /** The first sign-in of an account: a password of its own, and an authenticator where its roles need one. */
  static async first(url: string, { name, password }: FirstSignIn): Promise<SignedIn> {
    const first = await sessionOf(url, 'POST', '/api/session', { name, password });
    const next = `${randomBytes(9).toString('base64url')} of one's own`;
    const own = await sessionOf(url, 'PUT', '/api/account/password', { current: password, next }, first);
    if (own.view.step === 'open') return new SignedIn(url, { name, password: next }, own, []);
    const offer = await answered<TotpOffer>(url, 'POST', '/api/account/totp', {}, own);
    const { codes } = await answered<RecoveryCodes>(url, 'PUT', '/api/account/totp', { code: codeOf(offer) }, own);
    return new SignedIn(url, { name, password: next }, own, codes);
  }

  /** The administrator of a head-end that was started for the first time; `dataFolder` is its own. */
  static async administrator(url: string, dataFolder: string): Promise<SignedIn> {
    const told = JSON.parse(readFileSync(join(dataFolder, 'first-sign-in.json'), 'utf8')) as FirstSignIn[];
    const admin = told.find(({ name }) => name === 'admin');
    if (admin === undefined) throw new Error('somebody signed in as admin before');
    return await SignedIn.first(url, admin);
  }

  /** Another session of the same account. */
  async again(): Promise<SignedIn> {
    const code = this.recoveryCodes.shift();
    const { name, password } = this;
    const asked = { name, password, ...(code === undefined ? {} : { code }) };
    return new SignedIn(this.url, this, await sessionOf(this.url, 'POST', '/api/session', asked), this.recoveryCodes);
  }

  /** The same session where the head-end is now: a restart ends none. */
  at(url: string): SignedIn {
    if (url === this.url) return this;
    const view = { csrfToken: this.#csrfToken } as SessionView;
    return new SignedIn(url, this, { secret: this.#secret, view }, this.recoveryCodes);
  }

  /** An administrator makes an account, and its owner signs in for the first time. */
  async invite(name: string, ...granted: readonly (Role | Grant)[]): Promise<SignedIn> {
    const grants = granted.map((each): Grant => (typeof each === 'string' ? { role: each, areas: 'all' } : each));
    const made = await this.call<OperatorCreated>('POST', '/api/operators', { name, grants });
    const password = made.oneTime?.password ?? '';
    return await SignedIn.first(this.url, { name, password });
  }

  /** What a browser sends by itself, and what the console adds. */
  headers(method = 'GET'): Record<string, string> {
    return {
      cookie: cookieOf(this.url, this.#secret),
      ...(method === 'GET' ? {} : { 'x-csrf-token': this.#csrfToken }),
    };
  }

  readonly ask: Asking = async (path, init = {}) => {
    const own = this.headers(init.method);
    return await fetch(this.url + path, { ...init, headers: { ...own, ...(init.headers as Record<string, string>) } });
  };

  /** Throws with what the head-end says where it refuses. */
  async call<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await this.ask(path, {
      method,
      headers: { ...json, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return await read<T>(response, `${method} ${path}`);
  }
}

type Session = { secret: string; view: SessionView };

/** The name of the cookie has the port in it. */
function cookieOf(url: string, secret: string): string {
  const { port, protocol } = new URL(url);
  return `__Host-tiepoint-session-${port === '' ? (protocol === 'https:' ? 443 : 80) : port}=${secret}`;
}

async function sessionOf(url: string, method: string, path: string, body: object, as?: Session): Promise<Session> {
  const response = await sent(url, method, path, body, as);
  const view = await read<SessionView>(response, `${method} ${path}`);
  const secret = /=([^;]+)/.exec(response.headers.getSetCookie()[0] ?? '')?.[1] ?? '';
  return { secret, view };
}

async function answered<T>(url: string, method: string, path: string, body: object, as: Session): Promise<T> {
  return await read<T>(await sent(url, method, path, body, as), `${method} ${path}`);
}

async function sent(url: string, method: string, path: string, body: object, as?: Session): Promise<Response> {
  const own = as === undefined ? {} : { cookie: cookieOf(url, as.secret), 'x-csrf-token': as.view.csrfToken };
  const headers = { 'content-type': 'application/json', ...own };
  return await fetch(url + path, { method, headers, body: JSON.stringify(body) });
}

async function read<T>(response: Response, what: string): Promise<T> {
  const text = await response.text();
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  if (response.ok) return body as T;
  const { reason, say } = (body as ErrorBody).error;
  throw new Error(`${what}: ${response.status} ${reason}: ${say}`);
}

/** As the authenticator application shows it now. */
export function codeOf({ secret }: { secret: string }, timestamp: number = Date.now()): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });
}

/** Every role but the administrator's, everywhere. */
export const everydayRoles = [
  'dispatcher',
  'switching-operator',
  'dr-operator',
  'field-technician',
  'engineer',
] as const;

/** Operators by name, who sign in when they are needed first. */
export class Crew {
  readonly #url: () => string;
  readonly #dataFolder: string;
  readonly #members = new Map<string, Promise<SignedIn>>();

  constructor(url: () => string, dataFolder: string) {
    this.#url = url;
    this.#dataFolder = dataFolder;
  }

  async administrator(): Promise<SignedIn> {
    return await this.#member('admin', () => SignedIn.administrator(this.#url(), this.#dataFolder));
  }

  /** One who may do everything but administer. */
  async as(name: string): Promise<SignedIn> {
    if (name === 'admin') return await this.administrator();
    return await this.#member(name, async () => await (await this.administrator()).invite(name, ...everydayRoles));
  }

  /** After a session that has ended. */
  async anew(name: string): Promise<void> {
    const before = await this.#members.get(name);
    if (before !== undefined) this.#members.set(name, before.at(this.#url()).again());
  }

  async #member(name: string, signIn: () => Promise<SignedIn>): Promise<SignedIn> {
    const known = this.#members.get(name) ?? signIn();
    this.#members.set(name, known);
    try {
      return (await known).at(this.#url());
    } catch (error) {
      // The head-end may not listen yet: then it is tried anew.
      this.#members.delete(name);
      throw error;
    }
  }
}
