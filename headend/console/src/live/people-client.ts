import type {
  AccountView,
  BearerTokenIssued,
  BearerTokenRequest,
  OneTimePassword,
  OperatorChange,
  OperatorCreated,
  OperatorRequest,
  OperatorsResponse,
  OperatorView,
  PasskeyChallenge,
  PasskeyCreation,
  PasskeyRegistration,
  PasskeySignIn,
  PasskeyView,
  PasswordChange,
  RecoveryCodes,
  RolesResponse,
  SessionView,
  SignInOptions,
  SignInRequest,
  TokensResponse,
  TotpOffer,
} from '../../../src/api/operator-contract.ts';
import { enc } from './asking.ts';
import type { Answer, Asking } from './asking.ts';

/** The head-end's HTTP API about people: signing in, one's own account, all accounts. */
export class PeopleClient {
  readonly #ask: Asking['ask'];

  constructor(asking: Asking) {
    this.#ask = (path, asked) => asking.ask(path, asked);
  }

  signInOptions = (signal?: AbortSignal): Promise<Answer<SignInOptions>> =>
    this.#ask('sign-in', { signal, proves: true });
  /** Undefined: nobody has signed in. */
  session = (): Promise<Answer<SessionView | undefined>> => this.#ask('session', { proves: true });
  signIn = (body: SignInRequest): Promise<Answer<SessionView>> =>
    this.#ask('session', { method: 'POST', body, proves: true });
  passkeyChallenge = (): Promise<Answer<PasskeyChallenge>> =>
    this.#ask('session/passkey/options', { method: 'POST', body: {}, proves: true });
  signInByPasskey = (body: PasskeySignIn): Promise<Answer<SessionView>> =>
    this.#ask('session/passkey', { method: 'POST', body, proves: true });
  signOut = (): Promise<Answer<undefined>> => this.#ask('session', { method: 'DELETE', proves: true });

  account = (signal?: AbortSignal): Promise<Answer<AccountView>> => this.#ask('account', { signal });
  changePassword = (body: PasswordChange): Promise<Answer<SessionView>> =>
    this.#ask('account/password', { method: 'PUT', body });
  offerTotp = (): Promise<Answer<TotpOffer>> => this.#ask('account/totp', { method: 'POST', body: {} });
  confirmTotp = (code: string): Promise<Answer<RecoveryCodes>> =>
    this.#ask('account/totp', { method: 'PUT', body: { code } });
  removeTotp = (): Promise<Answer<undefined>> => this.#ask('account/totp', { method: 'DELETE' });
  newRecoveryCodes = (): Promise<Answer<RecoveryCodes>> =>
    this.#ask('account/recovery-codes', { method: 'POST', body: {} });
  passkeyCreation = (): Promise<Answer<PasskeyCreation>> =>
    this.#ask('account/passkeys/options', { method: 'POST', body: {} });
  addPasskey = (body: PasskeyRegistration): Promise<Answer<PasskeyView>> =>
    this.#ask('account/passkeys', { method: 'POST', body });
  removePasskey = (id: string): Promise<Answer<undefined>> =>
    this.#ask(`account/passkeys/${enc(id)}`, { method: 'DELETE' });
  endSession = (id: string): Promise<Answer<undefined>> =>
    this.#ask(`account/sessions/${enc(id)}`, { method: 'DELETE' });

  tokens = (signal?: AbortSignal): Promise<Answer<TokensResponse>> => this.#ask('tokens', { signal });
  issueToken = (body: BearerTokenRequest): Promise<Answer<BearerTokenIssued>> =>
    this.#ask('tokens', { method: 'POST', body });
  revokeToken = (id: string): Promise<Answer<undefined>> => this.#ask(`tokens/${enc(id)}`, { method: 'DELETE' });

  roles = (signal?: AbortSignal): Promise<Answer<RolesResponse>> => this.#ask('roles', { signal });
  operators = (signal?: AbortSignal): Promise<Answer<OperatorsResponse>> => this.#ask('operators', { signal });
  addOperator = (body: OperatorRequest): Promise<Answer<OperatorCreated>> =>
    this.#ask('operators', { method: 'POST', body });
  changeOperator = (name: string, body: OperatorChange): Promise<Answer<OperatorView>> =>
    this.#ask(`operators/${enc(name)}`, { method: 'PUT', body });
  resetOperator = (name: string): Promise<Answer<OneTimePassword>> =>
    this.#ask(`operators/${enc(name)}/reset`, { method: 'POST', body: {} });
  endSessionsOf = (name: string): Promise<Answer<undefined>> =>
    this.#ask(`operators/${enc(name)}/sessions`, { method: 'DELETE' });
}
