import type { FastifyInstance, FastifyRequest } from 'fastify';
import { editIntervals, editSlip, listEdits, takeBackEdit } from '../mdw/edit-requests.ts';
import { estimateIntervals } from '../mdw/estimate-requests.ts';
import { knownMeters } from '../mdw/import-requests.ts';
import type { AuditAction, NotRecorded } from '../store/store.ts';
import { access, actingOf } from './access.ts';
import { refuse } from './errors.ts';
import type {
  EditMadeResponse,
  EditRequest,
  EditsResponse,
  EditView,
  EditWithdrawalRequest,
  EstimateRequest,
  EstimatesResponse,
} from './interval-contract.ts';
import { meterText, spanOf, timeText, viewOf } from './interval-routes.ts';
import type { ApiParts } from './parts.ts';
import { idParams, words } from './request-schemas.ts';

const tags = ['intervals'];
const estimateWithinMs = 4 * 3_600_000;
const mayEdit = access('edit-intervals', { everywhere: true });
const energy = { type: 'number', minimum: 0, maximum: 2_147_483_647, nullable: true } as const;

const editBody = {
  type: 'object',
  required: ['meter', 'cause', 'changes'],
  additionalProperties: false,
  properties: {
    meter: meterText,
    cause: words,
    changes: {
      type: 'array',
      minItems: 1,
      maxItems: 3_000,
      items: {
        type: 'object',
        required: ['startS'],
        additionalProperties: false,
        properties: {
          startS: { type: 'integer', minimum: 0, maximum: 4_294_967_295 },
          lengthS: { type: 'integer', enum: [300, 600, 900, 1_800, 3_600] },
          importWh: energy,
          exportWh: energy,
          reactiveVarh: { ...energy, minimum: -2_147_483_647 },
          voltageV: { type: 'number', minimum: 0, maximum: 6_553, nullable: true },
        },
      },
    },
  },
} as const;
const causeBody = {
  type: 'object',
  required: ['cause'],
  additionalProperties: false,
  properties: { cause: words },
} as const;
const editsQuery = {
  type: 'object',
  additionalProperties: false,
  properties: { meter: meterText, from: timeText, to: timeText },
} as const;
const estimateBody = {
  type: 'object',
  required: ['from', 'to'],
  additionalProperties: false,
  properties: {
    from: timeText,
    to: timeText,
    meters: { type: 'array', minItems: 1, maxItems: 10_000, items: meterText },
    again: { type: 'boolean' },
  },
} as const;

/** What people say that intervals were, and estimates on demand. What stood before is kept, and an edit can be taken back. */
export function intervalEditRoutes(app: FastifyInstance, parts: ApiParts): void {
  const { warehouse, timeZone } = parts;

  app.get<{ Querystring: { meter?: string; from?: string; to?: string } }>(
    '/api/intervals/edits',
    {
      ...access('see', { everywhere: true }),
      schema: { tags, summary: 'Edits of intervals, newest first', querystring: editsQuery },
    },
    async (request, reply) => {
      const { meter, from, to } = request.query;
      if ((from === undefined) !== (to === undefined))
        return refuse(reply, { reason: 'invalid', say: 'from and to come together.', path: 'querystring.from' });
      const span = from === undefined || to === undefined ? undefined : spanOf(timeZone, { from, to });
      if (span?.ok === false) return refuse(reply, span);
      const found = await warehouse.ask(listEdits, { ...(meter === undefined ? {} : { meter }), ...span?.value });
      return found.ok ? reply.send({ edits: found.value } satisfies EditsResponse) : refuse(reply, found);
    },
  );

  app.post<{ Body: EditRequest }>(
    '/api/intervals/edits',
    { ...mayEdit, schema: { tags, summary: 'Say what intervals of a meter were', body: editBody } },
    async (request, reply) => {
      const { meter, changes } = request.body;
      const slip = editSlip(changes, parts.now());
      if (slip !== undefined) return refuse(reply, { reason: 'invalid', say: slip, path: 'body.changes' });
      const cause = request.body.cause.trim();
      const what = `${changes.length} intervals of meter ${meter}, the first of ${isoOf(Math.min(...changes.map(({ startS }) => startS)))}`;
      const deed = { action: 'intervals-edited', subject: `meter:${meter}`, why: cause } as const;
      const noted = note(parts, request, { ...deed, say: `Changes ${what}` });
      if (!noted.ok) return refuse(reply, noted);
      const { operator: who } = actingOf(request);
      const made = await warehouse.ask(editIntervals, { meter, changes, who, reason: cause, atMs: parts.now() });
      if (!made.ok) {
        note(parts, request, { ...deed, say: `Not changed (${made.say}): ${what}` });
        return refuse(reply, made);
      }
      const { edit, before, after } = made.value;
      return reply
        .code(201)
        .send({ edit, before: before.map(viewOf), after: after.map(viewOf) } satisfies EditMadeResponse);
    },
  );

  withdrawalRoute(app, parts);
  estimateRoute(app, parts);
}

