import type { ErrorBody } from '../contract.ts';

type Sent = { method?: string; body?: unknown; headers?: Record<string, string> };

/** With these headers and no others: as anybody who can reach the port might. */
export async function rawRequest(url: string, { method = 'GET', body, headers = {} }: Sent = {}): Promise<Response> {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return await fetch(url, { method, headers: { ...json, ...headers }, ...sent });
}

/** Why it was refused; its status where it was not. */
export async function reasonOf(response: Response): Promise<string> {
  return response.ok ? String(response.status) : ((await response.json()) as ErrorBody).error.reason;
}
