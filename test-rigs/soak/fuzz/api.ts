import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { routesForPeople } from '@tiepoint/headend/api/testing/route-table.ts';
import { headendCommand } from '@tiepoint/headend/main-commands.ts';
import { homeFile, homeReport, SitesUnderTest } from '@tiepoint/headend/main-sites.fixture.ts';
import type { Enrolled } from '@tiepoint/headend/main-sites.fixture.ts';
import { meterBirth, pvBirth } from '@tiepoint/headend/nms/testing/fake-agent.ts';
import type { FakeAgent } from '@tiepoint/headend/nms/testing/fake-agent.ts';
import type { SeededRandom } from '../../devices/seeded-random.ts';
import { callersOf, mayCall } from './callers.ts';
import { townScript } from './file-targets.ts';
import type { Caller } from './callers.ts';
import { fieldUnderFuzz } from './field.ts';
import { RawAsker } from './raw-ask.ts';
import { meterFiles } from './meter-targets.ts';
import { form, requestFor } from './requests.ts';
import type { Operation, Route } from './requests.ts';
import type { Target } from './targets.ts';

/** Beside a table of intervals there are newer ones, which can be asked for as of now. */
const files = new Map<string, readonly string[]>([
  ['text/csv', [homeFile, meterFiles.intervals, newIntervals(), meterFiles.profile, meterFiles.years]],
  ['application/atom+xml', [meterFiles.greenButton]],
  [form, [townScript]],
]);

function newIntervals(): string {
  const nowMs = Date.now();
  const hours = Array.from({ length: 48 }, (_, back) => new Date(nowMs - (nowMs % 3_600_000) - back * 3_600_000));
  return `meter,start,minutes,kWh\n${hours.map((at) => `A,${at.toISOString()},60,1.5\n`).join('')}`;
}

/** Never ends by itself: it is the stream of what happens. */
const endless = '/api/stream';

export type ApiUnderFuzz = {
  /** Routes of people, and those of gateways, by random. */
  readonly targets: readonly Target[];
  readonly routes: readonly string[];
  readonly callers: readonly string[];
  /** Every route by everybody once; how many that were. Throws where one ought not to answer so. */
  sweep(random: SeededRandom): Promise<number>;
  /** Of `routes`: those that ever did what was asked. */
  done(): ReadonlySet<string>;
  stop(): Promise<void>;
};

/**
 * A whole head-end in this process, with a site, its gateway on line, and people of each role; every route that the table has by which it
 * routes, and those for gateways.
 */
export async function apiUnderFuzz(perMille: number): Promise<ApiUnderFuzz> {
  const faults: string[] = [];
  const { sites, gateway, agent } = await siteUnderFuzz(faults);
  const callers = await callersOf(sites);
  const field = await fieldUnderFuzz(sites, faults);
  const routes = await routesUnderFuzz(sites);
  const asker = new RouteAsker(sites, faults, agent);
  const take = async (random: SeededRandom): Promise<void> => {
    const route = routes[random.below(routes.length)];
    if (route === undefined) throw new Error('the head-end has no routes');
    const able = callers.filter((caller) => mayAsk(route, caller));
    const everyday = able.find(({ name }) => name === 'everyday');
    const caller = random.next() < 0.4 ? everyday : able[random.below(able.length)];
    if (asker.asked % reviveEvery === 0) await revive(sites, gateway, agent).catch(() => undefined);
    if (caller !== undefined) await asker.ask(route, caller, random);
  };
  return {
    targets: [{ name: 'api', perMille, take }, field.target(perMille / 20)],
    routes: [...routes.map(nameOf), ...field.routes],
    callers: [...callers.map(({ name }) => name), ...field.callers],
    sweep: async (random) => {
      const pairs = routes.flatMap((route) =>
        callers.filter((each) => mayAsk(route, each)).map((caller) => [route, caller] as const),
      );
      for (const pair of pairs) await asker.ask(...pair, random);
      return pairs.length + (await field.sweep(random));
    },
    done: () => new Set([...asker.done, ...field.done()]),
    stop: async () => {
      asker.end();
      await sites.end();
    },
  };
}

/** What ends one's own session is asked by those alone who can do without. */
function mayAsk({ path }: Route, { expendable }: Caller): boolean {
  return expendable || !/^\/api\/(session|account)/.test(path);
}

/** `faults` takes what the head-end logs as its own. */
async function siteUnderFuzz(
  faults: string[],
): Promise<{ sites: SitesUnderTest; gateway: Enrolled; agent: FakeAgent }> {
  // Without a fault it is a condition of the plant: that what is known is old, for instance.
  const error = ({ err }: Record<string, unknown>, say: string): void =>
    void (err === undefined || faults.push(`${say}: ${inspect(err)}`));
  const none = (): void => undefined;
  const sites = new SitesUnderTest(dataFolder(), { info: none, warn: none, error });
  await importTown(sites.folder);
  const https = { host: '127.0.0.1', port: 0, console: join(sites.folder, 'console') };
  await sites.start(', gateways: [{ id: gw-2 }, { id: gw-3 }, { id: gw-4 }]', { https });
  await sites.imported();
  const gateway = await sites.enrolled();
  const agent = await sites.agentOf(gateway);
  await sites.born(agent);
  await sites.deliver(gateway, homeReport());
  return { sites, gateway, agent };
}

