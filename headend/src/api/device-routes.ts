import { commandRules } from '@tiepoint/protocol';
import type { Status } from '@tiepoint/protocol';
import type { FastifyInstance } from 'fastify';
import { maxAheadMs } from '../nms/twins.ts';
import type { Twin } from '../nms/twins.ts';
import { historyPoints, historyUnit, isHistoryPoint } from '../store/history-points.ts';
import type { HistoryPoint } from '../store/history-points.ts';
import type { Grant } from '../store/people-store.ts';
import type { DeviceDetail, EventsResponse, FleetResponse, HistoryColumn, HistoryResponse } from './contract.ts';
import { mayIn } from '../operators/permissions.ts';
import { access, callerOf } from './access.ts';
import type { Caller } from './access.ts';
import { deviceArea, seesDevice, seesEvent } from './areas.ts';
import { refuse, unknownDevice } from './errors.ts';
import { pageOf } from './pages.ts';
import { allRows, rowOf, titleOf } from './parts.ts';
import type { ApiParts } from './parts.ts';
import { historyQuery, idParams, pageQuery } from './request-schemas.ts';
import { commandView, eventRow, lineView, routeView, statusPoints } from './views.ts';

const maxHistoryRows = 10_000;
type WithId = { Params: { id: string } };

export function deviceRoutes(app: FastifyInstance, parts: ApiParts): void {
  app.get(
    '/api/fleet',
    { ...access('see'), schema: { tags: ['fleet'], summary: 'All devices, compact' } },
    (request): FleetResponse => {
      const { grants } = callerOf(request);
      return { atMs: parts.now(), rows: allRows(parts).filter(({ id }) => seesDevice(parts, grants, id)) };
    },
  );

  app.get<WithId>(
    '/api/devices/:id',
    {
      ...access('see', { of: 'device' }),
      schema: { tags: ['fleet'], summary: 'One device: all that is known', params: idParams },
    },
    (request, reply) => {
      const detail = deviceDetail(parts, request.params.id, callerOf(request));
      return detail ?? refuse(reply, unknownDevice(request.params.id));
    },
  );

  app.get<WithId & { Querystring: { fromMs: number; toMs: number; points?: string } }>(
    '/api/devices/:id/history',
    {
      ...access('see', { of: 'device' }),
      schema: { tags: ['fleet'], summary: 'Numbers over time', params: idParams, querystring: historyQuery },
    },
    (request, reply) => {
      const { id } = request.params;
      const { fromMs, toMs, points: asked } = request.query;
      if (parts.fleet.twin(id) === undefined) return refuse(reply, unknownDevice(id));
      if (toMs <= fromMs)
        return refuse(reply, { reason: 'invalid', say: 'toMs is not after fromMs.', path: 'querystring.toMs' });
      const names = asked === undefined || asked === '' ? [...historyPoints] : asked.split(',');
      const foreign = names.find((name) => !isHistoryPoint(name));
      if (foreign !== undefined) {
        return refuse(reply, {
          reason: 'invalid',
          say: `${foreign} is not kept over time; these are: ${historyPoints.join(', ')}.`,
          path: 'querystring.points',
        });
      }
      return historyOf(parts, id, { fromMs, toMs, points: names.filter(isHistoryPoint) });
    },
  );
}

/** What happened, at one device and everywhere. */
export function eventRoutes(app: FastifyInstance, parts: ApiParts): void {
  app.get<WithId & { Querystring: { beforeSeq?: number; limit: number } }>(
    '/api/devices/:id/events',
    {
      ...access('see', { of: 'device' }),
      schema: {
        tags: ['fleet'],
        summary: 'Events of one device, newest first',
        params: idParams,
        querystring: pageQuery,
      },
    },
    (request, reply) => {
      const { id } = request.params;
      return parts.fleet.twin(id) === undefined
        ? refuse(reply, unknownDevice(id))
        : eventsOf(parts, { deviceKey: id, ...request.query }, callerOf(request).grants);
    },
  );

  app.get<{ Querystring: { beforeSeq?: number; limit: number } }>(
    '/api/events',
    {
      ...access('see'),
      schema: { tags: ['records'], summary: 'Events of the fleet, newest first', querystring: pageQuery },
    },
    (request) => eventsOf(parts, request.query, callerOf(request).grants),
  );
}

