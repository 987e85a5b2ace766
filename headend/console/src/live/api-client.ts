import type {
  ApiReason,
  AuditResponse,
  CommandDetail,
  CommandsResponse,
  CommandView,
  ConfigurationRequest,
  DeviceDetail,
  ErrorBody,
  EventsResponse,
  GatewayRow,
  HealthResponse,
  HistoryPoint,
  HistoryResponse,
  SelectionRequest,
  SelectionView,
  TagView,
} from '../../../src/api/contract.ts';
import type {
  PasswordChange,
  RecoveryCodes,
  SessionView,
  SignInRequest,
  TotpOffer,
} from '../../../src/api/operator-contract.ts';
import type {
  ImportDone,
  ImportPreview,
  SiteDetail,
  SiteRow,
  SitesResponse,
  TokenIssued,
} from '../../../src/api/site-contract.ts';

/** `unreachable`: no answer came, so that nobody knows whether the head-end acted. `unreadable`: an answer that is not the API's. */
export type Refusal = { ok: false; reason: ApiReason | 'unreachable' | 'unreadable'; say: string };
export type Answer<T> = { ok: true; value: T } | Refusal;

const answerWithinMs = 15_000;

type Ask = {
  method?: string;
  body?: unknown;
  file?: Blob;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
};

/** `csrfToken`: of the session; `onEnded`: the head-end knows of no session any more. */
export type ClientSession = { csrfToken: () => string | undefined; onEnded: () => void };

/** The head-end's HTTP API, as whoever signed in; the browser sends the session's cookie. */
export class ApiClient {
  readonly #session: ClientSession;
  /** Of a sign-in that is not finished: its own steps need it before the console has the session. */
  #csrfToken: string | undefined;
  readonly #fetch: typeof fetch;

  constructor(session: ClientSession, fetcher: typeof fetch) {
    this.#session = session;
    this.#fetch = fetcher;
  }

  /** Undefined: nobody has signed in. */
  session = (): Promise<Answer<SessionView | undefined>> => this.#taken(this.#ask('session', {}));
  signIn = (body: SignInRequest): Promise<Answer<SessionView>> =>
    this.#taken(this.#ask('session', { method: 'POST', body: body.code === '' ? { ...body, code: undefined } : body }));
  signOut = (): Promise<Answer<undefined>> => this.#ask('session', { method: 'DELETE' });
  changePassword = (body: PasswordChange): Promise<Answer<SessionView>> =>
    this.#taken(this.#ask('account/password', { method: 'PUT', body }));
  offerTotp = (): Promise<Answer<TotpOffer>> => this.#ask('account/totp', { method: 'POST', body: {} });
  confirmTotp = (code: string): Promise<Answer<RecoveryCodes>> =>
    this.#ask('account/totp', { method: 'PUT', body: { code } });

