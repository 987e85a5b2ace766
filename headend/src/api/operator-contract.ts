/**
 * What the HTTP API speaks about people, as types alone; a part of `contract.ts`.
 *
 * Whoever acts has proven who they are: a browser by its session, a program by a bearer token. A session is a cookie that scripts cannot
 * read; every POST, PUT and DELETE of a session carries `csrfToken` in the header `X-Csrf-Token`, and `Origin` is this server's own. A
 * Requests that the console makes by itself say `X-By-Itself: yes`: they keep no session alive, nor do the live stream and `/api/health`. A
 * program sends `Authorization: Bearer TOKEN` and no cookie. Without either: 401 `unauthenticated`. Without the right: 403 `not-permitted`.
 *
 *     GET    /api/sign-in                           SignInOptions                 (open to everybody, as are the next six routes)
 *     POST   /api/session                           SessionView   201             SignInRequest; 401 `unauthenticated` or `code-needed`, 429
 *     POST   /api/session/passkey/options           PasskeyChallenge
 *     POST   /api/session/passkey                   SessionView   201             PasskeySignIn
 *     GET    /api/session/oidc                      302 to the identity provider
 *     GET    /api/session/oidc/callback             302 to `/`, or to `/#/sign-in/<reason>` with an OidcRefusal
 *     GET    /api/session                           SessionView                   204: there is none
 *     DELETE /api/session                           204
 *     GET    /api/account                           AccountView
 *     PUT    /api/account/password                  SessionView                   PasswordChange
 *     POST   /api/account/totp                      TotpOffer                     { }: a secret, not in force before it is confirmed
 *     PUT    /api/account/totp                      RecoveryCodes                 { code }
 *     DELETE /api/account/totp                      204
 *     POST   /api/account/recovery-codes            RecoveryCodes                 { }: those before are void
 *     POST   /api/account/passkeys/options          PasskeyCreation
 *     POST   /api/account/passkeys                  PasskeyView   201             PasskeyRegistration
 *     DELETE /api/account/passkeys/:id              204
 *     DELETE /api/account/sessions/:id              204
 *     GET    /api/tokens                            TokensResponse                one's own; of everybody for an administrator
 *     POST   /api/tokens                            BearerTokenIssued 201         BearerTokenRequest
 *     DELETE /api/tokens/:id                        204
 *     GET    /api/roles                             RolesResponse
 *     GET    /api/operators                         OperatorsResponse
 *     POST   /api/operators                         OperatorCreated   201         OperatorRequest
 *     PUT    /api/operators/:id                     OperatorView                  OperatorChange          (`id` is OperatorView.name)
 *     POST   /api/operators/:id/reset               OneTimePassword               { }: password and second factors are void, sessions end
 *     DELETE /api/operators/:id/sessions            204
 *
 * Second factors, tokens, accounts and their roles want a session that signed in within `freshMs`: else 403 `sign-in-again`.
 */

import type { Action } from '../operators/permissions.ts';

export type { Action };
export type Role =
  | 'viewer'
  | 'dispatcher'
  | 'switching-operator'
  | 'dr-operator'
  | 'field-technician'
  | 'engineer'
  | 'administrator';
/** A role, everywhere or at the sites of these areas alone. */
export type Grant = { role: Role; areas: 'all' | readonly string[] };

export type SignInOptions = {
  passkeys: boolean;
  /** Sign-in by the utility's identity provider, and what to call it. */
  oidc?: { title: string };
};

/** `code`: of the authenticator application, or a recovery code; asked for with 401 `code-needed` where the account has one. */
export type SignInRequest = { name: string; password: string; code?: string };

/** Where an action may be done. `areas` is empty where it may be done nowhere: `say` tells why. `words`: after "may". */
export type Right = { areas: 'all' | readonly string[]; words: string; say?: string };

/**
 * `may`: what the grants allow, for buttons that are about no command; commands are offered by each device.
 * `step`: what is still to be done before anything but the account can be reached: `new-password` after a one-time password,
 * `second-factor` where the roles need one and there is none yet.
 */
