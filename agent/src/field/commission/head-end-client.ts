import { assignmentShape, fieldRoutes, reportAnswerShape, seenShape } from '@tiepoint/protocol/field';
import type { Assignment, CommissioningReport, ReportAnswer, Seen, Shape } from '@tiepoint/protocol/field';

/** `offline`: nobody answered, try again later. `refused`: it answered no, and trying the same again will not help. */
export type Answered<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: 'offline' | 'refused'; readonly status?: number; readonly say: string };

export type Credentials = { readonly username: string; readonly password: string };

const timeoutMs = 15_000;
const sendTimeoutMs = 60_000;
/** Enrolment brings profile files; more than this no head-end has to say. */
const maxAnswerBytes = 32_000_000;

/** The head-end's routes for the field, as one gateway asks them. Every answer is checked before it is used. */
export class HeadEndClient {
  readonly #baseUrl: string;
  readonly #credentials: Credentials;

  constructor(baseUrl: string, credentials: Credentials) {
    this.#baseUrl = baseUrl;
    this.#credentials = credentials;
  }

  get url(): string {
    return this.#baseUrl;
  }

  async assignment(): Promise<Answered<Assignment>> {
    return await ask(this.#baseUrl, fieldRoutes.assignment, assignmentShape, { credentials: this.#credentials });
  }

  async seen(deviceId: string, sinceMs: number): Promise<Answered<Seen>> {
    return await ask(this.#baseUrl, fieldRoutes.seen(deviceId, sinceMs), seenShape, { credentials: this.#credentials });
  }

  async send(report: CommissioningReport, html: string): Promise<Answered<ReportAnswer>> {
    return await ask(this.#baseUrl, fieldRoutes.reports, reportAnswerShape, {
      credentials: this.#credentials,
      body: { report, html },
    });
  }
}

/** One question. `body` makes it a POST. Never throws. */
export async function ask<T>(
  baseUrl: string,
  route: string,
  shape: Shape<T>,
  { credentials, body }: { credentials?: Credentials; body?: object } = {},
): Promise<Answered<T>> {
  const url = new URL(route, baseUrl).href;
  const headers: Record<string, string> = { accept: 'application/json' };
  if (credentials !== undefined) {
    const { username, password } = credentials;
    headers['authorization'] = `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
  }
  if (body !== undefined) headers['content-type'] = 'application/json';
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers,
      // Token or password go to the address that was given, and to no other.
      redirect: 'manual',
      signal: AbortSignal.timeout(body === undefined ? timeoutMs : sendTimeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await boundedText(response);
    if (text === undefined)
      return {
        ok: false,
        reason: 'refused',
        status: response.status,
        say: `${url}: its answer is longer than ${maxAnswerBytes / 1e6} MB. Is it a Tiepoint head-end?`,
      };
    answer = fromJson(text);
  } catch (error) {
    return { ok: false, reason: 'offline', say: `${url}: ${whyUnreachable(error)}` };
  }
  const elsewhere = response.headers.get('location');
  if (response.status >= 300 && response.status < 400 && elsewhere !== null)
    return {
      ok: false,
      reason: 'refused',
      status: response.status,
      say: `${url}: it sends on to ${elsewhere.slice(0, 200)}, which is not followed. Give the address itself.`,
    };
  if (!response.ok) return refusal(url, response.status, answer);
  const read = shape(answer, '');
  return read.ok
    ? { ok: true, value: read.value }
    : {
        ok: false,
        reason: 'refused',
        status: response.status,
        say: `${url}: its answer cannot be read (${read.say}). Is it a Tiepoint head-end of this version?`,
      };
}

/** `undefined` where it is too long. Throws where it breaks off. */
async function boundedText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxAnswerBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(url: string, status: number, answer: unknown): Answered<never> {
  const said = (answer as { error?: { say?: unknown } } | undefined)?.error?.say;
  const say = typeof said === 'string' ? said : `it answered with status ${status}`;
  // Busy and broken servers may do better later; a server that understood and said no will not.
  const reason = status >= 500 || status === 429 || status === 408 ? 'offline' : 'refused';
  return { ok: false, reason, status, say: `${url}: ${say}` };
}

function whyUnreachable(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return 'no answer in time. Is the address right, and the network up?';
  const cause = error instanceof Error ? (error.cause as { code?: unknown; message?: unknown } | undefined) : undefined;
  const code = typeof cause?.code === 'string' ? cause.code : '';
  switch (code) {
    case 'ECONNREFUSED':
      return 'nobody listens there. Is the head-end running, and the port right?';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name is not known. Is it spelt right, and does this machine have a name server?';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'its certificate is of an authority that this machine does not know. Set NODE_EXTRA_CA_CERTS to its file.';
    case 'CERT_HAS_EXPIRED':
      return 'its certificate has expired, or the clock of this machine is wrong.';
    default:
      return `cannot be reached (${code || String(cause?.message ?? error)})`;
  }
}
