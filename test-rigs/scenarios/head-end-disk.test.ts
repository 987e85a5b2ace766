import { join } from 'node:path';
import type { DeviceDetail, EventsResponse, HealthResponse } from '@tiepoint/headend/api/contract.ts';
import { SitesUnderTest } from '@tiepoint/headend/main-sites.fixture.ts';
import type { FakeAgent } from '@tiepoint/headend/nms/testing/fake-agent.ts';
import { afterEach, expect, test, vi } from 'vitest';
import { cannotMount, cannotTurnReadOnly, SmallDisk, WornDisk } from './small-disk.ts';

const noMount = cannotMount();
const noWornDisk = noMount || cannotTurnReadOnly();
const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function started(disk: SmallDisk | WornDisk): Promise<{ sites: SitesUnderTest; agent: FakeAgent }> {
  ends.push(() => disk.end());
  const sites = new SitesUnderTest(join(disk.path, 'data'));
  ends.push(async () => await sites.end());
  await sites.start();
  await sites.imported();
  const agent = await sites.agentOf(await sites.enrolled());
  await sites.born(agent);
  return { sites, agent };
}

const said = async (sites: SitesUnderTest): Promise<string> =>
  (await sites.call<HealthResponse>('GET', '/api/health')).body.say.join(' ');
const tag = async (sites: SitesUnderTest, cause: string): Promise<number> =>
  (await sites.call('PUT', '/api/devices/gw-1.meter-1/tag', { json: { cause } })).status;
const shown = async (sites: SitesUnderTest): Promise<DeviceDetail> =>
  (await sites.call<DeviceDetail>('GET', '/api/devices/gw-1.meter-1')).body;

/** What failed once is tried again within half a minute. */
const wellWithinMs = 45_000;
const events = 40;

/** What came while the disk failed. */
async function allEventsKept(sites: SitesUnderTest): Promise<void> {
  await vi.waitFor(async () => {
    const { body } = await sites.call<EventsResponse>('GET', '/api/events?limit=1000');
    expect(body.events.filter(({ say }) => say.startsWith('Health is h-'))).toHaveLength(events);
    const kinds = body.events.map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['head-end-unwell', 'head-end-well']));
  });
}

/** Nothing is promised, all is shown, and it says why. */
async function refusesAndShows(sites: SitesUnderTest, agent: FakeAgent): Promise<void> {
  for (let index = 0; index < events; index += 1)
    await agent.event('meter-1', { kind: 'health-changed', to: `h-${index}` });
  expect(await tag(sites, 'while the disk fails')).toBe(503);
  await agent.meter('meter-1', { switchState: 'open', control: 'none', voltageAV: 231 });
  await vi.waitFor(async () => expect((await shown(sites)).row.switchState).toBe('open'));
  expect((await shown(sites)).tag?.cause).not.toBe('while the disk fails');
  expect(await said(sites)).toMatch(
    /operations\.db takes no writes .*nothing can be commanded.*disk full or read-only/,
  );
  expect((await sites.call('GET', '/api/audit')).status).toBe(200);
  // It is looked for twice a second; what is over sooner is no news.
  await new Promise((resolve) => setTimeout(resolve, 1_200));
}

test.skipIf(noMount)(
  'a full disk: nothing is promised, the console is told, and it works again when there is room',
  async () => {
    const disk = new SmallDisk(6);
    const { sites, agent } = await started(disk);
    disk.fill();
    // What room its files had left themselves is used up first.
    for (let tries = 0; (await tag(sites, 'x'.repeat(290))) !== 503; tries += 1) expect(tries).toBeLessThan(2_000);
    await refusesAndShows(sites, agent);
    disk.free();
    // Before anybody tries anything.
    await vi.waitFor(async () => expect(await said(sites)).toBe(''), { timeout: wellWithinMs });
    expect(await tag(sites, 'there is room again')).toBe(200);
    expect((await shown(sites)).tag).toMatchObject({ cause: 'there is room again' });
    await allEventsKept(sites);
  },
  120_000,
);

test.skipIf(noWornDisk)(
  'a disk that turns read-only and is mended under it: the same, without a restart',
  async () => {
    const disk = new WornDisk();
    const { sites, agent } = await started(disk);
    disk.turnReadOnly();
    await refusesAndShows(sites, agent);
    disk.mend();
    await vi.waitFor(async () => expect(await tag(sites, 'mended')).toBe(200), { timeout: 25_000, interval: 500 });
    await vi.waitFor(async () => expect(await said(sites)).toBe(''), { timeout: wellWithinMs });
    expect((await shown(sites)).tag).toMatchObject({ cause: 'mended' });
    await allEventsKept(sites);
  },
  120_000,
);
