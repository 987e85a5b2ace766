import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { trusted } from './authority/testing/trusted.ts';
import type { DeviceDetail, EventRow, EventsResponse, GatewaysResponse } from './api/contract.ts';
import { Crew } from './api/testing/signed-in.ts';
import { TestAuthority } from './authority/testing/test-authority.ts';
import { startHeadend } from './main-headend.ts';
import type { RunningHeadend } from './main-headend.ts';
import { parseSettings } from './main-settings.ts';
import { mosquittoIsMissing, startMosquitto } from './nms/link/mosquitto.ts';
import type { Mosquitto } from './nms/link/mosquitto.ts';
import { FakeAgent, meterBirth } from './nms/testing/fake-agent.ts';
import { SqliteStore } from './store/sqlite-store.ts';

let folder: string;
let authority: TestAuthority;
let broker: Mosquitto;
let headend: RunningHeadend;
let agent: FakeAgent;
let crew: Crew;

beforeEach(async () => {
  if (mosquittoIsMissing) return;
  folder = mkdtempSync(join(tmpdir(), 'outside-'));
  authority = await TestAuthority.make();
  broker = await startMosquitto(authority.server);
  headend = await start();
  crew = new Crew(() => headend.httpsUrl, folder);
  agent = new FakeAgent(broker.url, 'site-1', 5, await authority.gateway('site-1'));
});

afterEach(async () => {
  if (mosquittoIsMissing) return;
  agent.cut();
  await headend.stop();
  await broker.stop();
  rmSync(folder, { recursive: true });
});

async function start(): Promise<RunningHeadend> {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const { ca, cert, key } = authority.headEnd;
  const files = `caFile: ${file('ca.pem', ca)}, certFile: ${file('cert.pem', cert)}, keyFile: ${file('key.pem', key)}`;
  const settings = parseSettings(
    `{ data: ${folder}, https: { port: 0 }, field: { port: 0 }, broker: { url: ${broker.url}, ${files} } }`,
    'test',
  );
  if (!settings.ok) throw new Error(settings.say.join());
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (_fields: unknown, say: string) => console.error(say),
  };
  return trusted(await startHeadend(settings.value, log));
}

const row = async (): Promise<DeviceDetail['row'] | undefined> =>
  ((await (await (await crew.as('ada')).ask('/api/devices/site-1.meter-1')).json()) as Partial<DeviceDetail>).row;

// The gateway does not notice that the head-end was away: it neither reconnects nor introduces itself by itself.
test.skipIf(mosquittoIsMissing)(
  'the head-end is away and comes back while a gateway stays with its broker',
  async () => {
    await agent.start();
    await vi.waitFor(() => expect(agent.hostStates.at(-1)).toMatchObject({ online: true }), { timeout: 5_000 });
    await agent.born(['meter-1']);
    await agent.deviceBorn('meter-1', meterBirth);
    await agent.meter('meter-1', { activePowerW: 1, control: 'none' });
    await vi.waitFor(async () => expect(await row()).toMatchObject({ liveness: 'live', activePowerW: 1 }), {
      timeout: 5_000,
    });
    await headend.stop();
    await vi.waitFor(() => expect(agent.hostStates.at(-1)).toMatchObject({ online: false }), { timeout: 5_000 });
    await agent.meter('meter-1', { activePowerW: 2, control: 'none' });
    headend = await start();
    expect(await row()).toMatchObject({ liveness: 'lost', stale: true, activePowerW: 1 });
    await vi.waitFor(() => expect(agent.inquiries.at(-1)).toMatchObject({ rebirth: true }), { timeout: 5_000 });
    await agent.meter('meter-1', { activePowerW: 3, control: 'none' });
    await vi.waitFor(
      async () => expect(await row()).toMatchObject({ liveness: 'live', stale: false, activePowerW: 3 }),
      { timeout: 5_000 },
    );
  },
);

// By the standard such a broker lets the second one in and throws the first out, so that only the head-end can see that there are two.
test.skipIf(mosquittoIsMissing)(
  'two agents with one identity throw each other out in turn, which is told',
  async () => {
    const identity = await authority.gateway('site-1');
    const copy = new FakeAgent(broker.url, 'site-1', 6, identity);
    const back = new FakeAgent(broker.url, 'site-1', 7, identity);
    const told = async (): Promise<readonly EventRow[]> => {
      const { events } = (await (await (await crew.as('ada')).ask('/api/events')).json()) as EventsResponse;
      return events.filter(({ kind }) => kind === 'second-agent');
    };
    const heard = async (session: number): Promise<void> =>
      await vi.waitFor(
        async () => {
          const { gateways } = (await (await (await crew.as('ada')).ask('/api/gateways')).json()) as GatewaysResponse;
          expect(gateways[0]?.birth?.session).toBe(session);
        },
        { timeout: 5_000 },
      );
    try {
      await agent.start();
      await agent.born([], { instance: 1 });
      await heard(5);
      await copy.start();
      await vi.waitFor(() => expect(agent.isConnected).toBe(false), { timeout: 5_000 });
      await copy.born([], { instance: 2 });
      await heard(6);
      // A gateway that was started anew looks the same.
      expect(await told()).toEqual([]);
      await back.start();
      await vi.waitFor(() => expect(copy.isConnected).toBe(false), { timeout: 5_000 });
      await back.born([], { instance: 1 });
      await vi.waitFor(async () => expect(await told()).toHaveLength(1), { timeout: 5_000 });
      const [event] = await told();
      expect(event).toMatchObject({
        gatewayId: 'site-1',
        say: expect.stringContaining('Find it and end it'),
      });
    } finally {
      copy.cut();
      back.cut();
    }
  },
);

// This mosquitto is not told what is revoked, so that the connection stays.
test.skipIf(mosquittoIsMissing)(
  'a gateway that is revoked is gone at once, and told as long as the broker lets it speak',
  async () => {
    await headend.stop();
    const store = new SqliteStore(folder);
    store.start();
    const record = { gatewayId: 'site-1', enrolledAtMs: 1, enrolledBy: 'a fitter', configurationHash: '1' };
    store.provisioning.change([{ kind: 'identity', id: 'site-1', record }], []);
    store.stop();
    headend = await start();
    await agent.start();
    await vi.waitFor(() => expect(agent.hostStates.at(-1)).toMatchObject({ online: true }), { timeout: 5_000 });
    await agent.born(['meter-1']);
    await agent.deviceBorn('meter-1', meterBirth);
    await agent.meter('meter-1', { activePowerW: 1, control: 'none' });
    await vi.waitFor(async () => expect(await row()).toMatchObject({ liveness: 'live' }), { timeout: 5_000 });
    const ada = await crew.as('ada');
    await ada.call('POST', '/api/gateways/site-1/revocation', { cause: 'stolen' });
    expect(await row()).toMatchObject({ liveness: 'lost', stale: true });
    expect((await ada.call<GatewaysResponse>('GET', '/api/gateways')).gateways[0]).toMatchObject({
      state: 'offline',
      revoked: { cause: 'stolen' },
    });
    for (const activePowerW of [2, 3]) await agent.meter('meter-1', { activePowerW, control: 'none' });
    const told = async (): Promise<readonly string[]> => {
      const { events } = await ada.call<EventsResponse>('GET', '/api/events');
      return events.flatMap(({ kind, say }) => (kind === 'revoked-gateway' ? [say] : []));
    };
    await vi.waitFor(async () => expect(await told()).toEqual([expect.stringContaining('reload the broker')]));
    expect(agent.isConnected).toBe(true);
    expect(await row()).toMatchObject({ liveness: 'lost', activePowerW: 1 });
  },
);
