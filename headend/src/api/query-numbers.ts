import type { FastifyInstance } from 'fastify';

type QuerySchema = { properties?: Readonly<Record<string, { type?: string }>> };

/**
 * A query is text: what its schema calls an integer is read as one before the check. Bodies are checked as they came, for there a
 * number that is not written as one is a mistake of the sender, and a `null` taken for 0 would be a command.
 */
export function readQueryNumbers(app: FastifyInstance): void {
  app.addHook('preValidation', async ({ query, routeOptions }) => {
    const { properties = {} } = (routeOptions.schema?.querystring ?? {}) as QuerySchema;
    const values = query as Record<string, unknown>;
    for (const [name, { type }] of Object.entries(properties)) {
      const text = values[name];
      if (type === 'integer' && typeof text === 'string' && /^-?\d+$/.test(text)) values[name] = Number(text);
    }
  });
}
