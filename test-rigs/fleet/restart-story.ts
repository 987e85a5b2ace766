import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { CommandDetail, CommandView, EventsResponse, HealthResponse } from '@tiepoint/headend/api/contract.ts';
import { commissionEmulated, enterSites } from '@tiepoint/headend/nms/testing/emulated-commissioning.ts';
import { freePort } from '@tiepoint/headend/nms/link/free-port.ts';
import { Api } from '../scenarios/line.ts';
import { Program, readyLine } from '../scenarios/program.ts';
import { until } from '../scenarios/until.ts';
import type { HeadendReady } from '../start/gateway-enrolment.ts';
import { headendFile } from '../start/headend-file.ts';
import { enrolFleet } from './enrolled-fleet.ts';
import type { EnrolledMember } from './enrolled-fleet.ts';
import { Fleet, fleetProfile } from './fleet.ts';

export type RestartStory = {
  readonly gateways: number;
  /** How long the head-end stays away; agents wait longer and longer for it. */
  readonly awayMs: number;
  /** How many meters are commanded in the moment of the kill. */
  readonly commanded: number;
  readonly log: (line: string) => void;
};

export type RestartTold = {
  /** From the head-end's word that it listens until all devices were live again. */
  readonly liveAgainMs: number;
  /** Events that the restart made, those of commands and of people left out. */
  readonly events: number;
  readonly kinds: Readonly<Record<string, number>>;
  /** Of the commands that were answered before the kill: how they ended. */
  readonly ends: Readonly<Record<string, number>>;
  /** Without an end, or with one that is not what is so at the meter; and meters that were written to more than once. */
  readonly lost: number;
  readonly repeated: number;
  readonly startSeconds: number;
};

const liveMs = 180_000;
/** So that who has not come back would be told by then. */
const tellMs = 65_000;
const settleMs = 200_000;

/** A head-end with a fleet on line is killed in the midst of commands, stays away, and is started again. */
export async function restartStory({ gateways, awayMs, commanded, log }: RestartStory): Promise<RestartTold> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'restart-'));
  const data = join(folder, 'data');
  const ids = Array.from({ length: gateways }, (_, index) => `gw-${index}`);
  const headEnd = await headEndProgram(folder, data, ids);
  let fleet: Fleet | undefined;
  try {
    headEnd.start();
    const ready = await listening(headEnd, 0);
    const api = new Api(ready.httpsUrl, data);
    const began = performance.now();
    const { ask } = await api.operator();
    const members = await enrolFleet(ready, ask, ids, join(folder, 'identities'));
    log(`${gateways} gateways enrolled in ${seconds(began)} s`);
    const running = (fleet = new Fleet(members, ready.mqttUrl));
    await running.start();
    await allLive(api, gateways);
    const startSeconds = seconds(began);
    log(`all live after ${startSeconds} s`);
    const some = members.slice(0, commanded);
    await putInService(api, ready.fieldUrl, some);
    const before = await newestEvent(api);
    const commands = await Promise.all(some.map(async ({ id }) => await api.command(`${id}.meter-1`, 'disconnect')));
    await headEnd.kill();
    log(`killed with ${commands.length} commands under way`);
    await wait(awayMs);
    const outputBefore = headEnd.output.length;
    headEnd.start();
    await listening(headEnd, outputBefore);
    const back = performance.now();
    await allLive(api, gateways);
    const liveAgainMs = Math.round(performance.now() - back);
    log(`all live again after ${(liveAgainMs / 1_000).toFixed(1)} s`);
    const ends = await endsOf(api, commands);
    await wait(Math.max(0, tellMs - (performance.now() - back)));
    const kinds = count(
      (await eventsSince(api, before)).filter((kind) => !/^(command|account|session|site)-/.test(kind)),
    );
    return { liveAgainMs, events: sum(kinds), kinds, startSeconds, ...judged(running, some, ends) };
  } finally {
    await fleet?.stop();
    await headEnd.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function headEndProgram(folder: string, data: string, ids: readonly string[]): Promise<Program> {
  const config = join(folder, 'headend.yaml');
  writeFileSync(config, headendFile(ids, true));
  const [https, mqtt, field] = [await freePort(), await freePort(), await freePort()];
  const ports = ['--https-port', https, '--mqtt-port', mqtt, '--field-port', field].map(String);
  return new Program(['headend/src/main.ts', '--config', config, '--data', data, ...ports]);
}

async function listening(headEnd: Program, after: number): Promise<HeadendReady> {
  return await until('the head-end listens', () => readyLine(headEnd.output.slice(after)), 60_000);
}

async function allLive(api: Api, gateways: number): Promise<void> {
  await until(
    `${gateways} devices live`,
    async () => {
      const health = await api.get<HealthResponse>('/api/health').catch(() => undefined);
      await wait(180);
      return health?.devices.live === gateways;
    },
    liveMs,
  );
}

async function putInService(api: Api, fieldUrl: string, members: readonly EnrolledMember[]): Promise<void> {
  const { ask } = await api.operator();
  const lines = members.map(({ id }) => `site-${id},Site of ${id},${id},meter-1,${fleetProfile}`);
  await enterSites(ask, ['site,site_title,gateway,device,profile', ...lines].join('\n'));
  for (const { id, tls } of members) {
    await api.live(`${id}.meter-1`);
    const asked = { ask, fieldUrl, siteId: `site-${id}`, gatewayId: id, tls, technician: 'fleet' };
    const { accepted, say } = await commissionEmulated(asked);
    if (!accepted) throw new Error(say);
  }
}

async function endsOf(
  api: Api,
  commands: readonly CommandView[],
): Promise<ReadonlyMap<string, CommandDetail | undefined>> {
  const ended = await Promise.all(
    commands.map(async ({ id }) => [id, await api.outcome(id, settleMs).catch(() => undefined)] as const),
  );
  return new Map(ended);
}

/** The end of each command against what is so at its meter. */
function judged(
  fleet: Fleet,
  members: readonly EnrolledMember[],
  ends: ReadonlyMap<string, CommandDetail | undefined>,
): Pick<RestartTold, 'ends' | 'lost' | 'repeated'> {
  const told = [...ends.values()];
  const pairs = members.map(({ id }, index) => ({ ...fleet.meter(id), end: told[index] }));
  const isTrue = ({ end, isOpen }: (typeof pairs)[number]): boolean =>
    end !== undefined && (end.state === 'confirmed' ? isOpen : end.state === 'unconfirmed' || !isOpen);
  return {
    ends: count(told.map((end) => end?.state ?? 'none')),
    lost: pairs.filter((pair) => !isTrue(pair)).length,
    repeated: pairs.filter(({ writes }) => writes > 1).length,
  };
}

async function newestEvent(api: Api): Promise<number> {
  // What happened last is written within the second.
  await wait(1_500);
  return (await api.get<EventsResponse>('/api/events?limit=1')).events[0]?.seq ?? 0;
}

async function eventsSince(api: Api, seq: number): Promise<readonly string[]> {
  const kinds: string[] = [];
  for (let page = ''; ;) {
    const { events, nextBeforeSeq } = await api.get<EventsResponse>(`/api/events?limit=1000${page}`);
    const fresh = events.filter((event) => event.seq > seq);
    kinds.push(...fresh.map(({ kind }) => kind));
    if (fresh.length < events.length || nextBeforeSeq === undefined) return kinds;
    page = `&beforeSeq=${nextBeforeSeq}`;
  }
}

const seconds = (since: number): number => Math.round((performance.now() - since) / 1_000);
const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, each) => total + each, 0);

function count(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
