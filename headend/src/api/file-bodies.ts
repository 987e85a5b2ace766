import type { FastifySchema } from 'fastify';

type Told = FastifySchema & { readonly consumes?: readonly string[] };

const file = { type: 'string', format: 'binary' } as const;
const files = { type: 'object', additionalProperties: file } as const;

/** For the document alone: the body of a route that takes files, which `consumes` tells the kinds of, and which no schema checks. */
export function withFileBody<Schema extends Told>(schema: Schema): Schema {
  const { consumes, body } = schema;
  if (consumes === undefined || body !== undefined) return schema;
  return { ...schema, body: consumes.includes('multipart/form-data') ? files : file };
}
