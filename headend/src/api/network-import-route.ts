import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { importNetworkAside } from '../network/importing/import-aside.ts';
import type { RecordedEdit } from '../network/importing/import-network.ts';
import { access, actingOf } from './access.ts';
import { refuse } from './errors.ts';
import { fileName, refuseFile, viewsOf, yes } from './file-findings.ts';
import { FileImports } from './file-imports.ts';
import type { ImportsResponse } from './interval-contract.ts';
import type { NetworkImportResponse } from './network-contract.ts';
import { instant } from './network-routes.ts';
import type { ApiParts } from './parts.ts';

const tags = ['network'];
/** Of all files together. What is longer goes by `headend network import`. */
const maxFormBytes = 64 * 1024 * 1024;
const form = 'multipart/form-data';
const several = { files: true } as const;

const importQuery = {
  type: 'object',
  additionalProperties: false,
  properties: { file: fileName, atMs: instant, dryRun: yes, acceptErrors: yes },
} as const;
type Import = {
  Body: unknown;
  Querystring: { file?: string; atMs?: number } & Record<'dryRun' | 'acceptErrors', 'true' | 'false'>;
};

/** A network of files, looked through first, then taken whole or not at all. */
export function networkImportRoute(app: FastifyInstance, parts: ApiParts): void {
  const imports = new FileImports(parts.now);
  let isReceiving = false;
  app.get(
    '/api/network/imports',
    {
      ...access('see', { everywhere: true }),
      schema: { tags, summary: 'Imports of networks since the start: how far, and what became of them' },
    },
    (): ImportsResponse => ({ imports: imports.views() }),
  );

  // Within: no other route takes forms, nor keeps as much in memory.
  void app.register((within, _options, ready) => {
    within.addContentTypeParser(form, { parseAs: 'buffer', bodyLimit: maxFormBytes }, (_request, body, done) =>
      done(null, body),
    );
    within.post<Import>(
      '/api/network/imports',
      {
        ...access('edit-network', { everywhere: true }),
        bodyLimit: maxFormBytes,
        // Before the files are there: they are kept in memory, those of one form.
        onRequest: async (_request, reply) => {
          if (imports.isBusy || isReceiving) {
            await refuse(reply, underWay);
            return;
          }
          isReceiving = true;
          reply.raw.once('close', () => (isReceiving = false));
        },
        schema: {
          tags,
          summary: 'Take a network over, OpenDSS or CIM with tables of customers and meters: all of it or nothing',
          querystring: importQuery,
          consumes: [form],
        },
      },
      async (request, reply) => await taken(parts, imports, request, reply),
    );
    ready();
  });
}

async function taken(
  { network, operationsFile: database, now }: ApiParts,
  imports: FileImports,
  request: FastifyRequest<Import>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { body, query } = request;
  if (!Buffer.isBuffer(body)) return refuse(reply, noForm);
  if (imports.isBusy) return refuse(reply, underWay);
  const { operator: who, identity } = actingOf(request);
  const { file = 'the network', atMs = now() } = query;
  const wish = { dryRun: query.dryRun === 'true', acceptErrors: query.acceptErrors === 'true' };
  const { revision } = network;
  let recorded: string | undefined;
  let unrecorded: { reason: 'not-recorded' | 'conflict'; say: string } | undefined;
  const record = ({ changes, cause, say }: RecordedEdit): { ok: true } | { ok: false; say: string } => {
    // What differs was reckoned from the network as it was then.
    if (network.revision !== revision) return { ok: false, say: (unrecorded = changedMeanwhile).say };
    const nowMs = now();
    const audit = { atMs: nowMs, who, identity, action: 'network-edited', subject: 'network', say } as const;
    const noted = network.recordEdit({ changes, atMs }, { recordedAtMs: nowMs, who, cause }, audit);
    if (noted.ok) recorded = say;
    else unrecorded = noted;
    return noted;
  };
  const id = imports.begin({ file, who, dryRun: wish.dryRun });
  const told = await importNetworkAside({
    ...wish,
    body: new Uint8Array(body),
    contentType: request.headers['content-type'] ?? '',
    database,
    atMs,
    progress: (at) => imports.progress(id, at),
    record: async (edit) => await Promise.resolve(record(edit)),
  }).catch((error: unknown) => {
    // What is recorded is, whatever became of its process after that.
    if (recorded !== undefined) return { ok: true, say: recorded, findings: [] };
    return error instanceof Error ? error.message : String(error);
  });
  if (typeof told === 'string') {
    const say = `Not imported: ${told}.`;
    imports.end(id, { ok: false, say });
    return refuse(reply, { reason: 'invalid', say });
  }
  imports.end(id, told);
  if (unrecorded !== undefined) return refuse(reply, unrecorded);
  if (!told.ok) return refuseFile(reply, told, several);
  return reply.send({
    say: told.say,
    findings: viewsOf(told.findings, several),
  } satisfies NetworkImportResponse);
}

const noForm = {
  reason: 'invalid',
  say: 'Send the files as a form, with content-type: multipart/form-data; the script or CIM file as its part network.',
} as const;
const underWay = { reason: 'busy', say: 'Another network is being imported: try again when that is done.' } as const;
const changedMeanwhile = {
  reason: 'conflict',
  say: 'Nothing is recorded: the network was changed while the files were read. Import them again.',
} as const;
