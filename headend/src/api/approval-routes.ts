import { no } from '@tiepoint/protocol';
import type { FastifyInstance } from 'fastify';
import { maxGroup } from '../nms/group-desk.ts';
import { mayIn } from '../operators/permissions.ts';
import { access, actingOf, callerOf } from './access.ts';
import type { Caller } from './access.ts';
import { devicesOf } from '../nms/approval-matter.ts';
import type { Approval } from '../nms/approvals.ts';
import type {
  ApprovalDecision,
  ApprovalRequest,
  ApprovalsResponse,
  GroupOutcome,
  GroupSelectionRequest,
  TagObjection,
  TagRemovalRequest,
} from './approval-contract.ts';
import { approvalView, groupView, outcomeView } from './approval-views.ts';
import { deviceArea, seesDevice } from './areas.ts';
import type { OperateRequest } from './contract.ts';
import { refuse, unknownDevice } from './errors.ts';
import { titleOf } from './parts.ts';
import type { ApiParts } from './parts.ts';
import { idParams, operateBody, operateHeaders, text, words } from './request-schemas.ts';

type WithId = { Params: { id: string } };
const tags = ['commands'];
const strict = { type: 'object', additionalProperties: false } as const;
const groupBody = {
  ...strict,
  required: ['kind', 'deviceIds'],
  properties: {
    kind: { type: 'string', enum: ['disconnect'] },
    deviceIds: { type: 'array', minItems: 1, maxItems: maxGroup, uniqueItems: true, items: text(160) },
  },
} as const;
const approvalBody = {
  ...strict,
  required: ['selectionId', 'cause'],
  properties: { selectionId: text(64), cause: words },
} as const;
const removalBody = {
  ...strict,
  required: ['verified', 'tried'],
  properties: { verified: words, tried: words },
} as const;
const objectionBody = { ...strict, required: ['cause'], properties: { cause: words } } as const;
const decisionBody = {
  ...strict,
  required: ['approve'],
  properties: { approve: { type: 'boolean' }, cause: words },
} as const;

/** Many devices disconnected in one go: one selection, and then a command each. */
export function groupRoutes(app: FastifyInstance, parts: ApiParts): void {
  const { groups } = parts;
  const title = (key: string): string => titleOf(parts, key);
  app.post<{ Body: GroupSelectionRequest }>(
    '/api/group-selections',
    {
      ...access('disconnect'),
      schema: { tags, summary: 'Select devices to disconnect them together', body: groupBody },
    },
    (request, reply) => {
      const { grants } = callerOf(request);
      const may = (deviceKey: string) => {
        const { say } = unknownDevice(deviceKey);
        if (!seesDevice(parts, grants, deviceKey)) return no('unknown-device', say);
        return mayIn(grants, 'disconnect', deviceArea(parts, deviceKey));
      };
      const selected = groups.select(actingOf(request), request.body.deviceIds, may);
      return selected.ok ? reply.code(201).send(groupView(selected.value, title)) : refuse(reply, selected);
    },
  );
  app.delete<WithId>(
    '/api/group-selections/:id',
    { ...access('disconnect'), schema: { tags, summary: 'Give a group selection up', params: idParams } },
    (request, reply) => {
      const given = groups.giveUp(request.params.id, actingOf(request));
      return given.ok ? reply.code(204).send() : refuse(reply, given);
    },
  );
  app.post<{ Body: OperateRequest }>(
    '/api/group-commands',
    {
      ...access('disconnect'),
      schema: {
        tags,
        summary: 'Operate a group selection: one command each',
        headers: { ...operateHeaders, required: ['idempotency-key'] },
        body: operateBody,
      },
    },
    (request, reply) => {
      const { operator, grants } = callerOf(request);
      const { selectionId, cause } = request.body;
      const found = groups.find(selectionId, operator);
      if (!found.ok) return refuse(reply, found);
      const right = found.value.selections
        .map(({ targetKey }) => mayIn(grants, 'disconnect', deviceArea(parts, targetKey)))
        .find(({ ok }) => !ok);
      if (right?.ok === false) return refuse(reply, right);
      const idempotencyKey = String(request.headers['idempotency-key']);
      const given = { ...actingOf(request), ...(cause === undefined ? {} : { cause: cause.trim() }), idempotencyKey };
      const need = parts.router.needOf(found.value.selections);
      if (need !== undefined && !groups.isOperated(selectionId))
        return refuse(reply, { reason: 'approval-needed', say: need });
      const outcomes = groups.operate(given, found.value);
      const unrecorded = outcomes
        .map(({ operated }) => operated)
        .find((each) => !each.ok && each.reason === 'not-recorded');
      if (unrecorded?.ok === false && outcomes.every(({ operated }) => !operated.ok)) return refuse(reply, unrecorded);
      const told: GroupOutcome = { outcomes: outcomes.map((each) => outcomeView(each, title)) };
      return reply.code(202).send(told);
    },
  );
}

