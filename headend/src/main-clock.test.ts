import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CommandDetail, DeviceDetail, EventsResponse, SelectionView } from './api/contract.ts';
import { homeReport, SitesUnderTest } from './main-sites.fixture.ts';
import type { FakeAgent } from './nms/testing/fake-agent.ts';

// The head-end's own clock is set while everything runs, as by a time service after a wrong start.
let sites: SitesUnderTest;
let agent: FakeAgent;
let reporting: NodeJS.Timeout;
/** As its agent judges it: against the head-end's last word. */
let agreed: boolean;

beforeEach(async () => {
  sites = new SitesUnderTest();
  await sites.start();
  await sites.imported();
  const enrolled = await sites.enrolled();
  agent = await sites.agentOf(enrolled);
  await sites.born(agent);
  await sites.deliver(enrolled, homeReport());
  agreed = true;
  reporting = setInterval(() => {
    const timeQuality = agreed ? 'synchronised' : 'unsynchronised';
    void Promise.all([
      agent.meter('meter-1', { switchState: 'closed', control: 'none', loadSideVoltage: 'present', timeQuality }),
      agent.aas('pv-1', { activePowerW: 3_200, control: 'none', timeQuality }),
    ]).catch(() => undefined);
  }, 100);
});
afterEach(async () => {
  clearInterval(reporting);
  await sites.end();
});

const events = async (): Promise<readonly string[]> =>
  (await sites.call<EventsResponse>('GET', '/api/events?limit=500')).body.events.flatMap(({ kind }) =>
    /^(gateway|device|messages)-/.test(kind) ? [kind] : [],
  );
const liveness = async (): Promise<string> =>
  (await sites.call<DeviceDetail>('GET', '/api/devices/gw-1.meter-1')).body.row.liveness;
const select = async (): Promise<SelectionView> =>
  (await sites.call<SelectionView>('POST', '/api/devices/gw-1.meter-1/selections', { json: { kind: 'disconnect' } }))
    .body;
const operate = async (selectionId: string): Promise<{ status: number; body: CommandDetail }> =>
  await sites.call<CommandDetail>('POST', '/api/commands', { json: { selectionId } });
const state = async (id: string): Promise<string> =>
  (await sites.call<CommandDetail>('GET', `/api/commands/${id}`)).body.state;

const yearMs = 365.25 * 86_400_000;
const jumps = [
  { name: 'ten years ahead', byMs: 10 * yearMs },
  { name: 'ten years back', byMs: -10 * yearMs },
  { name: 'an hour ahead', byMs: 3_600_000 },
  { name: 'an hour back', byMs: -3_600_000 },
  { name: 'a little ahead', byMs: 3_000 },
  { name: 'a little back', byMs: -3_000 },
];

test.each(jumps)(
  '$name: nothing is called lost, no event comes of it, and gateways are told the time at once',
  async ({ byMs }) => {
    await vi.waitFor(async () => expect(await liveness()).toBe('live'));
    // What the beginning told is written twice a second.
    await wait(1_000);
    const [before, beacons] = [await events(), agent.hostStates.length];
    sites.aheadMs += byMs;
    await vi.waitFor(() => expect(agent.hostStates.length).toBeGreaterThan(beacons), { timeout: 2_000 });
    // From here on the agent knows that its clock does not agree.
    agreed = false;
    for (let look = 0; look < 8; look += 1) {
      await wait(250);
      expect(await liveness()).toBe('live');
    }
    expect(await events()).toEqual(before);
  },
);

test.each(jumps)('$name while a command is under way: its outcome counts, and nothing hangs', async ({ byMs }) => {
  const held = await select();
  const { body: command } = await operate(held.id);
  await vi.waitFor(() => expect(agent.commands).toHaveLength(1));
  await agent.ack('meter-1', { commandId: command.id, state: 'executing', ordinal: 2 });
  await vi.waitFor(async () => expect(await state(command.id)).toBe('executing'));
  sites.aheadMs += byMs;
  await wait(1_200);
  expect(await state(command.id)).toBe('executing');
  await agent.ack('meter-1', { commandId: command.id, state: 'confirmed', ordinal: 3 });
  await vi.waitFor(async () => expect(await state(command.id)).toBe('confirmed'));
  expect(agent.commands).toHaveLength(1);
  // The next one is given as ever, with an expiry of the clock as it is now.
  agreed = false;
  const { body: next } = await operate((await select()).id);
  await vi.waitFor(() => expect(agent.commands).toHaveLength(2));
  expect(agent.commands[1]?.id).toBe(next.id);
  expect(Math.abs((agent.commands[1]?.expiresAtMs ?? 0) - (Date.now() + sites.aheadMs + 30_000))).toBeLessThan(5_000);
  expect(agent.commands[1]?.seq).toBeGreaterThan(agent.commands[0]?.seq ?? 0);
});

test.each(jumps.filter(({ byMs }) => Math.abs(byMs) >= 3_600_000))(
  '$name between selecting and operating: the selection is over',
  async ({ byMs }) => {
    const held = await select();
    sites.aheadMs += byMs;
    expect((await operate(held.id)).status).toBe(409);
    expect(agent.commands).toEqual([]);
    expect((await select()).verdict).toEqual({ ok: true });
  },
);
