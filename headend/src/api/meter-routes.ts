import type { FastifyInstance } from 'fastify';
import { findMeters } from '../mdw/import-requests.ts';
import { warehouseStatus } from '../mdw/transfer-requests.ts';
import type { NetworkView } from '../network/connectivity/network-view.ts';
import type { UsagePoint } from '../network/model/network.ts';
import { metersOfPlace } from '../network/place-meters.ts';
import { access } from './access.ts';
import { refuse } from './errors.ts';
import type { MeterFound, MetersResponse, WarehouseStatusResponse } from './interval-contract.ts';
import type { ApiParts } from './parts.ts';

const tags = ['intervals'];
const meterQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    search: { type: 'string', minLength: 1, maxLength: 200 },
    transformer: { type: 'string', minLength: 1, maxLength: 200 },
    limit: { type: 'integer', minimum: 1, maximum: 200, default: 20 },
  },
} as const;

/** Which meters there are, by number, service point or customer, and what the warehouse holds. */
export function meterRoutes(app: FastifyInstance, { warehouse, network, now }: ApiParts): void {
  const see = access('see', { everywhere: true });
  app.get<{ Querystring: { search?: string; transformer?: string; limit: number } }>(
    '/api/intervals/meters',
    {
      ...see,
      schema: {
        tags,
        summary: 'Meters by number, service point or customer, or of a transformer as it is fed now',
        querystring: meterQuery,
      },
    },
    async (request, reply) => {
      const { search, transformer, limit } = request.query;
      const view = network.at(now());
      if (transformer !== undefined) {
        const points = metersOfPlace(view, 'transformer', transformer)?.usagePoints ?? [];
        const meters = points.slice(0, limit).map((point) => foundOf(view, point));
        return reply.send({ meters, more: points.length > limit } satisfies MetersResponse);
      }
      if (search === undefined)
        return refuse(reply, { reason: 'invalid', say: 'Say search, or transformer.', path: 'querystring.search' });
      const drawn = pointsLike(view, search, limit + 1).map((point) => foundOf(view, point));
      const known = await warehouse.ask(findMeters, { search, limit: limit + 1 });
      if (!known.ok) return refuse(reply, known);
      const names = new Set(drawn.map(({ meter }) => meter));
      // Meters of no service point: behind a gateway whose place nobody has entered, or of a file.
      const others = known.value.filter((name) => !names.has(name)).map((meter): MeterFound => ({ meter }));
      const all = [...drawn, ...others];
      return reply.send({ meters: all.slice(0, limit), more: all.length > limit } satisfies MetersResponse);
    },
  );

  app.get(
    '/api/intervals/status',
    { ...see, schema: { tags, summary: 'What the warehouse holds, and for how long' } },
    async (_request, reply) => {
      const found = await warehouse.ask(warehouseStatus, {});
      return found.ok ? reply.send(found.value satisfies WarehouseStatusResponse) : refuse(reply, found);
    },
  );
}

function pointsLike({ network: { usagePoints, customers } }: NetworkView, search: string, limit: number): UsagePoint[] {
  const asked = search.toLowerCase();
  const found: UsagePoint[] = [];
  for (const point of usagePoints.values()) {
    if (found.length >= limit) break;
    const customer = customers.get(point.customer ?? '');
    const names = [point.meter, point.id, point.name, customer?.id, customer?.name];
    if (names.some((name) => name?.toLowerCase().includes(asked) === true)) found.push(point);
  }
  return found;
}

function foundOf(view: NetworkView, point: UsagePoint): MeterFound {
  const customer = view.network.customers.get(point.customer ?? '');
  const { transformer, circuit } = view.feedOf(point.id) ?? {};
  return {
    meter: point.meter ?? point.id,
    servicePoint: point.name,
    ...(customer === undefined ? {} : { customer: customer.name }),
    ...(customer?.customerKind === undefined ? {} : { customerKind: customer.customerKind }),
    ...(transformer === undefined ? {} : { transformer }),
    ...(circuit === undefined ? {} : { circuit }),
  };
}
