import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join, relative } from 'node:path';
import { atMachine } from './operators/machine-desk.ts';
import type { MachineAnswer, MachineRequest } from './operators/machine-desk.ts';
import type { People } from './operators/people.ts';

export type OperatorDoor = { stop(): Promise<void> };

const maxRequestBytes = 16 * 1024;
const answerWithinMs = 10_000;

/**
 * A door for whoever may read the keys of this head-end anyway: a socket in the folder `keys`, which only this user can enter. By it the
 * command line reaches a head-end that runs.
 */
export async function openOperatorDoor(
  dataFolder: string,
  people: People,
  log: { warn(fields: Record<string, unknown>, say: string): void },
): Promise<OperatorDoor> {
  const path = pathOf(dataFolder);
  rmSync(path, { force: true });
  const server = createServer((socket) => answerOne(socket, people));
  try {
    await listening(server, path);
    chmodSync(path, 0o600);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    log.warn({}, `headend operator cannot reach this head-end while it runs: ${path}: ${text}`);
    return { stop: async () => undefined };
  }
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

/** Undefined: no head-end runs on this folder. */
export async function askOperatorDoor(dataFolder: string, request: MachineRequest): Promise<MachineAnswer | undefined> {
  return await new Promise((resolve, reject) => {
    const socket = connect(pathOf(dataFolder));
    let text = '';
    socket.setTimeout(answerWithinMs, () => socket.destroy(new Error('the head-end does not answer')));
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.once('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.once('end', () => resolve(JSON.parse(text) as MachineAnswer));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' || error.code === 'ECONNREFUSED' ? resolve(undefined) : reject(error),
    );
  });
}

function answerOne(socket: Socket, people: People): void {
  let text = '';
  socket.setTimeout(answerWithinMs, () => socket.destroy());
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (text.length > maxRequestBytes) return void socket.destroy();
    if (!text.endsWith('\n')) return;
    socket.end(JSON.stringify(answered(text, people)));
  });
}

function answered(text: string, people: People): MachineAnswer {
  try {
    return atMachine(people, JSON.parse(text) as MachineRequest);
  } catch (error) {
    return { ok: false, say: error instanceof Error ? error.message : String(error) };
  }
}

async function listening(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
}

/** The names of sockets are short: from where the program stands, where that is shorter. */
function pathOf(dataFolder: string): string {
  const path = join(dataFolder, 'keys', 'operators.sock');
  const near = relative(process.cwd(), path);
  return near.length < path.length ? near : path;
}
