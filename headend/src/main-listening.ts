import type { FastifyInstance } from 'fastify';
import type { Settings } from './main-settings.ts';

/** By which names browsers may call a server that listens on this machine alone; elsewhere by any. */
export function hostNames(host: string): { hostNames?: readonly string[] } {
  const loopback = ['127.0.0.1', '::1', 'localhost'];
  return loopback.includes(host) ? { hostNames: [...loopback, '[::1]'] } : {};
}

/** Where it listens, as others write it. */
export function httpsUrl(app: FastifyInstance, host: string): string {
  const address = app.server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** What went wrong at the start, for people. */
export function listenFault(error: unknown, { https }: Settings): Error {
  const fault = error as NodeJS.ErrnoException;
  if (fault.code === 'EADDRINUSE' && fault.syscall === 'listen') {
    return new Error(
      `https ${https.host}:${https.port} is taken by another program: stop it, or choose another with --https-port`,
      { cause: error },
    );
  }
  return error instanceof Error ? error : new Error(String(error));
}