function withdrawalRoute(app: FastifyInstance, parts: ApiParts): void {
  const { warehouse } = parts;
  app.post<{ Params: { id: string }; Body: EditWithdrawalRequest }>(
    '/api/intervals/edits/:id/withdrawal',
    {
      ...mayEdit,
      schema: { tags, summary: 'Take an edit back: what stood before stands again', params: idParams, body: causeBody },
    },
    async (request, reply) => {
      const { id } = request.params;
      const edit = Number(id);
      const [known] = /^\d{1,9}$/.test(id) ? await knownEdits(parts, edit) : [];
      if (known === undefined)
        return refuse(reply, { reason: 'not-found', say: `There is no edit ${id.slice(0, 20)} of intervals.` });
      const cause = request.body.cause.trim();
      const deed = { action: 'interval-edit-taken-back', subject: `meter:${known.meter}`, why: cause } as const;
      const noted = note(parts, request, { ...deed, say: `Takes back edit ${edit} of meter ${known.meter}` });
      if (!noted.ok) return refuse(reply, noted);
      const { operator: who } = actingOf(request);
      const taken = await warehouse.ask(takeBackEdit, { edit, who, reason: cause, atMs: parts.now() });
      if (taken.ok) return reply.send(taken.value satisfies EditView);
      note(parts, request, { ...deed, say: `Edit ${edit} of meter ${known.meter} was not taken back: ${taken.say}` });
      return refuse(reply, taken);
    },
  );
}

function estimateRoute(app: FastifyInstance, parts: ApiParts): void {
  const { warehouse, timeZone } = parts;
  app.post<{ Body: EstimateRequest }>(
    '/api/intervals/estimates',
    { ...mayEdit, schema: { tags, summary: 'Estimate what is missing now', body: estimateBody } },
    async (request, reply) => {
      const { from, to, ...asked } = request.body;
      const span = spanOf(timeZone, { from, to });
      if (!span.ok) return refuse(reply, span);
      const stranger = await strangerOf(parts, asked.meters ?? []);
      if (stranger !== undefined) return refuse(reply, stranger);
      const whose = asked.meters === undefined ? 'all meters' : `${asked.meters.length} meters`;
      const say = `Has missing intervals of ${whose} from ${from} to ${to} estimated`;
      const noted = note(parts, request, { action: 'intervals-estimated', say });
      if (!noted.ok) return refuse(reply, noted);
      const made = await warehouse.ask(estimateIntervals, { ...asked, ...span.value }, { withinMs: estimateWithinMs });
      return made.ok ? reply.send(made.value satisfies EstimatesResponse) : refuse(reply, made);
    },
  );
}

/** Undefined: the warehouse knows them all. */
async function strangerOf(
  { warehouse }: ApiParts,
  names: readonly string[],
): Promise<Parameters<typeof refuse>[1] | undefined> {
  if (names.length === 0) return undefined;
  const known = await warehouse.ask(knownMeters, { names });
  if (!known.ok) return known;
  const among = new Set(known.value);
  const stranger = names.find((name) => !among.has(name));
  if (stranger === undefined) return undefined;
  return { reason: 'not-found', say: `The warehouse knows no meter ${stranger.slice(0, 130)}.`, path: 'body.meters' };
}

async function knownEdits({ warehouse }: ApiParts, edit: number): Promise<readonly EditView[]> {
  const found = await warehouse.ask(listEdits, { edit });
  return found.ok ? found.value : [];
}

type Deed = { readonly action: AuditAction; readonly subject?: string; readonly why?: string; readonly say: string };

/** Before it is done: the warehouse is no part of the audit's transaction, and what is not in the audit is not done. */
function note({ store, now }: ApiParts, request: FastifyRequest, deed: Deed): NotRecorded {
  const { operator: who, identity } = actingOf(request);
  return store.operations.appendAudit({ atMs: now(), who, identity, ...deed });
}

const isoOf = (atS: number): string => new Date(atS * 1_000).toISOString();