  device = (id: string, signal?: AbortSignal): Promise<Answer<DeviceDetail>> =>
    this.#ask(`devices/${enc(id)}`, { signal });
  history = (
    id: string,
    { fromMs, toMs, points }: { fromMs: number; toMs: number; points: readonly HistoryPoint[] },
    signal?: AbortSignal,
  ): Promise<Answer<HistoryResponse>> =>
    this.#ask(
      `devices/${enc(id)}/history?${query({ fromMs: Math.round(fromMs), toMs: Math.round(toMs), points: points.join(',') })}`,
      { signal },
    );
  deviceEvents = (
    id: string,
    page: { beforeSeq?: number | undefined; limit?: number },
    signal?: AbortSignal,
  ): Promise<Answer<EventsResponse>> => this.#ask(`devices/${enc(id)}/events?${query(page)}`, { signal });
  events = (
    page: { beforeSeq?: number | undefined; limit?: number },
    signal?: AbortSignal,
  ): Promise<Answer<EventsResponse>> => this.#ask(`events?${query(page)}`, { signal });
  audit = (
    page: {
      beforeSeq?: number | undefined;
      limit?: number;
      subject?: string | undefined;
      operator?: string | undefined;
    },
    signal?: AbortSignal,
  ): Promise<Answer<AuditResponse>> => this.#ask(`audit?${query(page)}`, { signal });
  health = (signal?: AbortSignal): Promise<Answer<HealthResponse>> => this.#ask('health', { signal });
  commands = (
    page: { deviceId?: string; state?: 'active' | 'final'; beforeMs?: number | undefined; limit?: number },
    signal?: AbortSignal,
  ): Promise<Answer<CommandsResponse>> => this.#ask(`commands?${query(page)}`, { signal });
  command = (id: string, signal?: AbortSignal): Promise<Answer<CommandDetail>> =>
    this.#ask(`commands/${enc(id)}`, { signal });

  select = (id: string, body: SelectionRequest): Promise<Answer<SelectionView>> =>
    this.#ask(`devices/${enc(id)}/selections`, { method: 'POST', body });
  cancelSelection = (id: string): Promise<Answer<undefined>> =>
    this.#ask(`selections/${enc(id)}`, { method: 'DELETE' });
  /** With the same `key` it is the same command, however often it is sent. */
  operate = (selectionId: string, cause: string, key: string): Promise<Answer<CommandView>> =>
    this.#ask('commands', { method: 'POST', body: { selectionId, cause }, headers: { 'idempotency-key': key } });
  setTag = (id: string, cause: string): Promise<Answer<TagView>> =>
    this.#ask(`devices/${enc(id)}/tag`, { method: 'PUT', body: { cause } });
  liftTag = (id: string, cause: string): Promise<Answer<undefined>> =>
    this.#ask(`devices/${enc(id)}/tag`, { method: 'DELETE', body: { cause } });
  configure = (gatewayId: string, body: ConfigurationRequest): Promise<Answer<GatewayRow>> =>
    this.#ask(`gateways/${enc(gatewayId)}/configuration`, { method: 'PUT', body });

  sites = (search: string, signal?: AbortSignal): Promise<Answer<SitesResponse>> =>
    this.#ask(`sites?${query({ search })}`, { signal });
  site = (id: string, signal?: AbortSignal): Promise<Answer<SiteDetail>> => this.#ask(`sites/${enc(id)}`, { signal });
  putSite = (
    id: string,
    { title, area, critical, address, latitude, longitude, feeder, transformer }: Readonly<Record<string, unknown>>,
  ): Promise<Answer<SiteRow>> =>
    this.#ask(`sites/${enc(id)}`, {
      method: 'PUT',
      body: { title, area, critical, address, latitude, longitude, feeder, transformer },
    });
  retireSite = (id: string, cause: string): Promise<Answer<SiteRow>> =>
    this.#ask(`sites/${enc(id)}/retirement`, { method: 'PUT', body: { cause } });
  reinstateSite = (id: string): Promise<Answer<SiteRow>> =>
    this.#ask(`sites/${enc(id)}/retirement`, { method: 'DELETE' });
  putOrder = (id: string, body: Readonly<Record<string, unknown>>): Promise<Answer<undefined>> =>
    this.#ask(`orders/${enc(id)}`, { method: 'PUT', body });
  putContract = (id: string, body: Readonly<Record<string, unknown>>): Promise<Answer<undefined>> =>
    this.#ask(`contracts/${enc(id)}`, { method: 'PUT', body });
  issueToken = (gatewayId: string): Promise<Answer<TokenIssued>> =>
    this.#ask(`gateways/${enc(gatewayId)}/enrolment-tokens`, { method: 'POST', body: {} });
  revokeToken = (id: string): Promise<Answer<undefined>> =>
    this.#ask(`enrolment-tokens/${enc(id)}`, { method: 'DELETE' });
  previewImport = (file: Blob): Promise<Answer<ImportPreview>> =>
    this.#ask('imports/preview', { method: 'POST', file });
  /** `digest`: of the preview, so that what is done is what was shown. */
  importFile = (file: Blob, digest: string): Promise<Answer<ImportDone>> =>
    this.#ask(`imports?${query({ expect: digest })}`, { method: 'POST', file });

  async #taken<T extends SessionView | undefined>(asked: Promise<Answer<T>>): Promise<Answer<T>> {
    const answer = await asked;
    if (answer.ok && answer.value !== undefined) this.#csrfToken = answer.value.csrfToken;
    return answer;
  }

  async #ask<T>(path: string, { method = 'GET', body, file, headers = {}, signal }: Ask): Promise<Answer<T>> {
    const csrfToken = this.#session.csrfToken() ?? this.#csrfToken;
    const limit = AbortSignal.timeout(answerWithinMs);
    const fetcher = this.#fetch;
    try {
      const response = await fetcher(`/api/${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(file === undefined ? {} : { 'content-type': 'text/csv' }),
          ...(csrfToken === undefined || method === 'GET' ? {} : { 'x-csrf-token': csrfToken }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(file === undefined ? {} : { body: file }),
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      });
      const answer = await read<T>(response);
      if (!answer.ok && answer.reason === 'unauthenticated') this.#session.onEnded();
      return answer;
    } catch {
      const say = 'The head-end does not answer.';
      return {
        ok: false,
        reason: 'unreachable',
        say: method === 'GET' ? say : `${say} It may or may not have received this.`,
      };
    }
  }
}

async function read<T>(response: Response): Promise<Answer<T>> {
  const text = await response.text();
  const body = text === '' ? undefined : parse(text);
  if (response.ok && (text === '' || body !== undefined)) return { ok: true, value: body as T };
  const error = (body as Partial<ErrorBody> | undefined)?.error;
  if (error === undefined)
    return {
      ok: false,
      reason: 'unreadable',
      say: `The head-end answered with status ${response.status} and nothing readable.`,
    };
  return {
    ok: false,
    reason: error.reason,
    say: error.path === undefined ? error.say : `${error.say} (${error.path})`,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const enc = encodeURIComponent;

function query(fields: Record<string, string | number | undefined>): string {
  return new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  ).toString();
}
