import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { Crew } from '@tiepoint/headend/api/testing/signed-in.ts';
import { freePort } from '@tiepoint/headend/nms/link/free-port.ts';
import { DemonstrationSite, portsOf } from '../devices/behaviours/demonstration-site.ts';
import type { DeviceId } from '../devices/behaviours/demonstration-site.ts';
import { startSite } from '../devices/emulated-device.ts';
import { Program, readyLine } from './program.ts';
import { until } from './until.ts';

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

/** `input` is typed. `look` is asked ten times a second with the output so far; `kill` ends the program as a power cut would. */
type Run = { readonly input?: string; readonly look?: (out: string, kill: () => void) => void };

/** A real head-end, an emulated site, and a technician's program: nothing is entered, enrolled or commissioned yet. */
export type CommissionedSite = {
  /** Where gateways and technicians reach it. */
  readonly url: string;
  readonly directory: string;
  readonly site: DemonstrationSite;
  readonly headEnd: Program;
  /** `tiepoint-agent ARGS`, to its end. */
  agent(args: readonly string[], options?: Run): Promise<Ran>;
  api<T>(method: string, path: string, body?: object): Promise<T>;
  /** Where a device is, as an order tells it. */
  connection(deviceId: DeviceId): string;
  file(name: string, content: object | string): string;
  stop(): Promise<void>;
};

const root = join(import.meta.dirname, '../..');

export async function startCommissionedSite(): Promise<CommissionedSite> {
  const directory = mkdtempSync(join(tmpdir(), 'tiepoint-commission-'));
  const site = new DemonstrationSite();
  site.prepare(60);
  // The same wires without the pace of a serial line.
  const ports = site
    .ports('rtu-over-tcp')
    .map((port) => (port.kind === 'rtu-over-tcp' ? { ...port, kind: 'tcp' as const } : port));
  const served = await startSite({ ports, stepMs: 50 });
  if (!served.ok) throw new Error(served.say);
  const [http, mqtt, field] = [await freePort(), await freePort(), await freePort()];
  const headEnd = new Program([
    'headend/src/main.ts',
    '--data',
    join(directory, 'headend'),
    '--https-port',
    String(http),
    '--mqtt-port',
    String(mqtt),
    '--field-port',
    String(field),
  ]);
  headEnd.start();
  const { httpsUrl, fieldUrl } = await until('the head-end answers', () => readyLine(headEnd.output), 30_000);
  const crew = new Crew(() => httpsUrl, join(directory, 'headend'));
  return {
    url: fieldUrl,
    directory,
    site,
    headEnd,
    agent: async (args, options) => await ranAgent(args, options),
    api: async (method, path, body) => await (await crew.as('tester')).call(method, path, body),
    connection(deviceId) {
      const at = served.site.ports[portsOf.findIndex((ids) => ids.includes(deviceId))]?.at;
      if (at === undefined || !('port' in at)) throw new Error(`${deviceId} is served nowhere`);
      return `tcp ${at.host}:${at.port}`;
    },
    file(name, content) {
      mkdirSync(directory, { recursive: true });
      const path = join(directory, name);
      writeFileSync(path, typeof content === 'string' ? Buffer.from(content, 'latin1') : stringify(content));
      return path;
    },
    async stop() {
      await headEnd.kill();
      await served.site.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function ranAgent(args: readonly string[], { input = '', look }: Run = {}): Promise<Ran> {
  const child = spawn(process.execPath, [join(root, 'agent/bin/tiepoint-agent.mjs'), ...args]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const looking = setInterval(() => look?.(out, () => child.kill('SIGKILL')), 100);
  child.stdin.end(input);
  await once(child, 'close');
  clearInterval(looking);
  return { code: child.exitCode, out, err };
}