function deviceDetail(parts: ApiParts, id: string, { operator, grants }: Caller): DeviceDetail | undefined {
  const twin = parts.fleet.twin(id);
  const row = rowOf(parts, id);
  if (twin === undefined || row === undefined) return undefined;
  const tag = parts.tags.of(id);
  const active = parts.router.activeAt(id);
  const { status } = twin;
  const { nextSeq: _nextSeq, ...birth } = twin.birth;
  return {
    row,
    birth,
    bornAtMs: twin.bornAtMs,
    status: status === undefined ? [] : statusPoints(status),
    ...(status === undefined ? {} : timeOf(status, twin.receivedAtMs)),
    commands: offersOf(parts, twin, operator),
    ...(tag === undefined ? {} : { tag: { owner: tag.owner, cause: tag.cause, sinceMs: tag.sinceMs } }),
    mayTag: mayIn(grants, 'tag', deviceArea(parts, id)),
    ...(tag === undefined ? {} : { mayRemoveTag: mayIn(grants, 'remove-tags', deviceArea(parts, id)) }),
    ...(active === undefined ? {} : { activeCommand: commandView(active, (key) => titleOf(parts, key)) }),
    line: lineView(twin),
  };
}

/** A gateway's time from far ahead of the head-end's says nothing: when the values were received holds then. */
function timeOf({ timeMs, timeQuality }: Status, receivedAtMs = 0): Pick<DeviceDetail, 'statusTimeMs' | 'timeQuality'> {
  return timeMs > receivedAtMs + maxAheadMs ? { timeQuality } : { statusTimeMs: timeMs, timeQuality };
}

function offersOf({ router }: ApiParts, { key, gatewayId }: Twin, operator: string): DeviceDetail['commands'] {
  return router.offers(key, operator).map(({ kind, verdict, route }) => {
    const { title, parameters, energises, proof } = commandRules[kind];
    return {
      kind,
      title,
      parameters,
      energises,
      proof,
      may: verdict,
      ...(route === undefined ? {} : { route: routeView(gatewayId, route) }),
    };
  });
}

function historyOf(
  { store, now }: ApiParts,
  id: string,
  { fromMs, toMs, points }: { fromMs: number; toMs: number; points: readonly HistoryPoint[] },
): HistoryResponse {
  const { rows, resolution, stepMs, truncated } = store.telemetry.history({
    deviceKey: id,
    fromMs,
    toMs,
    points,
    nowMs: now(),
    maxRows: maxHistoryRows,
  });
  const columns = points.map((point, index): HistoryColumn => {
    const column = (field: 'mean' | 'min' | 'max'): (number | null)[] =>
      rows.map(({ values }) => values[index]?.[field] ?? null);
    return {
      point,
      unit: historyUnit(point),
      mean: column('mean'),
      ...(resolution === 'raw' ? {} : { min: column('min'), max: column('max') }),
    };
  });
  const known = columns.filter(({ mean }) => mean.some((value) => value !== null));
  return {
    id,
    fromMs,
    toMs,
    resolution,
    ...(stepMs === undefined ? {} : { stepMs }),
    timesMs: rows.map(({ atMs }) => atMs),
    points: known,
    truncated,
  };
}

function eventsOf(
  parts: ApiParts,
  query: { deviceKey?: string; beforeSeq?: number; limit: number },
  grants: readonly Grant[],
): EventsResponse {
  const { rows, nextBeforeSeq } = pageOf(
    (page) => parts.store.telemetry.events({ ...query, ...page }),
    query,
    (event) => seesEvent(parts, grants, event),
  );
  return { events: rows.map(eventRow), ...(nextBeforeSeq === undefined ? {} : { nextBeforeSeq }) };
}
