import type { FastifyRequest } from 'fastify';
import { subjectOf } from '../operators/directory.ts';
import { RequestRate } from '../operators/request-rate.ts';
import type { ApiParts } from './parts.ts';

type Who = { readonly operator: string; readonly identity: 'account' | 'token' };

/** So many refusals of one account at once, and then one in so long: who tries without end does not fill the audit. */
const noted = { burst: 30, everyMs: 60_000 };
const longestPath = 200;

/**
 * Who tries what is not theirs, or is ridden by a foreign page: kept in the audit, if it would have changed something. Nothing is done
 * either way, so that a disk that is full changes nothing here.
 */
export class RefusedDeeds {
  readonly #rate = new RequestRate(noted);

  note(
    { store, now }: Pick<ApiParts, 'store' | 'now'>,
    { operator, identity }: Who,
    { method, url }: Pick<FastifyRequest, 'method' | 'url'>,
    say: string,
  ): void {
    if (method === 'GET' || method === 'HEAD') return;
    const nowMs = now();
    if (this.#rate.waitMs(operator, nowMs) > 0) return;
    this.#rate.take(operator, nowMs);
    const path = (url.split('?')[0] ?? '').slice(0, longestPath);
    store.operations.appendAudit({
      atMs: nowMs,
      who: operator,
      identity,
      action: 'access-refused',
      subject: subjectOf(operator),
      say: `${method} ${path} refused: ${say}`,
    });
  }
}
