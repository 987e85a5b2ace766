import { createServer } from 'node:net';

/** Whether a program may listen on this port of the loopback address now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve(true)));
  });
}

/**
 * The port to ask for: the one named, else the usual one, else 0 (a free one) where the usual one is taken. A named port that is
 * taken is a failure.
 */
export async function portFor(
  named: number | undefined,
  usual: number,
  option: string,
  /** Given to other parts already. */
  given: readonly (number | undefined)[],
): Promise<{ ok: true; port: number; insteadOf?: number } | { ok: false; say: string }> {
  if (named === 0) return { ok: true, port: 0 };
  if (!given.includes(named ?? usual) && (await isFree(named ?? usual))) return { ok: true, port: named ?? usual };
  if (named !== undefined)
    return {
      ok: false,
      say: `${option} ${named}: another program listens there; choose another port, or 0 for a free one`,
    };
  return { ok: true, port: 0, insteadOf: usual };
}
