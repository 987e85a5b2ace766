import type { ApiReason, ErrorBody } from '../../../src/api/contract.ts';
import type { FileFault } from '../../../src/api/site-contract.ts';

/** `unreachable`: no answer came, so that nobody knows whether the head-end acted. `unreadable`: an answer that is not the API's. */
export type Refusal = {
  ok: false;
  reason: ApiReason | 'unreachable' | 'unreadable';
  say: string;
  path?: string;
  /** Of a file, by line. */
  faults?: readonly FileFault[];
};
export type Answer<T> = { ok: true; value: T } | Refusal;

export type Ask = {
  method?: string;
  body?: unknown;
  file?: Blob;
  /** Of the file; unless set it is CSV. */
  fileType?: string;
  /** Several files. */
  form?: FormData;
  /** Unless set, 15 s. */
  withinMs?: number;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** It proves who somebody is: that it is refused says nothing of the session that there may be. */
  proves?: true;
};

/** What a request needs of the session in which it is made, and tells it. */
export type AskingSession = {
  csrfToken: () => string | undefined;
  /** The head-end knows of no session any more. */
  ended: () => void;
  /** The sign-in was too long ago for this. True: somebody has just signed in again. */
  signInAgain: () => Promise<boolean>;
  /** Another page of this browser has signed in meanwhile. True: as the same person, so that the request may be made anew. */
  takeUp: () => Promise<boolean>;
  /** Somebody is at work here; else what is asked keeps no session alive. */
  isAtWork: () => boolean;
};

const answerWithinMs = 15_000;

/** Asks the head-end's HTTP API; the browser sends the session's cookie. */
export class Asking {
  readonly #session: AskingSession;
  readonly #fetch: typeof fetch;

  constructor(session: AskingSession, fetcher: typeof fetch) {
    this.#session = session;
    this.#fetch = fetcher;
  }

  async ask<T>(path: string, asked: Ask): Promise<Answer<T>> {
    const answer = await this.#once<T>(path, asked);
    if (answer.ok || asked.proves === true) return answer;
    // Refused before anything was done: then it may be made anew, as the same deed.
    if (answer.reason === 'sign-in-again' && (await this.#session.signInAgain())) return await this.#once(path, asked);
    if (answer.reason === 'foreign-page' && (await this.#session.takeUp())) return await this.#once(path, asked);
    // With a path it is about what was typed: a current password, say.
    if (answer.reason === 'unauthenticated' && answer.path === undefined) this.#session.ended();
    return answer;
  }

  async #once<T>(
    path: string,
    { method = 'GET', body, file, form, headers = {}, signal, ...asked }: Ask,
  ): Promise<Answer<T>> {
    const csrfToken = this.#session.csrfToken();
    const limit = AbortSignal.timeout(asked.withinMs ?? answerWithinMs);
    const fetcher = this.#fetch;
    try {
      const response = await fetcher(`/api/${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(file === undefined ? {} : { 'content-type': asked.fileType ?? 'text/csv' }),
          ...(csrfToken === undefined || method === 'GET' ? {} : { 'x-csrf-token': csrfToken }),
          ...(method === 'GET' && !this.#session.isAtWork() ? { 'x-by-itself': 'yes' } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(file === undefined ? {} : { body: file }),
        ...(form === undefined ? {} : { body: form }),
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      });
      return await read<T>(response);
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
  const { reason, say, path, faults } = error;
  return {
    ok: false,
    reason,
    say,
    ...(path === undefined ? {} : { path }),
    ...(faults === undefined ? {} : { faults }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const enc = encodeURIComponent;

export function query(fields: Record<string, string | number | undefined>): string {
  return new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  ).toString();
}