export type SessionView = {
  name: string;
  title: string;
  grants: readonly Grant[];
  may: Readonly<Record<Action, Right>>;
  step: 'open' | 'new-password' | 'second-factor';
  by: 'password' | 'passkey' | 'oidc';
  csrfToken: string;
  startedAtMs: number;
  /** At the latest. */
  endsAtMs: number;
  /** It ends after so long without a request; the live stream is none. */
  idleMs: number;
  /** For so long after the sign-in, second factors, tokens, accounts and their roles may be changed. */
  freshMs: number;
};

export type PasswordChange = { current: string; next: string };
/** `uri`: for a QR code; `secret`: to be typed. */
export type TotpOffer = { secret: string; uri: string };
/** Told this once; each is good for one sign-in. */
export type RecoveryCodes = { codes: readonly string[] };

/** `options` as `PublicKeyCredentialRequestOptionsJSON` of WebAuthn. */
export type PasskeyChallenge = { challengeId: string; options: Record<string, unknown> };
/** `response` as `PublicKeyCredential.toJSON()` gives it. */
export type PasskeySignIn = { challengeId: string; response: Record<string, unknown> };
export type PasskeyCreation = { challengeId: string; options: Record<string, unknown> };
export type PasskeyRegistration = { challengeId: string; title: string; response: Record<string, unknown> };
export type PasskeyView = { id: string; title: string; addedAtMs: number; lastUsedAtMs?: number };

export type OidcRefusal = 'oidc-failed' | 'oidc-no-role' | 'oidc-name-taken' | 'oidc-disabled' | 'oidc-too-late';

export type AccountView = {
  name: string;
  title: string;
  grants: readonly Grant[];
  /** Kept here, or at the utility's identity provider. */
  source: 'local' | 'oidc';
  hasPassword: boolean;
  totp: boolean;
  recoveryCodesLeft: number;
  passkeys: readonly PasskeyView[];
  /** Whether the roles need a second factor. */
  secondFactorNeeded: boolean;
  sessions: readonly OpenSession[];
};
export type OpenSession = {
  id: string;
  startedAtMs: number;
  lastUsedAtMs: number;
  address: string;
  by: SessionView['by'];
  /** The one that asks. */
  own: boolean;
};

/** `grants`: at most what its account has; it never has more than the account has at the time of use. */
export type BearerTokenRequest = { title: string; grants: readonly Grant[]; validDays: number; account?: string };
export type BearerTokenView = {
  id: string;
  account: string;
  title: string;
  grants: readonly Grant[];
  createdAtMs: number;
  expiresAtMs: number;
  lastUsedAtMs?: number;
};
/** `token` is told this once. */
export type BearerTokenIssued = BearerTokenView & { token: string };
export type TokensResponse = { tokens: readonly BearerTokenView[] };

/** `may`: in words, for the administration page. */
export type RolesResponse = {
  roles: readonly { role: Role; title: string; may: readonly string[]; secondFactor: boolean }[];
  /** Areas that sites have. */
  areas: readonly string[];
};

export type OperatorView = {
  name: string;
  title: string;
  grants: readonly Grant[];
  source: 'local' | 'oidc';
  /** `invited`: has a one-time password that nobody used yet. `program`: no password; bearer tokens alone. */
  state: 'active' | 'invited' | 'disabled' | 'program';
  secondFactor: 'none' | 'totp' | 'passkey' | 'totp and passkey';
  createdAtMs: number;
  createdBy: string;
  lastSignInAtMs?: number;
  sessions: number;
};
export type OperatorsResponse = { operators: readonly OperatorView[] };
/** `program`: no password is made; an administrator gives it bearer tokens. */
export type OperatorRequest = { name: string; title?: string; grants: readonly Grant[]; program?: boolean };
export type OperatorChange = { title?: string; grants?: readonly Grant[]; disabled?: boolean };
export type OneTimePassword = { password: string; expiresAtMs: number };
export type OperatorCreated = { operator: OperatorView; oneTime?: OneTimePassword };
