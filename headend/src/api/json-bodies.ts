import type { FastifyInstance } from 'fastify';

/** Of any body, and of JSON also where a route takes files of many megabytes: read as JSON, those would keep everybody waiting for seconds. */
export const maxBodyBytes = 256 * 1024;

export function boundedJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (body.length > maxBodyBytes)
      done(Object.assign(new Error(`JSON here has at most ${maxBodyBytes / 1024} KiB`), { statusCode: 413 }));
    else void parse(request, body.toString(), done);
  });
}
