/** For tests: a real mosquitto on a free port, TLS with certificates on both sides, started and ended by the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestIdentity } from '../../authority/testing/test-authority.ts';
import { freePort } from './free-port.ts';

const places = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
const program = places.map((place) => join(place, 'mosquitto')).find((path) => existsSync(path));

export const mosquittoIsMissing = program === undefined;

export type Mosquitto = {
  port: number;
  url: string;
  stop(): Promise<void>;
  /** Has it read its files anew. */
  reload(): void;
  freeze(): void;
  thaw(): void;
};

/** `server`: what it shows. `lines` are added to the configuration. With `port` it comes back where it was. */
export async function startMosquitto(
  server: TestIdentity,
  options: { port?: number; lines?: string[] } = {},
): Promise<Mosquitto> {
  const port = options.port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'tiepoint-mosquitto-'));
  const files = { certfile: server.cert, keyfile: server.key, cafile: server.ca };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const lines = [
    `listener ${port} 127.0.0.1`,
    ...Object.keys(files).map((name) => `${name} ${join(folder, name)}`),
    'require_certificate true',
    'allow_anonymous true',
    'persistence false',
    ...(options.lines ?? []),
  ];
  const file = join(folder, 'mosquitto.conf');
  await writeFile(file, `${lines.join('\n')}\n`);
  const running = await startMosquittoFile(file, port);
  const stop = async (): Promise<void> => {
    await running.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...running, stop };
}

/** By a configuration of its own, which listens on this port. */
export async function startMosquittoFile(file: string, port: number): Promise<Mosquitto> {
  if (program === undefined) throw new Error('mosquitto is not installed');
  // Started by root it would become a user of its own, who may not read what a test has written.
  if (process.getuid?.() === 0) await appendFile(file, 'user root\n');
  const child = spawn(program, ['-c', file], { stdio: 'ignore' });
  await listening(port, child);
  return {
    port,
    url: `mqtts://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
    reload: () => child.kill('SIGHUP'),
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
  };
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
