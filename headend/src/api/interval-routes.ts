import type { Result } from '@tiepoint/protocol';
import type { FastifyInstance } from 'fastify';
import { completenessOf, findGaps } from '../mdw/completeness-requests.ts';
import type { Coverage, GapKind, MeterGroup, Span } from '../mdw/completeness-requests.ts';
import { replacedIntervals } from '../mdw/edit-requests.ts';
import { localDays } from '../mdw/local-days.ts';
import { instantOf } from '../mdw/local-instant.ts';
import { meterIntervals } from '../mdw/requests.ts';
import type { MeterInterval } from '../mdw/requests.ts';
import { marksOf } from '../mdw/vee-rules.ts';
import { metersOfPlace } from '../network/place-meters.ts';
import { access } from './access.ts';
import type { ErrorBody } from './contract.ts';
import { refuse } from './errors.ts';
import type { CompletenessResponse, GapsResponse, IntervalsResponse, IntervalView } from './interval-contract.ts';
import type { ApiParts } from './parts.ts';

const tags = ['intervals'];
const longestDays = 62;
const longestOfMeterDays = 400;
/** Days of millions of meters are looked through. */
const withinMs = 600_000;

export const meterText = { type: 'string', minLength: 1, maxLength: 200 } as const;
export const timeText = {
  type: 'string',
  minLength: 10,
  maxLength: 40,
  description: '2026-03-31, local time 2026-03-31T06:30, or 2026-03-31T06:30-07:00',
} as const;

const ofMeterQuery = {
  type: 'object',
  required: ['meter', 'from', 'to'],
  additionalProperties: false,
  properties: { meter: meterText, from: timeText, to: timeText },
} as const;
const completenessQuery = {
  type: 'object',
  required: ['from', 'to'],
  additionalProperties: false,
  properties: {
    from: timeText,
    to: timeText,
    by: { type: 'string', enum: ['day', 'circuit', 'transformer'] },
    worst: { type: 'integer', minimum: 0, maximum: 10_000, default: 20 },
  },
} as const;
const gapsQuery = {
  type: 'object',
  required: ['from', 'to'],
  additionalProperties: false,
  properties: {
    from: timeText,
    to: timeText,
    kind: { type: 'string', enum: ['unread', 'unmeasured', 'unknown'], default: 'unmeasured' },
    meter: meterText,
    afterMeter: { type: 'integer', minimum: 0, maximum: 4_294_967_295 },
    limit: { type: 'integer', minimum: 1, maximum: 100_000, default: 1_000 },
  },
} as const;

type Times = { from: string; to: string };
type OfMeter = { Querystring: Times & { meter: string } };
type CompletenessQuery = Times & { by?: 'day' | 'circuit' | 'transformer'; worst: number };
type GapsQuery = Times & { kind: GapKind; meter?: string; afterMeter?: number; limit: number };

/** What meters counted, with what is known of each value, and what lacks. It goes through all areas. */
export function intervalRoutes(app: FastifyInstance, parts: ApiParts): void {
  const { warehouse, timeZone } = parts;
  const all = access('see', { everywhere: true });

  app.get<OfMeter>(
    '/api/intervals',
    { ...all, schema: { tags, summary: 'Intervals of a meter, with source and marks', querystring: ofMeterQuery } },
    async (request, reply) => {
      const { meter, ...times } = request.query;
      const span = spanOf(timeZone, times, longestOfMeterDays);
      if (!span.ok) return refuse(reply, span);
      const found = await warehouse.ask(meterIntervals, { meter, ...span.value });
      if (!found.ok) return refuse(reply, found);
      if (found.value === undefined)
        return refuse(reply, { reason: 'not-found', say: `The warehouse knows no meter ${meter.slice(0, 130)}.` });
      const told = { meter, timeZone, ...span.value, intervals: found.value.map(viewOf) };
      return reply.send(told satisfies IntervalsResponse);
    },
  );

  app.get<OfMeter>(
    '/api/intervals/replaced',
    { ...all, schema: { tags, summary: 'Values that gave way to those that stand', querystring: ofMeterQuery } },
    async (request, reply) => {
      const { meter, ...times } = request.query;
      const span = spanOf(timeZone, times, longestOfMeterDays);
      if (!span.ok) return refuse(reply, span);
      const found = await warehouse.ask(replacedIntervals, { meter, ...span.value });
      if (!found.ok) return refuse(reply, found);
      const told = { meter, timeZone, ...span.value, intervals: found.value.map(viewOf) };
      return reply.send(told satisfies IntervalsResponse);
    },
  );

  app.get<{ Querystring: GapsQuery }>(
    '/api/intervals/gaps',
    { ...all, schema: { tags, summary: 'Times of meters of which something lacks', querystring: gapsQuery } },
    async (request, reply) => {
      const { from, to, meter, ...asked } = request.query;
      const span = spanOf(timeZone, { from, to });
      if (!span.ok) return refuse(reply, span);
      const named = meter === undefined ? {} : { meters: [meter] };
      const found = await warehouse.ask(findGaps, { ...asked, ...named, ...span.value }, { withinMs });
      return found.ok ? reply.send(found.value satisfies GapsResponse) : refuse(reply, found);
    },
  );

  completenessRoute(app, parts);
}