async function importTown(data: string): Promise<void> {
  const code = await headendCommand(['network', 'import', join(data, 'town.dss'), '--accept-errors', '--data', data]);
  if (code !== 0) throw new Error('the network was not imported');
}

/** Asks, and judges what is answered. */
class RouteAsker {
  readonly done = new Set<string>();
  asked = 0;
  readonly #raw: RawAsker;
  readonly #ids = new Map<string, string[]>();
  readonly #faults: string[];
  readonly #agent: FakeAgent;

  constructor(sites: SitesUnderTest, faults: string[], agent: FakeAgent) {
    this.#raw = new RawAsker(sites.headend.httpsUrl);
    this.#faults = faults;
    this.#agent = agent;
  }

  async ask(route: Route, caller: Caller, random: SeededRandom): Promise<void> {
    this.asked += 1;
    forget(this.#agent);
    const { method, path } = route;
    const made = requestFor(route, random, { files, ids: this.#ids });
    const headers = { ...caller.headers(method), ...made.headers };
    const { status, text } = await this.#raw.ask({ ...made, method, headers, endless: path === endless });
    const isOver = status === 401 && made.headers['cookie'] === undefined;
    if (isOver || text.includes('"sign-in-again"')) await caller.renew().catch(() => undefined);
    if (status < 300) this.done.add(nameOf(route));
    if (status < 300 && method !== 'GET') learnIds(this.#ids, route, text);
    const fault = this.#faults.shift() ?? wrongOf(route, caller, status, text);
    if (fault !== undefined)
      throw new Error(`${caller.name}: ${status}, ${fault}: ${method} ${made.path} ${made.body?.slice(0, 300) ?? ''}`);
  }

  end(): void {
    this.#raw.end();
  }
}

function wrongOf(route: Route, caller: Caller, status: number, text: string): string | undefined {
  if (status >= 500) return text.slice(0, 200);
  if (text.includes(secret) || text.includes('PRIVATE KEY')) return 'what lies beside the console was given out';
  return status < 300 && !mayCall(route.access, caller) ? 'it is not permitted, and was done' : undefined;
}

/** What an agent keeps of what it heard is not the head-end's. */
function forget(agent: FakeAgent): void {
  for (const kept of [agent.commands, agent.inquiries, agent.configurations, agent.tagLists, agent.reads, agent.modes])
    kept.length = 0;
}

const reviveEvery = 300;

/** What was removed, retired and revoked is entered anew, so that there is something to be asked about. */
async function revive(sites: SitesUnderTest, gateway: Enrolled, agent: FakeAgent): Promise<void> {
  await sites.call('DELETE', '/api/sites/home/retirement');
  await sites.imported();
  await sites.call('DELETE', '/api/devices/gw-1.meter-1/tag');
  if (!agent.isConnected) return;
  await agent.born(['meter-1', 'pv-1'], { configurationHash: 'c0ffee' });
  await agent.deviceBorn('meter-1', { ...meterBirth, serialNumber: 'S-1' });
  await agent.deviceBorn('pv-1', pvBirth);
  await agent.meter('meter-1', { switchState: 'closed', control: 'none', loadSideVoltage: 'present' });
  await agent.aas('pv-1', { activePowerW: 3_200, control: 'none' });
  await sites.deliver(gateway, homeReport());
}

/** Beside what is served, so that whoever comes out of it is found. */
const secret = 'nobody is to read this';

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tiepoint-fuzz-'));
  mkdirSync(join(folder, 'console', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), secret);
  writeFileSync(join(folder, 'town.dss'), townScript);
  writeFileSync(join(folder, 'console', 'index.html'), '<!doctype html><title>Tiepoint</title>');
  writeFileSync(join(folder, 'console', 'assets', 'app.js'), '');
  return folder;
}

/** Every route of the table, with what its list tells of parameters and bodies where it stands there, too. */
async function routesUnderFuzz(sites: SitesUnderTest): Promise<readonly Route[]> {
  const admin = await sites.crew.administrator();
  const { paths } = await admin.call<{ paths: Record<string, Record<string, Operation>> }>('GET', '/api/openapi.json');
  const files: readonly Route[] = ['/', '/assets/{name}', '/{name}'].map((path) => ({
    method: 'GET',
    path,
    access: { to: 'everybody' },
    operation: {},
  }));
  const declared = (await routesForPeople()).map(({ method, url, access }): Route => {
    const path = url.replaceAll(/:(\w+)/g, '{$1}');
    return { method, path, access, operation: paths[path]?.[method.toLowerCase()] ?? {} };
  });
  return [...declared, ...files];
}

const maxIds = 8;

/** Of selections, commands, tokens and the like, so that what follows from them is reached. */
function learnIds(ids: Map<string, string[]>, { path }: Route, text: string): void {
  const [, id] = /"id":"([^"]{1,80})"/.exec(text) ?? [];
  const of = path.split('/').findLast((part) => part !== '' && !part.startsWith('{'));
  if (id === undefined || of === undefined) return;
  const known = [...(ids.get(of) ?? []), id].slice(-maxIds);
  ids.set(of, known);
  // One of a group is selected as another is.
  if (of === 'group-selections') ids.set('selections', [...(ids.get('selections') ?? []), id].slice(-maxIds));
}

const nameOf = ({ method, path }: Route): string => `${method} ${path}`;
