import { type Server } from 'node:net';

/** Opens a listening socket; the expected failures (port taken, not allowed, no such address) come back as a value. */
export function listen(server: Server, host: string, port: number): Promise<Listening> {
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      resolve({ ok: false, reason: 'port-unavailable', say: `${host}:${port}: ${whyNot(error)}` });
    };
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
      resolve({ ok: true, port: address.port });
    });
  });
}

export type Listening = { ok: true; port: number } | { ok: false; reason: 'port-unavailable'; say: string };

/** The caller has closed the connections already. */
export function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function whyNot(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'another program listens there; choose another port, or 0 for a free one';
    case 'EACCES':
      return 'not allowed; ports below 1024 need rights of their own, choose a higher one';
    case 'EADDRNOTAVAIL':
      return 'this machine does not have that address';
    default:
      return error.message;
  }
}
