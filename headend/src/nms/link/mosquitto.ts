/** For tests: a real mosquitto on a free port, started and ended by the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const places = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
const program = places.map((place) => join(place, 'mosquitto')).find((path) => existsSync(path));

export const mosquittoIsMissing = program === undefined;

export type Mosquitto = { port: number; stop(): Promise<void>; freeze(): void; thaw(): void };

/** `lines` are added to the configuration. With `port` it comes back where it was. */
export async function startMosquitto(options: { port?: number; lines?: string[] } = {}): Promise<Mosquitto> {
  if (program === undefined) throw new Error('mosquitto is not installed');
  const port = options.port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'tiepoint-mosquitto-'));
  const file = join(folder, 'mosquitto.conf');
  const lines = [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'persistence false', ...(options.lines ?? [])];
  await writeFile(file, `${lines.join('\n')}\n`);
  const child = spawn(program, ['-c', file], { stdio: 'ignore' });
  await listening(port, child);
  return {
    port,
    stop: async () => {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}`);
    const socket = connect(port, '127.0.0.1');
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (open) return;
    await sleep(50);
  }
  child.kill('SIGKILL');
  throw new Error('mosquitto did not listen within 5 s');
}
