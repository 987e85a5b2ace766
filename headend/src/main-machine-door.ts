import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join, relative } from 'node:path';

export type MachineDoor = { stop(): Promise<void> };

/** What the door leads to, by name: answers a request, and may tell how far it is. A thrown Error is told as its message. */
export type DoorHandlers = Readonly<
  Record<string, (request: unknown, progress: (progress: unknown) => void) => unknown>
>;

type ToDoor = { readonly to: string; readonly request: unknown };
type FromDoor =
  | { readonly progress: unknown }
  | { readonly alive: true }
  | { readonly answer: unknown }
  | { readonly failed: string };

/** Both ways: lists of faults of a file are long. */
const maxLineBytes = 16 * 1024 * 1024;
const aliveEveryMs = 2_000;
const silentForMs = 15_000;

/**
 * A door for whoever may read the keys of this head-end anyway: a socket in the folder `keys`, which only this user can enter. By it the
 * command line reaches a head-end that runs. Each line is JSON: a request goes in, how far it is and the answer come out.
 */
export async function openMachineDoor(
  dataFolder: string,
  handlers: DoorHandlers,
  log: { warn(fields: Record<string, unknown>, say: string): void },
): Promise<MachineDoor> {
  const path = pathOf(dataFolder);
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    answerOne(socket, handlers);
  });
  try {
    await listening(server, path);
    chmodSync(path, 0o600);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    log.warn({}, `the command line cannot reach this head-end while it runs: ${path}: ${text}`);
    return { stop: async () => undefined };
  }
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Undefined: no head-end runs on this folder. */
export async function askMachineDoor<Answer>(
  dataFolder: string,
  ask: ToDoor,
  onProgress: (progress: unknown) => void = () => undefined,
): Promise<Answer | undefined> {
  return await new Promise((resolve, reject) => {
    const socket = connect(pathOf(dataFolder));
    socket.setTimeout(silentForMs, () => socket.destroy(new Error('the head-end does not answer')));
    readLines(socket, (line) => {
      const told = JSON.parse(line) as FromDoor;
      if ('answer' in told) resolve(told.answer as Answer);
      else if ('failed' in told) reject(new Error(told.failed));
      else if ('progress' in told) onProgress(told.progress);
    });
    socket.once('connect', () => socket.write(`${JSON.stringify(ask)}\n`));
    socket.once('close', () => reject(new Error('the head-end ended before it answered')));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' || error.code === 'ECONNREFUSED' ? resolve(undefined) : reject(error),
    );
  });
}

function answerOne(socket: Socket, handlers: DoorHandlers): void {
  socket.on('error', () => undefined);
  const silent = setTimeout(() => socket.destroy(), silentForMs);
  const tell = (told: FromDoor): void => void (socket.writable && socket.write(`${JSON.stringify(told)}\n`));
  readLines(socket, (line) => {
    clearTimeout(silent);
    const alive = setInterval(() => tell({ alive: true }), aliveEveryMs);
    void answered(line, handlers, (progress) => tell({ progress })).then((told) => {
      clearInterval(alive);
      tell(told);
      socket.end();
    });
  });
}

async function answered(
  line: string,
  handlers: DoorHandlers,
  progress: (progress: unknown) => void,
): Promise<FromDoor> {
  try {
    const { to, request } = JSON.parse(line) as ToDoor;
    const handler = Object.hasOwn(handlers, to) ? handlers[to] : undefined;
    if (handler === undefined) throw new Error(`this head-end has no door to ${to}: is it of another version?`);
    return { answer: await handler(request, progress) };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

function readLines(socket: Socket, onLine: (line: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    rest += chunk;
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n')) {
      onLine(rest.slice(0, end));
      rest = rest.slice(end + 1);
    }
    if (rest.length > maxLineBytes) socket.destroy(new Error('a line that has no end'));
  });
}

async function listening(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
}

/** The names of sockets are short: from where the program stands, where that is shorter. */
function pathOf(dataFolder: string): string {
  const path = join(dataFolder, 'keys', 'machine.sock');
  const near = relative(process.cwd(), path);
  return near.length < path.length ? near : path;
}
