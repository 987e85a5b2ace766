import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { Shape } from '@tiepoint/protocol/field';

/** `offline`: nobody answered, try again later. `refused`: it answered no, and trying the same again will not help. */
export type Answered<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: 'offline' | 'refused'; readonly status?: number; readonly say: string };

/** Whom to trust, and what to show; who enrols has nothing to show yet. */
export type QuestionTls = {
  readonly ca: string;
  readonly key?: string;
  readonly cert?: string;
  readonly minVersion: 'TLSv1.2';
  readonly rejectUnauthorized: true;
  readonly allowPartialTrustChain: true;
};

const timeoutMs = 15_000;
const sendTimeoutMs = 60_000;
/** Enrolment brings profile files; more than this no head-end has to say. */
const maxAnswerBytes = 32_000_000;

/**
 * One question to the head-end's routes for the field, and its answer, checked. `body` makes it a POST. A redirection is not followed:
 * what is asked goes to the address that was given, and to no other. Never throws.
 */
export async function ask<T>(
  baseUrl: string,
  route: string,
  shape: Shape<T>,
  { tls, body }: { tls: QuestionTls; body?: object },
): Promise<Answered<T>> {
  const url = new URL(route, baseUrl).href;
  // People were given an address; routes are between the programs.
  const at = new URL(baseUrl).origin;
  let response: IncomingMessage;
  let answer: unknown;
  try {
    response = await responded(url, tls, body === undefined ? undefined : JSON.stringify(body));
    const text = await boundedText(response);
    if (text === undefined)
      return {
        ok: false,
        reason: 'refused',
        status: response.statusCode ?? 0,
        say: `${at}: its answer is longer than ${maxAnswerBytes / 1e6} MB. Is it a Tiepoint head-end?`,
      };
    answer = fromJson(text);
  } catch (error) {
    return { ok: false, reason: 'offline', say: `${at}: ${whyUnreachable(error)}` };
  }
  const { statusCode: status = 0, headers } = response;
  if (status >= 300 && status < 400 && headers.location !== undefined)
    return {
      ok: false,
      reason: 'refused',
      status,
      say: `${at}: it sends on to ${headers.location.slice(0, 200)}, which is not followed. Give the address itself.`,
    };
  if (status < 200 || status >= 300) return refusal(at, status, answer);
  const read = shape(answer, '');
  return read.ok
    ? { ok: true, value: read.value }
    : {
        ok: false,
        reason: 'refused',
        status,
        say: `${at}: its answer cannot be read (${read.say}). Is it a Tiepoint head-end of this version?`,
      };
}

function responded(url: string, tls: QuestionTls, body: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      ...tls,
      agent: false,
      method: body === undefined ? 'GET' : 'POST',
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(body === undefined ? timeoutMs : sendTimeoutMs),
    });
    asked.once('response', resolve);
    asked.on('error', reject);
    asked.end(body);
  });
}

/** `undefined` where it is too long. Throws where it breaks off. */
async function boundedText(response: IncomingMessage): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
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

function refusal(at: string, status: number, answer: unknown): Answered<never> {
  const said = (answer as { error?: { say?: unknown } } | undefined)?.error?.say;
  const say = typeof said === 'string' ? said : `it answered with status ${status}.`;
  // Busy and broken servers may do better later; a server that understood and said no will not.
  const reason = status >= 500 || status === 429 || status === 408 ? 'offline' : 'refused';
  return { ok: false, reason, status, say: `${at}: ${say}` };
}

export function whyUnreachable(error: unknown): string {
  if (error instanceof Error && ['TimeoutError', 'AbortError'].includes(error.name))
    return 'no answer in time. Is the address right, and the network up?';
  const { code = '', message = String(error) } = error as { code?: string; message?: string };
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
    case 'UNABLE_TO_GET_ISSUER_CERT':
      return 'its certificate is of another authority than that of the head-end with which this gateway was enrolled.';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `its certificate is not made out to this name: use one that it has, or add this one to the head-end's hostNames (${message}).`;
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return 'its certificate is not valid now: it has expired, or the clock of this machine is wrong.';
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'no TLS is spoken there. Is the port right?';
    case 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED':
      return 'it wants a certificate before it says anything, as a broker does. Is the port right?';
    default:
      return `cannot be reached (${code === '' ? message : code}).`;
  }
}
