import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAuthority } from '@tiepoint/headend/authority/testing/test-authority.ts';
import { startMosquitto } from '@tiepoint/headend/nms/link/mosquitto.ts';
import type { Mosquitto } from '@tiepoint/headend/nms/link/mosquitto.ts';
import { DemonstrationSite } from '../devices/behaviours/demonstration-site.ts';
import type { BehavingDevice } from '../devices/behaviours/behaving-device.ts';
import { startSite } from '../devices/emulated-device.ts';
import type { Site, SitePort } from '../devices/emulated-device.ts';
import { agentProgram } from './program.ts';
import type { Program } from './program.ts';
import { FakeHeadEnd } from './fake-head-end.ts';
import { layIdentity } from './laid-identity.ts';

export type AgentBench = {
  readonly directory: string;
  readonly agent: Program;
  readonly headEnd: FakeHeadEnd;
  readonly authority: TestAuthority;
  readonly mosquitto: Mosquitto;
  readonly meter: BehavingDevice;
  /** Every write the meter was given, in order. */
  readonly writes: { address: number; words: readonly number[] }[];
  stop(): Promise<void>;
};

/**
 * A real agent process, a real mosquitto and the emulated meter `meter-1` with its service switch on Modbus TCP; the head-end is the
 * test. `settings` are laid over the agent's file, `device` over the meter's entry in it.
 */
export async function startAgentBench({
  device = {},
  settings = {},
  clockErrorMs = 0,
}: {
  device?: object;
  settings?: { gateway?: object } & Record<string, object>;
  clockErrorMs?: number | null;
} = {}): Promise<AgentBench> {
  const directory = mkdtempSync(join(tmpdir(), 'tiepoint-agent-'));
  const authority = await TestAuthority.make();
  const mosquitto = await startMosquitto(authority.server);
  const { url } = mosquitto;
  layIdentity(directory, await authority.gateway('gw-1'));
  const demonstration = new DemonstrationSite();
  demonstration.prepare(5);
  const meter = demonstration.devices['meter-1'];
  const writes: AgentBench['writes'] = [];
  meter.image.onWrite((_table, address, words) => (writes.push({ address, words }), 'ok'));
  // The same wire with the same faults, without the pace of a serial line.
  const [home] = demonstration.ports('rtu-over-tcp');
  const site = await serve({
    kind: 'tcp',
    devices: [meter],
    ...(home?.faults === undefined ? {} : { faults: home.faults }),
  });
  const { gateway = {}, ...others } = settings;
  const agent = agentProgram(directory, {
    gateway: { id: 'gw-1', dataDir: join(directory, 'data'), ...gateway },
    mqtt: { url, keepaliveS: 5 },
    buses: [{ name: 'line', kind: 'tcp', host: '127.0.0.1', port: portOf(site), timeoutMs: 500 }],
    devices: [
      {
        id: 'meter-1',
        bus: 'line',
        unit: meter.unit,
        profile: 'ami-meter-200a',
        periodMs: 1_000,
        pollMs: 200,
        ...device,
      },
    ],
    ...others,
  });
  const headEnd = await FakeHeadEnd.start(url, 'gw-1', authority.headEnd, { clockErrorMs });
  writeFileSync(join(directory, 'identity', 'trust.json'), JSON.stringify(headEnd.trust));
  agent.start();
  const stop = async (): Promise<void> => {
    await agent.kill();
    await headEnd.stop();
    await mosquitto.stop();
    await site.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  return { directory, agent, headEnd, authority, mosquitto, meter, writes, stop };
}

async function serve(port: SitePort): Promise<Site> {
  const started = await startSite({ ports: [port], stepMs: 50 });
  if (!started.ok) throw new Error(started.say);
  return started.site;
}

function portOf(site: Site): number {
  const at = site.ports[0]?.at;
  if (at === undefined || !('port' in at)) throw new Error('the site has no TCP port');
  return at.port;
}
