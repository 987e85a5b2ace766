import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { retentionTold, setRetention } from '../mdw/retention-requests.ts';
import type { OldDays } from '../mdw/retention-requests.ts';
import { access, actingOf } from './access.ts';
import { refuse } from './errors.ts';
import type { RetentionRequest, RetentionResponse, RetentionSetResponse } from './interval-contract.ts';
import type { ApiParts } from './parts.ts';
import { words } from './request-schemas.ts';

const tags = ['intervals'];
/** As in the file of settings. */
const keepDays = { type: 'integer', minimum: 40, maximum: 36_600 } as const;
const retentionQuery = { type: 'object', additionalProperties: false, properties: { keepDays } } as const;
const retentionBody = {
  type: 'object',
  required: ['keepDays', 'cause'],
  additionalProperties: false,
  properties: { keepDays, cause: words, forgetDays: { type: 'integer', minimum: 0, maximum: 1_000_000 } },
} as const;
type Setting = { Body: RetentionRequest };
const withinMs = 600_000;

/** For how long intervals are kept. What is forgotten is gone, so who sets it says how many days that may be. */
export function intervalRetentionRoutes(app: FastifyInstance, parts: ApiParts): void {
  app.get<{ Querystring: { keepDays?: number } }>(
    '/api/intervals/retention',
    {
      ...access('see', { everywhere: true }),
      schema: {
        tags,
        summary: 'How long intervals are kept, and which days are older, or would be with other keepDays',
        querystring: retentionQuery,
      },
    },
    async (request, reply) => {
      const found = await parts.warehouse.ask(retentionTold, request.query);
      return found.ok ? reply.send(found.value satisfies RetentionResponse) : refuse(reply, found);
    },
  );

  app.put<Setting>(
    '/api/intervals/retention',
    {
      ...access('set-retention', { everywhere: true, fresh: true }),
      schema: {
        tags,
        summary: 'Set how long intervals are kept; what is older is forgotten at once',
        body: retentionBody,
      },
    },
    async (request, reply) => await set(parts, request, reply),
  );
}

async function set(
  { warehouse, store, now }: ApiParts,
  request: FastifyRequest<Setting>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { keepDays: days, forgetDays = 0, cause } = request.body;
  const found = await warehouse.ask(retentionTold, { keepDays: days });
  if (!found.ok) return refuse(reply, found);
  const { old, keepDays: before } = found.value;
  if (old.days !== forgetDays)
    return refuse(reply, { reason: 'precondition', say: unconfirmed(days, old), path: 'body.forgetDays' });
  const { operator: who, identity } = actingOf(request);
  const note = (say: string) =>
    store.operations.appendAudit({ atMs: now(), who, identity, action: 'retention-set', why: cause.trim(), say });
  const noted = note(
    `Keeps intervals for ${days} days, not ${before}${old.days === 0 ? '' : `; forgets ${spanWords(old)}`}`,
  );
  if (!noted.ok) return refuse(reply, noted);
  const done = await warehouse.ask(setRetention, { keepDays: days, forgetDays, who, atMs: now() }, { withinMs });
  if (done.ok) return reply.send(done.value satisfies RetentionSetResponse);
  note(`It is not certain that intervals are kept for ${days} days: ${done.say}`);
  return refuse(reply, done);
}

function unconfirmed(days: number, old: OldDays): string {
  if (old.days === 0) return `With ${days} days nothing would be forgotten: leave forgetDays out, or say 0.`;
  return `With ${days} days kept ${spanWords(old)} would be forgotten, which nobody can bring back: confirm by forgetDays: ${old.days}.`;
}

const spanWords = ({ days, firstDay = '', lastDay = '' }: OldDays): string =>
  days === 1 ? `1 day (${firstDay})` : `${days} days (${firstDay} to ${lastDay})`;
