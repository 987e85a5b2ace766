import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { CommandsResponse, CommandView } from '@tiepoint/headend/api/contract.ts';
import { seededRandom } from '../devices/seeded-random.ts';
import { until } from '../scenarios/until.ts';
import { compareDevice, compareEnds, processesNaming, readJournal } from './kills/accounts.ts';
import type { Breach, Journalled } from './kills/accounts.ts';
import { commanded, KilledLine } from './kills/killed-line.ts';
import type { CommandedKey } from './kills/killed-line.ts';
import type { Soak, SoakContext } from './soak.ts';

const wholeCampaign = 500;
const operators = 2;
/** Every command must end within this after the last kill; silence of an agent shows after two minutes. */
const settleMs = 300_000;
const root = join(import.meta.dirname, '../..');

/** Real programs on real disks, killed at random moments while operators command devices; then both ends must tell the same. */
const soak: Soak = async (context) => {
  const { seed, amount: kills = wholeCampaign, log } = context;
  const began = performance.now();
  const killed = await KilledLine.start();
  try {
    const victims = await killAll(killed, { ...context, amount: kills });
    const { breaches, confirmed } = await settleAndCompare(killed, log);
    const count = (promise: Breach['promise']): number => breaches.filter((each) => each.promise === promise).length;
    for (const { promise, say } of breaches.slice(0, 20)) log(`${promise}: ${say}`);
    if (breaches.length > 0) log(`the same kills again: npm run soak -- kills --seed ${seed} --seeds ${kills}`);
    const seconds = Math.round((performance.now() - began) / 1_000);
    return {
      name: 'kills',
      value: breaches.length,
      unit: `broken promises in ${kills} kills (${killed.taken.length} commands, ${seconds} s)`,
      limit: 0,
      kept: breaches.length === 0,
      kills,
      lost: count('lost'),
      repeated: count('repeated'),
      falseConfirmed: count('falseConfirmed'),
      others: count('other'),
      commands: killed.taken.length,
      confirmed,
      victims,
      seconds,
    };
  } finally {
    await killed.stop();
  }
};

export default soak;

async function killAll(
  killed: KilledLine,
  { seed, amount, log }: SoakContext & { amount: number },
): Promise<Readonly<Record<string, number>>> {
  const random = seededRandom(seed);
  const ended = new AbortController();
  const work = Array.from({ length: operators }, (_, index) =>
    killed.operate(seededRandom(seed + 1 + index), ended.signal),
  );
  const victims: Record<string, number> = {};
  for (let kill = 1; kill <= amount; kill += 1) {
    await wait(200 + random.below(2_800));
    const victim = await killed.killOne(random);
    victims[victim] = (victims[victim] ?? 0) + 1;
    if (kill % 50 === 0) log(`${kill} of ${amount} kills, ${killed.taken.length} commands`);
  }
  ended.abort();
  await Promise.all(work);
  return victims;
}

async function settleAndCompare(
  killed: KilledLine,
  log: (line: string) => void,
): Promise<{ readonly breaches: readonly Breach[]; readonly confirmed: number }> {
  const { line, taken, logs } = killed;
  await until(
    'the head-end answers',
    () =>
      line.api.get('/api/health').then(
        () => true,
        () => false,
      ),
    60_000,
  );
  const breaches: Breach[] = [];
  await until('every command has ended', async () => (await commandsOf(killed, true)).length === 0, settleMs).catch(
    (error: unknown) => breaches.push({ promise: 'lost', say: String(error) }),
  );
  // The last events, and the word that they are kept, are under way for some seconds.
  await wait(20_000);
  const all = new Map((await commandsOf(killed, false)).map((view) => [view.id, view]));
  for (const agent of Object.values(line.agents)) await agent.stop();
  await line.headEnd.stop();
  for (const left of processesNaming(join(line.directory, 'headend')))
    breaches.push({ promise: 'other', say: `a process is left behind: ${left}` });
  const journal = new Map<string, Journalled>();
  for (const gatewayId of ['gw-home', 'gw-site']) {
    const read = readJournal(gatewayId, join(line.directory, gatewayId));
    for (const [id, entry] of read.journal) journal.set(id, entry);
    if (read.events > 0)
      breaches.push({ promise: 'lost', say: `${read.events} events of ${gatewayId} are not at the head-end` });
  }
  breaches.push(
    ...compareEnds(
      taken.map(({ id }) => id),
      all,
      journal,
    ),
  );
  for (const key of Object.keys(commanded) as CommandedKey[]) breaches.push(...compareDevice(key, logs[key], journal));
  const audit = spawnSync(process.execPath, [
    join(root, 'headend/src/main.ts'),
    'audit',
    'verify',
    '--data',
    join(line.directory, 'headend'),
  ]);
  if (audit.status !== 0)
    breaches.push({ promise: 'other', say: `the audit: ${audit.stdout.toString()}${audit.stderr.toString()}` });
  log(`${all.size} commands at the head-end, ${journal.size} in journals, ${breaches.length} broken promises`);
  const confirmed = [...all.values()].filter(({ state }) => state === 'confirmed').length;
  return { breaches, confirmed };
}

/** All of them, or those under way: page by page, newest first. */
async function commandsOf({ line }: KilledLine, active: boolean): Promise<readonly CommandView[]> {
  const found: CommandView[] = [];
  for (let beforeMs: number | undefined; ;) {
    const query = [
      `limit=200`,
      ...(active ? ['state=active'] : []),
      ...(beforeMs === undefined ? [] : [`beforeMs=${beforeMs}`]),
    ];
    const { commands } = await line.api.get<CommandsResponse>(`/api/commands?${query.join('&')}`);
    found.push(...commands);
    const last = commands.at(-1)?.requestedAtMs;
    if (commands.length < 200 || last === undefined) return found;
    beforeMs = last;
  }
}