/** The second of two operators. For people: no program approves. */
export function approvalRoutes(app: FastifyInstance, parts: ApiParts): void {
  const { approvals } = parts;
  const title = (key: string): string => titleOf(parts, key);
  app.get(
    '/api/approvals',
    { ...access('see'), schema: { tags, summary: 'What awaits a second operator, and what was decided lately' } },
    (request): ApprovalsResponse => {
      const caller = callerOf(request);
      const seen = approvals.all().filter((each) => seesApproval(parts, caller, each));
      return {
        approvals: seen.map((each) => ({ ...approvalView(each, title), may: approvals.may(caller.operator, each) })),
      };
    },
  );
  app.post<{ Body: ApprovalRequest }>(
    '/api/approvals',
    { ...access('command'), schema: { tags, summary: 'Ask a second operator for a selection', body: approvalBody } },
    (request, reply) => {
      const { selectionId, cause } = request.body;
      const { grants } = callerOf(request);
      const selected = parts.router.selected(selectionId);
      const right = selected && mayIn(grants, selected.kind, deviceArea(parts, selected.targetKey));
      if (right?.ok === false) return refuse(reply, right);
      const asked = approvals.ask({ ...actingOf(request), selectionId, cause: cause.trim() });
      return asked.ok ? reply.code(201).send(approvalView(asked.value, title)) : refuse(reply, asked);
    },
  );
  app.post<WithId & { Body: ApprovalDecision }>(
    '/api/approvals/:id/decision',
    {
      ...access('approve', { session: true }),
      schema: { tags, summary: 'Approve, and so do it, or refuse', params: idParams, body: decisionBody },
    },
    (request, reply) => {
      const { id } = request.params;
      const approval = approvals.of(id);
      if (approval === undefined || !seesApproval(parts, callerOf(request), approval))
        return refuse(reply, { reason: 'not-found', say: `There is no approval ${id.slice(0, 64)}.` });
      const { approve, cause } = request.body;
      const told = cause === undefined ? {} : { cause: cause.trim() };
      const decided = approvals.decide({ ...actingOf(request), id, approve, ...told });
      return decided.ok ? reply.send(approvalView(decided.value, title)) : refuse(reply, decided);
    },
  );
  ownersRoutes(app, parts);
  app.delete<WithId>(
    '/api/approvals/:id',
    { ...access('approve'), schema: { tags, summary: 'Take back what one asked for', params: idParams } },
    (request, reply) => {
      const withdrawn = approvals.withdraw({ ...actingOf(request), id: request.params.id });
      return withdrawn.ok ? reply.code(204).send() : refuse(reply, withdrawn);
    },
  );
}

/** For the owner of the tag, who may have another role, or other areas, by now. */
function ownersRoutes(app: FastifyInstance, parts: ApiParts): void {
  const { approvals } = parts;
  app.post<WithId & { Body: TagObjection }>(
    '/api/approvals/:id/objection',
    {
      ...access('signed-in', { session: true }),
      schema: {
        tags,
        summary: 'Refuse, as the owner of the tag, that it is removed',
        params: idParams,
        body: objectionBody,
      },
    },
    (request, reply) => {
      const cause = request.body.cause.trim();
      const objected = approvals.object({ ...actingOf(request), id: request.params.id, cause });
      return objected.ok
        ? reply.send(approvalView(objected.value, (key) => titleOf(parts, key)))
        : refuse(reply, objected);
    },
  );
  app.post<WithId>(
    '/api/approvals/:id/known',
    {
      ...access('signed-in', { session: true }),
      schema: { tags, summary: 'Say, as the owner of a tag, that one knows that it was removed', params: idParams },
    },
    (request, reply) => {
      const known = approvals.known({ ...actingOf(request), id: request.params.id });
      return known.ok ? reply.code(204).send() : refuse(reply, known);
    },
  );
}

/** The first of the two who remove the tag of somebody who is away. For people, likewise. */
export function tagRemovalRoute(app: FastifyInstance, parts: ApiParts): void {
  app.post<WithId & { Body: TagRemovalRequest }>(
    '/api/devices/:id/tag/removal',
    {
      ...access('remove-tags', { of: 'device', session: true }),
      schema: {
        tags,
        summary: 'Ask a second operator for the removal of a tag whose owner is away',
        params: idParams,
        body: removalBody,
      },
    },
    (request, reply) => {
      const { verified, tried } = request.body;
      const cause = `Verified that they are not at the site: ${verified.trim()}. Tried to reach them: ${tried.trim()}.`;
      const asked = parts.approvals.askRemoval({ ...actingOf(request), deviceKey: request.params.id, cause });
      return asked.ok
        ? reply.code(201).send(approvalView(asked.value, (key) => titleOf(parts, key)))
        : refuse(reply, asked);
    },
  );
}

/** Whose tag it is sees it, too, whatever became of their areas since. */
function seesApproval(parts: ApiParts, { operator, grants }: Caller, { acting, matter }: Approval): boolean {
  if (acting.operator === operator || (matter.of === 'tag-removal' && matter.tag.owner === operator)) return true;
  return devicesOf(matter).every((key) => seesDevice(parts, grants, key));
}
