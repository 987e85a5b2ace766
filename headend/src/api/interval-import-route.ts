import type { FastifyInstance } from 'fastify';
import { importIntervalsAside } from '../mdw/files/import-aside.ts';
import type { IntervalImported as Outcome } from '../mdw/files/import-intervals.ts';
import { access, actingOf } from './access.ts';
import { refuse } from './errors.ts';
import type { IntervalsImported } from './interval-contract.ts';
import { meterText } from './interval-routes.ts';
import type { ApiParts } from './parts.ts';

const maxFileBytes = 16 * 1024 * 1024;
const toldFindings = 200;
const yes = { type: 'string', enum: ['true', 'false'], default: 'false' } as const;
const importQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    meter: meterText,
    timeZone: { type: 'string', minLength: 1, maxLength: 60 },
    newMeters: yes,
    acceptErrors: yes,
    dryRun: yes,
    localAsUtc: yes,
  },
} as const;
type ImportQuery = { meter?: string; timeZone?: string } & Record<
  'newMeters' | 'acceptErrors' | 'dryRun' | 'localAsUtc',
  'true' | 'false'
>;

/** Files of customers whose meters are not ours. What is longer than this takes goes by `headend mdw import`. */
export function intervalImportRoute(app: FastifyInstance, { warehouse, store, timeZone: own, now }: ApiParts): void {
  app.addContentTypeParser(
    ['application/atom+xml', 'application/xml', 'text/xml'],
    { parseAs: 'string', bodyLimit: maxFileBytes },
    (_request, body, done) => done(null, body),
  );

  // Each takes memory and a processor: one at a time.
  let isImporting = false;
  app.post<{ Body: unknown; Querystring: ImportQuery }>(
    '/api/intervals/imports',
    {
      ...access('edit-intervals', { everywhere: true }),
      bodyLimit: maxFileBytes,
      schema: {
        tags: ['intervals'],
        summary: 'Take intervals of a file over: CSV or Green Button, all of it or nothing',
        querystring: importQuery,
        consumes: ['text/csv', 'application/atom+xml'],
      },
    },
    async (request, reply) => {
      if (typeof request.body !== 'string') return refuse(reply, noFile);
      const { meter, timeZone = own, ...wish } = request.query;
      if (!isTimeZone(timeZone))
        return refuse(reply, { reason: 'invalid', say: `${timeZone} is no time zone.`, path: 'querystring.timeZone' });
      const { operator: who, identity } = actingOf(request);
      let unrecorded: { reason: 'not-recorded'; say: string } | undefined;
      if (isImporting) return refuse(reply, underWay);
      isImporting = true;
      const told = await importIntervalsAside(warehouse.ask.bind(warehouse), {
        file: 'the file',
        text: request.body,
        reading: { timeZone, ...(meter === undefined ? {} : { meter }), isLocalAsUtc: wish.localAsUtc === 'true' },
        newMeters: wish.newMeters === 'true',
        acceptErrors: wish.acceptErrors === 'true',
        dryRun: wish.dryRun === 'true',
        readAtMs: now(),
        nowMs: now(),
        record: async (say) => {
          const entry = { atMs: now(), who, identity, action: 'intervals-imported', say } as const;
          const noted = store.operations.appendAudit(entry);
          if (!noted.ok) unrecorded = noted;
          return await Promise.resolve(noted);
        },
      })
        .catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
        .finally(() => (isImporting = false));
      if (typeof told === 'string') return refuse(reply, { reason: 'invalid', say: `Not imported: ${told}.` });
      const done = told;
      if (unrecorded !== undefined) return refuse(reply, unrecorded);
      if (done.ok) return reply.send(viewOf(done));
      const faults = done.findings
        .filter(({ severity }) => severity === 'error')
        .slice(0, toldFindings)
        .map(({ place, say }) => ({ line: place?.line ?? 1, say }));
      const [first] = faults;
      const where = first === undefined ? '' : ` Line ${first.line}: ${first.say}.`;
      return refuse(reply, { reason: 'invalid', say: `${done.say}.${where}`, faults });
    },
  );
}

function viewOf({ say, landed, same, meters, findings }: Outcome): IntervalsImported {
  return {
    say,
    landed,
    same,
    meters,
    findings: findings.slice(0, toldFindings).map(({ severity, place, say: what }) => ({
      severity,
      ...(place === undefined ? {} : { line: place.line }),
      say: what,
    })),
  };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const underWay = { reason: 'busy', say: 'Another file is being imported: try again when that is done.' } as const;
const noFile = {
  reason: 'invalid',
  say: 'Send the file itself, with content-type: text/csv or application/atom+xml.',
} as const;
