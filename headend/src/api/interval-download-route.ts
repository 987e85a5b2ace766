import { open, rm } from 'node:fs/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { knownMeters } from '../mdw/import-requests.ts';
import { writeDownload } from '../mdw/transfer-requests.ts';
import { access, callerOf } from './access.ts';
import { refuse } from './errors.ts';
import { meterText, spanOf, timeText } from './interval-routes.ts';
import type { ApiParts } from './parts.ts';

const longestDays = 31;
const withinMs = 600_000;
/** Each is a file on the disk until it is read to its end, so there are few, and nobody has all of them or takes for ever. */
const mostAtOnce = 4;
const mostOfOne = 2;
const readWithinMs = 1_800_000;

export const parquetType = 'application/vnd.apache.parquet';

const downloadQuery = {
  type: 'object',
  required: ['from', 'to'],
  additionalProperties: false,
  properties: { from: timeText, to: timeText, meter: meterText },
} as const;
type Download = { Querystring: { from: string; to: string; meter?: string } };

/** What stands as one file of Parquet, for programs that reckon with it. It goes through all areas. */
export function intervalDownloadRoute(app: FastifyInstance, parts: ApiParts): void {
  const readers: string[] = [];
  app.get<Download>(
    '/api/exports/intervals.parquet',
    {
      ...access('see', { everywhere: true }),
      schema: {
        tags: ['intervals'],
        summary: `Intervals of all meters, or of one, as Parquet: ${longestDays} days at most`,
        querystring: downloadQuery,
        produces: [parquetType],
      },
    },
    async (request, reply) => {
      const { operator } = callerOf(request);
      const ofOne = readers.filter((each) => each === operator).length;
      if (readers.length >= mostAtOnce || ofOne >= mostOfOne) return refuse(reply, otherDownloads);
      readers.push(operator);
      const late = setTimeout(() => reply.raw.destroy(), withinMs + readWithinMs).unref();
      reply.raw.once('close', () => {
        clearTimeout(late);
        readers.splice(readers.indexOf(operator), 1);
      });
      return await sent(parts, request, reply);
    },
  );
}

async function sent(
  { warehouse, timeZone }: ApiParts,
  request: FastifyRequest<Download>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { meter, from, to } = request.query;
  const span = spanOf(timeZone, { from, to }, longestDays);
  if (!span.ok) return refuse(reply, span);
  const meters = meter === undefined ? [] : [meter];
  const known = await warehouse.ask(knownMeters, { names: meters });
  if (!known.ok) return refuse(reply, known);
  if (known.value.length < meters.length)
    return refuse(reply, { reason: 'not-found', say: `The warehouse knows no meter ${meter?.slice(0, 130)}.` });
  const asked = { ...span.value, ...(meter === undefined ? {} : { meters }) };
  const made = await warehouse.ask(writeDownload, asked, { withinMs });
  if (!made.ok) return refuse(reply, made);
  if (made.value === undefined)
    return refuse(reply, { reason: 'not-found', say: 'No interval is known of this time.' });
  const { path, bytes } = made.value;
  const file = await open(path).catch(() => undefined);
  if (file === undefined)
    return refuse(reply, { reason: 'interrupted', say: 'The warehouse was started again meanwhile: ask once more.' });
  // What is open is there until it is closed, whatever becomes of this process.
  await rm(path, { force: true });
  if (reply.raw.destroyed) {
    await file.close();
    return reply;
  }
  return reply
    .type(parquetType)
    .header('content-length', bytes)
    .header('content-disposition', `attachment; filename="${fileName(span.value)}"`)
    .send(file.createReadStream());
}

/** By UTC, as what is in it. */
const fileName = ({ fromS, toS }: { readonly fromS: number; readonly toS: number }): string =>
  `intervals-${[fromS, toS].map((atS) => new Date(atS * 1_000).toISOString().slice(0, 16).replaceAll(/[-:]/g, '')).join('-')}Z.parquet`;

const otherDownloads = {
  reason: 'busy',
  say: `Downloads under way: ${mostAtOnce} at once, and ${mostOfOne} of one account. Try again when one is done.`,
} as const;
