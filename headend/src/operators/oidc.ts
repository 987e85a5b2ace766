import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { Configuration } from 'openid-client';
import type { AccountRecord, Grant, Role } from '../store/people-store.ts';
import { accountName } from './directory.ts';
import type { Directory } from './directory.ts';

export type OidcSettings = {
  readonly title: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly scopes: string;
  /** The claims that hold the groups, and the name of the account. */
  readonly groupsClaim: string;
  readonly nameClaim: string;
  readonly roles: readonly { readonly group: string; readonly role: Role; readonly areas: Grant['areas'] }[];
};
export type OidcRefusal = 'oidc-failed' | 'oidc-no-role' | 'oidc-name-taken' | 'oidc-disabled' | 'oidc-too-late';
export type OidcProven =
  | { ok: true; value: AccountRecord }
  /** `say`: for the log, never for the browser. */
  | { ok: false; reason: OidcRefusal; say: string };

const flowMs = 10 * 60_000;
const maxFlows = 2_000;
type Flow = { verifier: string; nonce: string; redirectUri: string; expiresAtMs: number };

/**
 * Sign-in by the utility's identity provider: OpenID Connect, authorization code with PKCE, state and nonce. Groups give roles by the
 * settings' table, anew at each sign-in; second factors are the provider's.
 */
export class Oidc {
  readonly settings: OidcSettings;
  readonly #directory: Directory;
  readonly #now: () => number;
  readonly #flows = new Map<string, Flow>();
  #provider: Promise<Configuration> | undefined;

  constructor(settings: OidcSettings, directory: Directory, now: () => number) {
    this.settings = settings;
    this.#directory = directory;
    this.#now = now;
  }

  /** Where the browser is sent. `state` is kept in a cookie of that browser, so that nobody can sign it in as somebody else. */
  async begin(redirectUri: string): Promise<{ state: string; url: URL }> {
    const provider = await this.#discovered();
    const [state, nonce, verifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()];
    this.#keep(state, { verifier, nonce, redirectUri, expiresAtMs: this.#now() + flowMs });
    const url = buildAuthorizationUrl(provider, {
      redirect_uri: redirectUri,
      scope: this.settings.scopes,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    return { state, url };
  }

  /** `query`: of the callback; `state`: of the browser's cookie. */
  async finish(query: string, state: string | undefined): Promise<OidcProven> {
    const flow = state === undefined ? undefined : this.#flows.get(state);
    if (state === undefined || flow === undefined || this.#now() >= flow.expiresAtMs)
      return { ok: false, reason: 'oidc-too-late', say: 'no such flow in this browser' };
    this.#flows.delete(state);
    try {
      const claims = await this.#claims(new URL(`${flow.redirectUri}?${query}`), state, flow);
      return this.#account(claims);
    } catch (error) {
      return { ok: false, reason: 'oidc-failed', say: error instanceof Error ? error.message : String(error) };
    }
  }

  async #claims(callback: URL, state: string, { verifier, nonce }: Flow): Promise<Record<string, unknown>> {
    const provider = await this.#discovered();
    const tokens = await authorizationCodeGrant(provider, callback, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    const claims: Record<string, unknown> = { ...tokens.claims() };
    const { groupsClaim, nameClaim } = this.settings;
    const complete = claims[groupsClaim] !== undefined && claims[nameClaim] !== undefined;
    if (complete || provider.serverMetadata().userinfo_endpoint === undefined) return claims;
    const more = await fetchUserInfo(provider, tokens.access_token, String(claims['sub']));
    return { ...more, ...claims };
  }

  #account(claims: Record<string, unknown>): OidcProven {
    const { issuer, groupsClaim, nameClaim, roles } = this.settings;
    const subject = String(claims['sub']);
    const given = claims[nameClaim];
    const name = accountName(typeof given === 'string' ? given : '');
    if (name === undefined)
      return { ok: false, reason: 'oidc-failed', say: `claim ${nameClaim} of ${subject} is no name of an account` };
    const groups = new Set(Array.isArray(claims[groupsClaim]) ? claims[groupsClaim].map(String) : []);
    const grants = roles.filter(({ group }) => groups.has(group)).map(({ role, areas }): Grant => ({ role, areas }));
    if (grants.length === 0)
      return { ok: false, reason: 'oidc-no-role', say: `no group of ${name} gives a role: ${[...groups].join(', ')}` };
    const before = this.#directory.account(name);
    if (before !== undefined && (before.oidc?.issuer !== issuer || before.oidc.subject !== subject))
      return { ok: false, reason: 'oidc-name-taken', say: `${name} is the account of somebody else` };
    if (before?.disabled !== undefined) return { ok: false, reason: 'oidc-disabled', say: `${name} is disabled here` };
    const full = claims['name'];
    const title = typeof full === 'string' && full.trim() !== '' ? full.trim().slice(0, 120) : name;
    const fresh = { createdAtMs: this.#now(), createdBy: issuer };
    return { ok: true, value: { ...fresh, ...before, name, title, grants, oidc: { issuer, subject } } };
  }

  /** Asked for at the first sign-in, so that the head-end starts while the provider is away; a failure is asked again. */
  #discovered(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(new URL(issuer).hostname);
    this.#provider ??= discovery(
      new URL(issuer),
      clientId,
      clientSecret,
      clientSecret === undefined ? None() : undefined,
      {
        // In clear on this machine alone.
        // oxlint-disable-next-line typescript/no-deprecated
        execute: loopback ? [allowInsecureRequests] : [],
        timeout: 10,
      },
    ).catch((error: unknown) => {
      this.#provider = undefined;
      throw error;
    });
    return this.#provider;
  }

  #keep(state: string, flow: Flow): void {
    const nowMs = this.#now();
    for (const [key, { expiresAtMs }] of this.#flows) {
      if (nowMs < expiresAtMs && this.#flows.size < maxFlows) break;
      this.#flows.delete(key);
    }
    this.#flows.set(state, flow);
  }
}
