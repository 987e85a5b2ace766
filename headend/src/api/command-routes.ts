import type { CommandKind, CommandParameters } from '@tiepoint/protocol';
import type { FastifyInstance } from 'fastify';
import { mayIn } from '../operators/permissions.ts';
import { deviceArea, seesAll, seesDevice } from './areas.ts';
import type { CommandDetail, CommandsResponse, OperateRequest, TagRequest } from './contract.ts';
import { refuse, unknownDevice } from './errors.ts';
import { access, actingOf, callerOf } from './access.ts';
import { titleOf } from './parts.ts';
import type { ApiParts } from './parts.ts';
import { commandsQuery, idParams, operateBody, operateHeaders, selectionBody, tagBody } from './request-schemas.ts';
import { commandView, selectionView, transitionView } from './views.ts';

type WithId = { Params: { id: string } };

/** Select before operate. */
export function commandRoutes(app: FastifyInstance, parts: ApiParts): void {
  const title = (key: string): string => titleOf(parts, key);

  app.post<WithId & { Body: { kind: CommandKind; parameters?: CommandParameters } }>(
    '/api/devices/:id/selections',
    {
      ...access('command', { of: 'device' }),
      schema: {
        tags: ['commands'],
        summary: 'Select a device for a command: see what it will do',
        params: idParams,
        body: selectionBody,
      },
    },
    (request, reply) => {
      const { kind, parameters = {} } = request.body;
      const right = mayIn(callerOf(request).grants, kind, deviceArea(parts, request.params.id));
      if (!right.ok) return refuse(reply, right);
      const selected = parts.router.select({ ...actingOf(request), deviceKey: request.params.id, kind, parameters });
      return selected.ok
        ? reply.code(201).send(selectionView(selected.value, parts.router.needOf([selected.value])))
        : refuse(reply, selected);
    },
  );

  app.delete<WithId>(
    '/api/selections/:id',
    { ...access('command'), schema: { tags: ['commands'], summary: 'Give a selection up', params: idParams } },
    (request, reply) => {
      const cancelled = parts.router.cancel({ ...actingOf(request), selectionId: request.params.id });
      return cancelled.ok ? reply.code(204).send() : refuse(reply, cancelled);
    },
  );

  app.post<{ Body: OperateRequest }>(
    '/api/commands',
    {
      ...access('command'),
      schema: { tags: ['commands'], summary: 'Operate what was selected', headers: operateHeaders, body: operateBody },
    },
    (request, reply) => {
      const key = request.headers['idempotency-key'];
      if (typeof key !== 'string') {
        return refuse(reply, {
          reason: 'invalid',
          say: 'Give a new Idempotency-Key with each command, so that a repeated request is not a second command.',
          path: 'headers.idempotency-key',
        });
      }
      // A token may have less than the account whose selection it names.
      const selected = parts.router.selected(request.body.selectionId);
      const right = selected && mayIn(callerOf(request).grants, selected.kind, deviceArea(parts, selected.targetKey));
      if (right?.ok === false) return refuse(reply, right);
      const operated = parts.router.operate({
        ...actingOf(request),
        idempotencyKey: key,
        selectionId: request.body.selectionId,
        ...trimmed(request.body.cause),
      });
      return operated.ok ? reply.code(202).send(commandView(operated.value, title)) : refuse(reply, operated);
    },
  );
}

/** What became of commands. */
export function commandRecordRoutes(app: FastifyInstance, parts: ApiParts): void {
  const title = (key: string): string => titleOf(parts, key);

  app.get<{ Querystring: { deviceId?: string; state?: 'active' | 'final'; beforeMs?: number; limit: number } }>(
    '/api/commands',
    { ...access('see'), schema: { tags: ['commands'], summary: 'Commands, newest first', querystring: commandsQuery } },
    (request): CommandsResponse => {
      const { deviceId, state, beforeMs, limit } = request.query;
      const { grants } = callerOf(request);
      // Who sees some areas alone gets what is theirs of the latest.
      const query = {
        limit: seesAll(grants) ? limit : 1_000,
        ...(deviceId === undefined ? {} : { deviceKey: deviceId }),
        ...(state === undefined ? {} : { active: state === 'active' }),
        ...(beforeMs === undefined ? {} : { beforeMs }),
      };
      const seen = parts.store.operations
        .commands(query)
        .filter(({ targetKey }) => seesDevice(parts, grants, targetKey));
      return { commands: seen.slice(0, limit).map((each) => commandView(each, title)) };
    },
  );

  app.get<WithId>(
    '/api/commands/:id',
    {
      ...access('see', { of: 'command' }),
      schema: { tags: ['commands'], summary: 'One command with all its transitions', params: idParams },
    },
    (request, reply) => {
      const { id } = request.params;
      const command = parts.store.operations.command(id);
      if (command === undefined)
        return refuse(reply, { reason: 'not-found', say: `There is no command ${id.slice(0, 64)}.` });
      const detail: CommandDetail = {
        ...commandView(command, title),
        transitions: parts.store.operations.transitions(id).map(transitionView),
      };
      return detail;
    },
  );
}

export function tagRoutes(app: FastifyInstance, parts: ApiParts): void {
  app.put<WithId & { Body: TagRequest }>(
    '/api/devices/:id/tag',
    {
      ...access('tag', { of: 'device' }),
      schema: {
        tags: ['commands'],
        summary: 'Lock a device out: no command reaches it',
        params: idParams,
        body: tagBody,
      },
    },
    (request, reply) => {
      const { id: deviceKey } = request.params;
      if (parts.fleet.twin(deviceKey) === undefined) return refuse(reply, unknownDevice(deviceKey));
      const set = parts.tags.set({ ...actingOf(request), deviceKey, cause: request.body.cause.trim() }, parts.now());
      if (!set.ok) return refuse(reply, set);
      const { owner, cause, sinceMs } = set.value;
      return reply.send({ owner, cause, sinceMs });
    },
  );

  app.delete<WithId & { Body: { cause?: string } | null }>(
    '/api/devices/:id/tag',
    {
      ...access('tag', { of: 'device' }),
      schema: { tags: ['commands'], summary: 'Lift one’s own tag', params: idParams },
    },
    (request, reply) => {
      const cause: unknown = request.body?.cause;
      const why = typeof cause === 'string' ? trimmed(cause.slice(0, 300)) : {};
      const lifted = parts.tags.lift({ ...actingOf(request), deviceKey: request.params.id, ...why }, parts.now());
      return lifted.ok ? reply.code(204).send() : refuse(reply, lifted);
    },
  );
}

function trimmed(cause: string | undefined): { cause?: string } {
  const text = cause?.trim() ?? '';
  return text === '' ? {} : { cause: text };
}
