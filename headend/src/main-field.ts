import { readFileSync } from 'node:fs';
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { nothingAt, refuse, uniformErrors } from './api/errors.ts';
import { fieldRoutes } from './api/field-routes.ts';
import type { ApiParts } from './api/parts.ts';
import { readQueryNumbers } from './api/query-numbers.ts';
import { setSecurityHeaders } from './api/security-headers.ts';
import type { Settings } from './main-settings.ts';

export type FieldServer = { readonly url: string; stop(): Promise<void> };

/** The server for gateways and technicians alone, where the settings want one. Throws an Error for people where it cannot listen. */
export async function startFieldServer(
  { field }: Pick<Settings, 'field'>,
  parts: ApiParts,
  onFault: (error: unknown, url: string) => void,
): Promise<FieldServer | undefined> {
  if (field === undefined) return undefined;
  const { host, port, certFile, keyFile } = field;
  const https =
    certFile === undefined || keyFile === undefined
      ? undefined
      : { cert: readPem('certFile', certFile), key: readPem('keyFile', keyFile) };
  const options = {
    bodyLimit: 16 * 1024,
    forceCloseConnections: true,
    // A report with photographs, over a line of 2 Mbit/s.
    requestTimeout: 150_000,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: true } },
  } as const;
  const app = (https === undefined ? fastify(options) : fastify({ ...options, https })) as unknown as FastifyInstance;
  setSecurityHeaders(app);
  readQueryNumbers(app);
  uniformErrors(app, onFault);
  fieldRoutes(app, parts);
  app.setNotFoundHandler((request, reply) => refuse(reply, nothingAt(request)));
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(`field ${host}:${port} is taken by another program: stop it, or choose another field.port`, {
      cause: error,
    });
  }
  const address = app.server.address();
  const bound = typeof address === 'object' ? (address?.port ?? port) : port;
  const shown = host === '0.0.0.0' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return { url: `${https === undefined ? 'http' : 'https'}://${shown}:${bound}`, stop: async () => await app.close() };
}

function readPem(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`field.${setting} ${file} cannot be read: ${text}`, { cause: error });
  }
}