function completenessRoute(app: FastifyInstance, parts: ApiParts): void {
  const { warehouse, timeZone } = parts;
  app.get<{ Querystring: CompletenessQuery }>(
    '/api/intervals/completeness',
    {
      ...access('see', { everywhere: true }),
      schema: { tags, summary: 'How much is measured: by day, circuit or transformer', querystring: completenessQuery },
    },
    async (request, reply) => {
      const { by, worst } = request.query;
      const span = spanOf(timeZone, request.query, longestDays);
      if (!span.ok) return refuse(reply, span);
      const places = by === undefined || by === 'day' ? [] : placesOf(parts, by, span.value.toS);
      const groups = places.map(({ id, meters }): MeterGroup => ({ name: id, meters }));
      const found = await warehouse.ask(completenessOf, { ...span.value, worst, groups }, { withinMs });
      if (!found.ok) return refuse(reply, found);
      const { all, worst: least } = found.value;
      const told = { timeZone, all, worst: least };
      if (by === undefined) return reply.send(told satisfies CompletenessResponse);
      if (by !== 'day') {
        const rows = found.value.groups.map(({ name: id, ...coverage }, place) => ({
          id,
          title: places[place]?.title ?? id,
          ...coverage,
        }));
        return reply.send({ ...told, by: rows } satisfies CompletenessResponse);
      }
      const days = await byDay(parts, span.value);
      if (!days.ok) return refuse(reply, days);
      return reply.send({ ...told, by: days.value } satisfies CompletenessResponse);
    },
  );
}

async function byDay(
  { warehouse, timeZone }: ApiParts,
  { fromS, toS }: Span,
): Promise<Result<(Coverage & { readonly id: string; readonly title: string })[]>> {
  const days: (Coverage & { readonly id: string; readonly title: string })[] = [];
  for (const { day, ...of } of localDays(timeZone, fromS, toS)) {
    const within = { fromS: Math.max(of.fromS, fromS), toS: Math.min(of.toS, toS) };
    const each = await warehouse.ask(completenessOf, within, { withinMs });
    if (!each.ok) return each;
    days.push({ id: day, title: day, ...each.value.all });
  }
  return { ok: true, value: days };
}

type Failure = { readonly ok: false } & ErrorBody['error'];

export function spanOf(
  timeZone: string,
  { from, to }: Times,
  mostDays = Infinity,
): { readonly ok: true; readonly value: Span } | Failure {
  const [first, end] = [instantOf(timeZone, from), instantOf(timeZone, to)];
  if (!first.ok) return { ok: false, reason: 'invalid', say: `from: ${first.say}.`, path: 'querystring.from' };
  if (!end.ok) return { ok: false, reason: 'invalid', say: `to: ${end.say}.`, path: 'querystring.to' };
  if (first.value < 0 || end.value > 0xffff_ffff || end.value <= first.value)
    return {
      ok: false,
      reason: 'invalid',
      say: 'to is after from; both lie between 1970 and 2106.',
      path: 'querystring.to',
    };
  if (end.value - first.value > mostDays * 86_400)
    return { ok: false, reason: 'invalid', say: `More than ${mostDays} days: ask in parts.`, path: 'querystring.to' };
  return { ok: true, value: { fromS: first.value, toS: end.value } };
}

/** Of the network as it is at the end of the time. A service point without a number of a meter is kept under its own name. */
function placesOf(
  { network }: ApiParts,
  by: 'circuit' | 'transformer',
  atS: number,
): readonly { readonly id: string; readonly title: string; readonly meters: readonly string[] }[] {
  const view = network.at(atS * 1_000);
  const { circuits, equipment } = view.network;
  const ids =
    by === 'circuit'
      ? [...circuits.keys()]
      : [...equipment.values()].flatMap(({ kind, id }) => (kind === 'PowerTransformer' ? [id] : []));
  return ids.flatMap((id) => {
    const place = metersOfPlace(view, by, id);
    if (place === undefined || place.usagePoints.length === 0) return [];
    return [{ id, title: place.title, meters: place.usagePoints.map((point) => point.meter ?? point.id) }];
  });
}

export function viewOf({ flags, ...interval }: MeterInterval): IntervalView {
  return { ...interval, ...marksOf(flags) };
}
