import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Aedes } from 'aedes';
import { stringify } from 'yaml';
import type { SignedIn } from '@tiepoint/headend/api/testing/signed-in.ts';
import { TestAuthority } from '@tiepoint/headend/authority/testing/test-authority.ts';
import { commissionEmulated, enterSites } from '@tiepoint/headend/nms/testing/emulated-commissioning.ts';
import { freePort } from '@tiepoint/headend/nms/link/free-port.ts';
import { DemonstrationSite } from '../devices/behaviours/demonstration-site.ts';
import { startSite } from '../devices/emulated-device.ts';
import { enrolGateway } from '../start/gateway-enrolment.ts';
import type { ProvenGateway } from '../start/site-entry.ts';
import { Api } from './line.ts';
import { agentProgram, Program, readyLine } from './program.ts';
import { until } from './until.ts';

type Seen = { readonly topic: string; readonly payload: Uint8Array };

/** A broker whose owner reads, keeps back and says whatever he likes: every rule of a broker is his. */
export type OwnedBroker = {
  readonly url: string;
  readonly seen: readonly Seen[];
  say(topic: string, payload: Uint8Array): Promise<void>;
  /** What comes down on this topic is kept back, until it is called without one. */
  keepBack(topic?: string): void;
  stop(): Promise<void>;
};

async function startOwnedBroker({ key, cert }: { key: string; cert: string }): Promise<OwnedBroker> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  let keptBack: string | undefined;
  const aedes = new Aedes({
    authorizeForward: (_client, packet) => (packet.topic === keptBack ? null : packet),
  });
  await aedes.listen();
  aedes.on('publish', ({ topic, payload }) => {
    if (payload instanceof Uint8Array) seen.push({ topic, payload: Uint8Array.from(payload) });
  });
  const server = createServer({ key, cert }, (socket) => {
    sockets.add(socket);
    aedes.handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `mqtts://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    say: (topic, payload) =>
      new Promise((resolve, reject) =>
        aedes.publish(
          { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain: false, dup: false },
          (error) => (error ? reject(error) : resolve()),
        ),
      ),
    keepBack: (topic) => (keptBack = topic),
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

export type OwnedLine = {
  readonly api: Api;
  readonly broker: OwnedBroker;
  /** The head-end's, and a command line on it while it does not run. */
  readonly data: string;
  readonly headEnd: Program;
  readonly agents: readonly Program[];
  /** Every write that the meter of `gw-1` and of `gw-2` was given. */
  readonly writes: Readonly<Record<'gw-1' | 'gw-2', (readonly number[])[]>>;
  stop(): Promise<void>;
};

const gatewayIds = ['gw-1', 'gw-2'] as const;

/** A real head-end and two real agents, each with a meter of the same name, over a broker that somebody else owns. */
export async function startOwnedLine(): Promise<OwnedLine> {
  const directory = mkdtempSync(join(tmpdir(), 'tiepoint-owned-'));
  const data = join(directory, 'headend');
  // Its certificate is genuine, and trusted by all: what it does is to be seen, not that it is kept out.
  const authority = await TestAuthority.make();
  const broker = await startOwnedBroker(authority.server);
  const meters = await Promise.all(gatewayIds.map(async () => await startMeter()));
  const config = join(directory, 'headend.yaml');
  const gateways = gatewayIds.map((id) => ({ id }));
  const caFile = join(directory, 'broker-authority.pem');
  writeFileSync(caFile, authority.server.ca);
  const operators = { secondFactor: 'optional' };
  writeFileSync(config, stringify({ demonstration: true, operators, gateways, broker: { url: broker.url, caFile } }));
  const ports = ['--https-port', String(await freePort()), '--field-port', String(await freePort())];
  const headEnd = new Program(['headend/src/main.ts', '--config', config, '--data', data, ...ports]);
  headEnd.start();
  const ready = await until('the head-end is ready', () => readyLine(headEnd.output), 60_000);
  const api = new Api(ready.httpsUrl, data);
  const { ask } = await api.operator();
  const identityOf = (id: string): string => join(directory, id, 'identity');
  const proven: ProvenGateway[] = [];
  for (const id of gatewayIds) proven.push({ id, tls: await enrolGateway(ready, ask, id, identityOf(id)) });
  const agents = gatewayIds.map((id, index) =>
    agentProgram(directory, {
      gateway: { id, dataDir: join(directory, id) },
      mqtt: { url: broker.url },
      identity: identityOf(id),
      buses: [{ name: 'line', kind: 'tcp', host: '127.0.0.1', port: meters[index]?.port }],
      devices: [{ id: 'meter-1', bus: 'line', unit: meters[index]?.unit, profile: 'ami-meter-200a' }],
    }),
  );
  for (const agent of agents) agent.start();
  for (const id of gatewayIds) await api.live(`${id}.meter-1`);
  await putInService(await api.operator(), ready.fieldUrl, proven);
  return {
    api,
    broker,
    data,
    headEnd,
    agents,
    writes: { 'gw-1': meters[0]?.writes ?? [], 'gw-2': meters[1]?.writes ?? [] },
    stop: async () => {
      for (const program of [...agents, headEnd]) await program.kill();
      for (const meter of meters) await meter.stop();
      await broker.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

type Meter = {
  readonly port: number;
  readonly unit: number;
  readonly writes: (readonly number[])[];
  stop(): Promise<void>;
};

async function startMeter(): Promise<Meter> {
  const site = new DemonstrationSite();
  site.prepare(5);
  const device = site.devices['meter-1'];
  const writes: (readonly number[])[] = [];
  device.image.onWrite((_table, address, words) => (writes.push([address, ...words]), 'ok'));
  const [home] = site.ports('rtu-over-tcp');
  const faults = home?.faults === undefined ? {} : { faults: home.faults };
  const started = await startSite({ ports: [{ kind: 'tcp', devices: [device], ...faults }], stepMs: 50 });
  const at = started.ok ? started.site.ports[0]?.at : undefined;
  if (!started.ok || at === undefined || !('port' in at)) throw new Error(started.ok ? 'it has no port' : started.say);
  return { port: at.port, unit: device.unit, writes, stop: () => started.site.stop() };
}

/** Nothing is commanded that nobody entered. */
async function putInService({ ask }: SignedIn, fieldUrl: string, gateways: readonly ProvenGateway[]): Promise<void> {
  const lines = gatewayIds.map((id) => `${id}-site,${id},${id},meter-1,ami-meter-200a`);
  await enterSites(ask, ['site,site_title,gateway,device,profile', ...lines, ''].join('\n'));
  for (const { id: gatewayId, tls } of gateways) {
    const answer = await commissionEmulated({
      ask,
      fieldUrl,
      siteId: `${gatewayId}-site`,
      gatewayId,
      tls,
      technician: 'test',
    });
    if (!answer.accepted) throw new Error(answer.say);
  }
}
