import type { FastifyInstance } from 'fastify';
import { mayEverywhere, mayIn, sees } from '../operators/permissions.ts';
import type { Grant } from '../store/people-store.ts';
import type { FleetModeOrder } from '../store/store.ts';
import { access, actingOf, callerOf } from './access.ts';
import { gatewayArea, seesAll } from './areas.ts';
import { refuse } from './errors.ts';
import type { ModeOrderRequest, ModeOrderView, ModesResponse } from './mode-contract.ts';
import type { ApiParts } from './parts.ts';
import { idParams } from './request-schemas.ts';

const tags = ['modes'];
const modeBody = {
  type: 'object',
  required: ['mode', 'areas', 'untilMs', 'cause'],
  additionalProperties: false,
  properties: {
    mode: { type: 'string', enum: ['storm', 'safe'] },
    areas: {
      oneOf: [
        { type: 'string', enum: ['all'] },
        {
          type: 'array',
          minItems: 1,
          maxItems: 100,
          uniqueItems: true,
          items: { type: 'string', minLength: 1, maxLength: 120 },
        },
      ],
    },
    untilMs: { type: 'integer', minimum: 0, maximum: 253_402_300_799_999 },
    cause: { type: 'string', minLength: 1, maxLength: 300, pattern: '\\S' },
  },
} as const;

/** Storm and safe: how gateways behave as a whole, by area. */
export function modeRoutes(app: FastifyInstance, parts: ApiParts): void {
  const { modes } = parts;

  app.get(
    '/api/modes',
    { ...access('see'), schema: { tags, summary: 'Fleet modes in force and of late, newest first' } },
    (request): ModesResponse => {
      const { grants } = callerOf(request);
      const seen = modes.all().filter(({ areas }) => seesOrder(grants, areas));
      return { modes: seen.map((order) => viewOf(parts, order)) };
    },
  );

  app.post<{ Body: ModeOrderRequest }>(
    '/api/modes',
    {
      ...access('set-fleet-mode'),
      schema: { tags, summary: 'Order a mode for areas, until an instant', body: modeBody },
    },
    (request, reply) => {
      const { areas, cause, ...rest } = request.body;
      const right = rightTo(callerOf(request).grants, areas);
      if (!right.ok) return refuse(reply, right);
      const ordered = modes.order({ ...rest, areas, cause: cause.trim(), ...actingOf(request) });
      return ordered.ok ? reply.code(201).send(viewOf(parts, ordered.value)) : refuse(reply, ordered);
    },
  );

  app.delete<{ Params: { id: string } }>(
    '/api/modes/:id',
    {
      ...access('set-fleet-mode'),
      schema: { tags, summary: 'End a mode before its time', params: idParams },
    },
    (request, reply) => {
      const { id } = request.params;
      const { grants } = callerOf(request);
      const order = modes.all().find((each) => each.id === id);
      if (order === undefined || !seesOrder(grants, order.areas))
        return refuse(reply, { reason: 'not-found', say: `There is no order of a mode ${id.slice(0, 64)}.` });
      const right = rightTo(grants, order.areas);
      if (!right.ok) return refuse(reply, right);
      const ended = modes.end(id, actingOf(request));
      return ended.ok ? reply.send(viewOf(parts, ended.value)) : refuse(reply, ended);
    },
  );
}

function rightTo(grants: readonly Grant[], areas: FleetModeOrder['areas']): ReturnType<typeof mayIn> {
  if (areas === 'all') return mayEverywhere(grants, 'set-fleet-mode');
  const verdicts = areas.map((area) => mayIn(grants, 'set-fleet-mode', area));
  return verdicts.find(({ ok }) => !ok) ?? { ok: true };
}

/** What holds everywhere holds in each area, too. */
function seesOrder(grants: readonly Grant[], areas: FleetModeOrder['areas']): boolean {
  return areas === 'all' || seesAll(grants) || areas.some((area) => sees(grants, area));
}

function viewOf(parts: ApiParts, order: FleetModeOrder): ModeOrderView {
  if (order.ended !== undefined) return { ...order, state: 'ended' };
  if (order.untilMs <= parts.now()) return { ...order, state: 'over' };
  const covered = [...parts.fleet.gateways()].filter(({ gatewayId, birth }) => {
    const area = gatewayArea(parts, gatewayId);
    return birth !== undefined && (order.areas === 'all' || (area !== undefined && order.areas.includes(area)));
  });
  const told = covered.filter(({ gatewayId, birth }) => parts.modes.state(gatewayId, birth) === 'told');
  return { ...order, state: 'in-force', gateways: { covered: covered.length, told: told.length } };
}
