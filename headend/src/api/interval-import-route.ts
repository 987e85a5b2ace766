import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { importIntervalsAside } from '../mdw/files/import-aside.ts';
import { access, actingOf } from './access.ts';
import { refuse } from './errors.ts';
import { fileName, maxFileBytes, refuseFile, unnamed, viewsOf, yes } from './file-findings.ts';
import type { ImportsResponse, IntervalsImported } from './interval-contract.ts';
import { FileImports } from './file-imports.ts';
import { parquetType } from './interval-download-route.ts';
import { meterText } from './interval-routes.ts';
import type { ApiParts } from './parts.ts';

const importQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    file: fileName,
    meter: meterText,
    timeZone: { type: 'string', minLength: 1, maxLength: 60 },
    newMeters: yes,
    acceptErrors: yes,
    replaceMeasured: yes,
    dryRun: yes,
    localAsUtc: yes,
  },
} as const;
type ImportQuery = { file?: string; meter?: string; timeZone?: string } & Record<
  'newMeters' | 'acceptErrors' | 'replaceMeasured' | 'dryRun' | 'localAsUtc',
  'true' | 'false'
>;

type Import = { Body: unknown; Querystring: ImportQuery };

/** Files of customers whose meters are not ours. What is longer than this takes goes by `headend mdw import`. */
export function intervalImportRoute(app: FastifyInstance, parts: ApiParts): void {
  app.addContentTypeParser(
    ['application/atom+xml', 'application/xml', 'text/xml'],
    { parseAs: 'string', bodyLimit: maxFileBytes },
    (_request, body, done) => done(null, body),
  );

  const imports = new FileImports(parts.now);
  app.get(
    '/api/intervals/imports',
    {
      ...access('see', { everywhere: true }),
      schema: { tags: ['intervals'], summary: 'Imports of files since the start: how far, and what became of them' },
    },
    (): ImportsResponse => ({ imports: imports.views() }),
  );

  // Within: no other route takes bytes.
  void app.register((within, _options, ready) => {
    within.addContentTypeParser(parquetType, { parseAs: 'buffer', bodyLimit: maxFileBytes }, (_request, body, done) =>
      done(null, body),
    );
    within.post<Import>(
      '/api/intervals/imports',
      {
        ...access('edit-intervals', { everywhere: true }),
        bodyLimit: maxFileBytes,
        schema: {
          tags: ['intervals'],
          summary: 'Take intervals of a file over: CSV, Green Button or Parquet, all of it or nothing',
          querystring: importQuery,
          consumes: ['text/csv', 'application/atom+xml', parquetType],
        },
      },
      async (request, reply) => await taken(parts, imports, request, reply),
    );
    ready();
  });
}

async function taken(
  { warehouse, store, timeZone: own, now }: ApiParts,
  imports: FileImports,
  request: FastifyRequest<Import>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { body: content } = request;
  if (typeof content !== 'string' && !Buffer.isBuffer(content)) return refuse(reply, noFile);
  const { file = unnamed, meter, timeZone = own, ...wish } = request.query;
  if (!isTimeZone(timeZone))
    return refuse(reply, { reason: 'invalid', say: `${timeZone} is no time zone.`, path: 'querystring.timeZone' });
  const { operator: who, identity } = actingOf(request);
  let unrecorded: { reason: 'not-recorded'; say: string } | undefined;
  if (imports.isBusy) return refuse(reply, underWay);
  const id = imports.begin({ file, who, dryRun: wish.dryRun === 'true' });
  const told = await importIntervalsAside(warehouse.ask.bind(warehouse), {
    file,
    content,
    reading: { timeZone, ...(meter === undefined ? {} : { meter }), isLocalAsUtc: wish.localAsUtc === 'true' },
    newMeters: wish.newMeters === 'true',
    acceptErrors: wish.acceptErrors === 'true',
    replaceMeasured: wish.replaceMeasured === 'true',
    dryRun: wish.dryRun === 'true',
    readAtMs: now(),
    nowMs: now(),
    progress: (at) => imports.progress(id, at),
    record: async (say) => {
      const entry = { atMs: now(), who, identity, action: 'intervals-imported', say } as const;
      const noted = store.operations.appendAudit(entry);
      if (!noted.ok) unrecorded = noted;
      return await Promise.resolve(noted);
    },
  }).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  if (typeof told === 'string') {
    const say = `Not imported: ${told}.`;
    imports.end(id, { ok: false, say });
    return refuse(reply, { reason: 'invalid', say });
  }
  imports.end(id, told);
  if (unrecorded !== undefined) return refuse(reply, unrecorded);
  const places = { rows: Buffer.isBuffer(content) };
  if (!told.ok) return refuseFile(reply, told, places);
  const { say, landed, same, meters, findings } = told;
  return reply.send({ say, landed, same, meters, findings: viewsOf(findings, places) } satisfies IntervalsImported);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const noFile = {
  reason: 'invalid',
  say: `Send the file itself, with content-type: text/csv, application/atom+xml or ${parquetType}.`,
} as const;
const underWay = { reason: 'busy', say: 'Another file is being imported: try again when that is done.' } as const;
