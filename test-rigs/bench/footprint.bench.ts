import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { EmbeddedBroker } from '@tiepoint/headend/nms/link/embedded-broker.ts';
import { TestAuthority } from '@tiepoint/headend/authority/testing/test-authority.ts';
import { silentLog } from '@tiepoint/headend/nms/link/link.ts';
import { freePort } from '@tiepoint/headend/nms/link/free-port.ts';
import { RegisterImage } from '../devices/register-image.ts';
import { startTcpServer } from '../devices/tcp-server.ts';
import type { TcpServer } from '../devices/tcp-server.ts';
import { layIdentity } from '../scenarios/laid-identity.ts';
import type { Bench, BenchContext } from './bench.ts';
import { median, processLoad } from './process-load.ts';

const root = join(import.meta.dirname, '../..');
const peerPackages = ['node-red@5.0.7', 'node-red-contrib-modbus@5.23.3'];
const registers = 80;
const periodMs = 4_000;
const settleMs = 40_000;
const measureMs = 80_000;

/**
 * Memory and processor time of the agent with four Modbus TCP devices of 80 registers every 4 s, published with QoS 1, beside Node-RED
 * doing the same, both at the same time against the same devices and broker.
 */
const bench: Bench = async (context) => {
  const place = mkdtempSync(join(tmpdir(), 'tiepoint-footprint-'));
  const stops: (() => Promise<void> | void)[] = [() => rmSync(place, { recursive: true, force: true })];
  try {
    const peerPlace = installPeer(context);
    const counts = { agent: 0, peer: 0 };
    const authority = await TestAuthority.make();
    layIdentity(place, await authority.gateway('gw-bench'));
    const broker = new EmbeddedBroker(
      { port: 0, tls: authority.server },
      { mayConnect: () => ({ ok: true }), mayPublish: () => true, maySubscribe: () => true },
      silentLog,
    );
    broker.onMessage('tiepoint/v1/gw-bench/+/status', () => (counts.agent += 1));
    broker.onMessage('peer/+', () => (counts.peer += 1));
    await broker.start();
    stops.push(() => broker.stop());
    const brokerPort = broker.port ?? 0;
    const devices: TcpServer[] = [];
    const reads = { agent: 0, peer: 0 };
    for (let i = 0; i < 8; i++) {
      const device = await startDevice(() => (reads[i < 4 ? 'agent' : 'peer'] += 1));
      devices.push(device);
      stops.push(() => device.stop());
    }
    const ports = devices.map(({ port }) => port);
    const agent = startAgent(place, brokerPort, ports.slice(0, 4));
    const peer = await startPeer(place, peerPlace, brokerPort, ports.slice(4));
    stops.push(
      () => endProcess(agent),
      () => endProcess(peer),
    );
    context.log(`settling for ${settleMs / 1000} s, then measuring for ${measureMs / 1000} s ...`);
    await wait(settleMs);
    return await measure(context, { agent, peer, counts, reads });
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
};

export default bench;

async function measure(
  { log }: BenchContext,
  {
    agent,
    peer,
    counts,
    reads,
  }: {
    agent: ChildProcess;
    peer: ChildProcess;
    counts: { agent: number; peer: number };
    reads: { agent: number; peer: number };
  },
): Promise<Awaited<ReturnType<Bench>>> {
  const pids = { agent: pidOf(agent), peer: pidOf(peer) };
  const before = {
    agent: processLoad(pids.agent),
    peer: processLoad(pids.peer),
    counts: { ...counts },
    reads: { ...reads },
  };
  const rss = { agent: [] as number[], peer: [] as number[] };
  for (let passedMs = 0; passedMs < measureMs; passedMs += 2_000) {
    await wait(2_000);
    rss.agent.push(processLoad(pids.agent).rssMB);
    rss.peer.push(processLoad(pids.peer).rssMB);
  }
  const seconds = measureMs / 1000;
  const ours = figures(median(rss.agent), (processLoad(pids.agent).cpuS - before.agent.cpuS) / seconds);
  const theirs = figures(median(rss.peer), (processLoad(pids.peer).cpuS - before.peer.cpuS) / seconds);
  const messages = { ours: counts.agent - before.counts.agent, theirs: counts.peer - before.counts.peer };
  const readsMade = { ours: reads.agent - before.reads.agent, theirs: reads.peer - before.reads.peer };
  const expected = (4 * measureMs) / periodMs;
  log(
    `agent     ${ours.rssMB} MB RSS, ${ours.cpuPct} % of a core; ${readsMade.ours} reads, ${messages.ours} messages (${expected} expected)`,
  );
  log(
    `Node-RED  ${theirs.rssMB} MB RSS, ${theirs.cpuPct} % of a core; ${readsMade.theirs} reads, ${messages.theirs} messages`,
  );
  for (const [who, count] of Object.entries(messages)) {
    if (Math.abs(count - expected) > 0.1 * expected)
      throw new Error(`${who}: ${count} messages in ${seconds} s where ${expected} were due; nothing can be compared`);
  }
  const ratio = round(ours.rssMB / theirs.rssMB, 3);
  const cpuRatio = round(ours.cpuPct / theirs.cpuPct, 3);
  return {
    name: 'footprint',
    value: ours.rssMB,
    unit: 'MB',
    peer: `Node-RED 5.0.7 with node-red-contrib-modbus 5.23.3: ${theirs.rssMB} MB`,
    limit: 0.75,
    ratio,
    cpuPct: ours.cpuPct,
    peerCpuPct: theirs.cpuPct,
    cpuRatio,
    cpuLimit: 1,
    kept: ratio <= 0.75 && cpuRatio <= 1,
  };
}

function figures(rssMB: number, cpuShare: number): { rssMB: number; cpuPct: number } {
  return { rssMB: round(rssMB, 1), cpuPct: round(100 * cpuShare, 2) };
}

async function startDevice(onRead: () => void): Promise<TcpServer> {
  const image = new RegisterImage();
  image.set(
    'input',
    0,
    Array.from({ length: registers }, () => 0),
  );
  const view = new DataView(new ArrayBuffer(4));
  for (const [address, value] of [
    [0, 230.1],
    [2, 229.8],
    [4, 231],
    [6, 10.5],
    [8, 9.75],
    [10, 11],
    [12, 2400],
    [14, 2200],
    [16, 2500],
    [52, 7100],
    [70, 50.01],
    [72, 12345.6],
    [74, 12.3],
  ] as const) {
    view.setFloat32(0, value);
    image.set('input', address, [view.getUint16(0), view.getUint16(2)]);
  }
  // The meter code of an SDM630.
  image.set('holding', 0xfc02, [0x70]);
  const started = await startTcpServer({ units: new Map([[1, image]]), onExchange: onRead });
  if (!started.ok) throw new Error(started.say);
  return started.server;
}

function startAgent(place: string, brokerPort: number, ports: readonly number[]): ChildProcess {
  const configuration = join(place, 'agent.yaml');
  const lines = [
    `gateway: { id: gw-bench, dataDir: ${JSON.stringify(join(place, 'agent'))} }`,
    `mqtt: { url: 'mqtts://127.0.0.1:${brokerPort}' }`,
    'buses:',
    ...ports.map((port, i) => `  - { name: bus-${i}, kind: tcp, host: 127.0.0.1, port: ${port} }`),
    'devices:',
    ...ports.map(
      (_, i) =>
        `  - { id: meter-${i}, bus: bus-${i}, unit: 1, profile: eastron-sdm630, periodMs: ${periodMs}, pollMs: ${periodMs} }`,
    ),
    'log: { level: warn }',
  ];
  writeFileSync(configuration, `${lines.join('\n')}\n`);
  const program = join(root, 'agent/bin/tiepoint-agent.mjs');
  // As an installer does: the check warms the compile cache.
  spawnSync(program, ['--config', configuration, '--check'], { env: ownNodeFirst, stdio: 'ignore' });
  return spawn(program, ['--config', configuration], { env: ownNodeFirst, stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Node-RED is no part of this project: it is installed beside it, once, where it may be removed at any time. */
function installPeer({ log }: BenchContext): string {
  const place = join(root, '.tiepoint/bench/node-red');
  if (existsSync(join(place, 'node_modules/node-red-contrib-modbus/package.json'))) return place;
  log('installing Node-RED beside the project (about half a minute) ...');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'package.json'), '{ "private": true }\n');
  const { status, stderr } = spawnSync(
    'npm',
    ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...peerPackages],
    { cwd: place, encoding: 'utf8' },
  );
  if (status !== 0)
    throw new Error(`Node-RED could not be installed, so there is nothing to compare with: ${stderr.slice(-400)}`);
  return place;
}

async function startPeer(
  place: string,
  peerPlace: string,
  brokerPort: number,
  ports: readonly number[],
): Promise<ChildProcess> {
  const userDir = join(place, 'node-red');
  mkdirSync(userDir);
  const nodes = peerFlow(join(place, 'identity'), brokerPort, ports);
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(nodes));
  writeFileSync(
    join(userDir, 'settings.js'),
    `module.exports = { flowFile: 'flows.json', uiPort: ${await freePort()}, uiHost: '127.0.0.1', httpAdminRoot: false, logging: { console: { level: 'warn' } }, nodesDir: [${JSON.stringify(join(peerPlace, 'node_modules/node-red-contrib-modbus'))}], telemetry: { enabled: false, updateNotification: false } };\n`,
  );
  return spawn(process.execPath, [join(peerPlace, 'node_modules/node-red/red.js'), '--userDir', userDir], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** With a certificate, as the agent has. */
function peerBroker(identity: string, brokerPort: number): readonly object[] {
  return [
    {
      id: 'broker',
      type: 'mqtt-broker',
      broker: '127.0.0.1',
      port: String(brokerPort),
      usetls: true,
      tls: 'tls',
      clientid: 'node-red',
      protocolVersion: '4',
      keepalive: '15',
      cleansession: true,
      autoConnect: true,
    },
    {
      id: 'tls',
      type: 'tls-config',
      cert: join(identity, 'certificate.pem'),
      key: join(identity, 'key.pem'),
      ca: join(identity, 'authority.pem'),
      verifyservercert: true,
    },
  ];
}

/** What a Node-RED user would draw: four readers, one function that turns words into floats, one publisher. */
function peerFlow(identity: string, brokerPort: number, ports: readonly number[]): readonly object[] {
  const nodes: object[] = [
    { id: 'flow', type: 'tab', label: 'bench' },
    ...peerBroker(identity, brokerPort),
    { id: 'out', type: 'mqtt out', z: 'flow', topic: '', qos: '1', retain: 'false', broker: 'broker', wires: [] },
    {
      id: 'decode',
      type: 'function',
      z: 'flow',
      func: `const words = Buffer.alloc(${2 * registers}); msg.payload.forEach((word, i) => words.writeUInt16BE(word, 2 * i)); const at = (address) => words.readFloatBE(2 * address); msg.payload = { t: Date.now(), v: [at(0), at(2), at(4)], a: [at(6), at(8), at(10)], w: at(52), hz: at(70), imp: at(72), exp: at(74) }; return msg;`,
      outputs: 1,
      wires: [['out']],
    },
  ];
  for (const [i, port] of ports.entries()) {
    nodes.push(
      {
        id: `client-${i}`,
        type: 'modbus-client',
        clienttype: 'tcp',
        bufferCommands: true,
        stateLogEnabled: false,
        queueLogEnabled: false,
        tcpHost: '127.0.0.1',
        tcpPort: String(port),
        tcpType: 'DEFAULT',
        unit_id: '1',
        commandDelay: '1',
        clientTimeout: '1000',
        reconnectOnTimeout: true,
        reconnectTimeout: '2000',
        parallelUnitIdsAllowed: true,
      },
      {
        id: `read-${i}`,
        type: 'modbus-read',
        z: 'flow',
        name: `peer/meter-${i}`,
        topic: `peer/meter-${i}`,
        showStatusActivities: false,
        showErrors: true,
        unitid: '1',
        dataType: 'InputRegister',
        adr: '0',
        quantity: String(registers),
        rate: '4',
        rateUnit: 's',
        delayOnStart: false,
        startDelayTime: '',
        server: `client-${i}`,
        useIOFile: false,
        ioFile: '',
        useIOForPayload: false,
        emptyMsgOnFail: false,
        wires: [['decode'], []],
      },
    );
  }
  return nodes;
}

/** The programs find the Node that runs this bench first. */
const ownNodeFirst = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` };

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined || child.exitCode !== null)
    throw new Error(`${child.spawnargs.slice(0, 2).join(' ')} ended before it was measured`);
  return child.pid;
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await Promise.race([new Promise((resolve) => child.once('exit', resolve)), wait(5_000)]);
  child.kill('SIGKILL');
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
