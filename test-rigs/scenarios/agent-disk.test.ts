import { closeSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Command } from '@tiepoint/protocol';
import { mosquittoIsMissing } from '@tiepoint/headend/nms/link/mosquitto.ts';
import { startAgentBench } from './bench-agent.ts';
import type { AgentBench } from './bench-agent.ts';
import { cannotMount, cannotTurnReadOnly, SmallDisk, WornDisk } from './small-disk.ts';
import { until } from './until.ts';

const noMount = mosquittoIsMissing || cannotMount();
const noWornDisk = noMount || cannotTurnReadOnly();

/** A real agent, a real broker, real disks that fail. */
describe.skipIf(mosquittoIsMissing)('the disk of an agent', { timeout: 90_000 }, () => {
  let bench: AgentBench | undefined;
  let disk: SmallDisk | WornDisk | undefined;
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') process.stderr.write(bench?.agent.output.slice(-6_000) ?? '');
    await bench?.stop();
    disk?.end();
    [bench, disk] = [undefined, undefined];
  });

  async function started(dataDir?: string): Promise<AgentBench> {
    bench = await startAgentBench(dataDir === undefined ? {} : { settings: { gateway: { dataDir } } });
    return bench;
  }
  const live = async ({ headEnd }: AgentBench): Promise<void> =>
    void (await until(
      'a status with a judged clock',
      () => headEnd.all('status').at(-1)?.value.timeQuality === 'synchronised',
    ));
  const told = async ({ headEnd }: AgentBench, kind: string): Promise<string> =>
    await until(
      `the event ${kind}`,
      () => headEnd.all('gateway-event').findLast(({ value }) => value.kind === kind)?.value.say,
    );
  const order = async ({ headEnd }: AgentBench, kind: 'connect' | 'disconnect'): Promise<string> => {
    const { state, reason } = await headEnd.outcome((await headEnd.send({ deviceId: 'meter-1', kind })).id);
    return reason === undefined ? state : `${state} ${reason}`;
  };
  const reportsGoOn = async ({ headEnd }: AgentBench): Promise<void> => {
    const before = headEnd.all('status').length;
    await until('three more statuses', () => headEnd.all('status').length >= before + 3);
  };

  test('a damaged journal: set aside, told; nothing from before is done again, and nothing at all until the tags are heard', async () => {
    const it = await started();
    const { headEnd, agent, directory } = it;
    await live(it);
    const done: Command = await headEnd.send({ deviceId: 'meter-1', kind: 'disconnect' });
    expect(await headEnd.outcome(done.id)).toMatchObject({ state: 'confirmed' });
    expect(it.writes).toHaveLength(1);
    // Cleanly, so that all of it lies in the file; what waits in a log beside it would mend the damage.
    await agent.stop();
    spoil(join(directory, 'data', 'agent.sqlite'));
    const tags = headEnd.tags;
    headEnd.tags = undefined;
    agent.start();
    expect(await told(it, 'journal-set-aside')).toMatch(
      /agent\.sqlite\.damaged-\d{4}-.*commands from before are refused/,
    );
    expect(readdirSync(join(directory, 'data'))).toEqual(
      expect.arrayContaining([expect.stringMatching(/^agent\.sqlite\.damaged-/)]),
    );
    expect(headEnd.all('gateway-birth').at(-1)?.value.tagsRevision).toBeUndefined();
    await live(it);

    // The very command that was carried out, told again well within its life, as who holds the broker may.
    const before = headEnd.acknowledgements(done.id).length;
    await headEnd.send(done);
    const again = await until('an answer', () => headEnd.acknowledgements(done.id)[before]);
    expect(again).toMatchObject({ state: 'refused' });
    // What it did with commands of before it does not claim to know.
    await headEnd.inquire({ commands: [{ id: 'of-before', deviceId: 'meter-1', issuedAtMs: done.issuedAtMs }] });
    expect(await headEnd.outcome('of-before')).toMatchObject({ state: 'unconfirmed', reason: 'unknown-to-agent' });

    await wait(2_000);
    expect(await order(it, 'connect')).toBe('refused tags-unknown');
    if (tags !== undefined) await headEnd.tell(tags);
    await until(
      'a birth with the tags',
      () => headEnd.all('gateway-birth').at(-1)?.value.tagsRevision === tags?.revision,
    );
    const replayed = headEnd.acknowledgements(done.id).length;
    await headEnd.send({ ...done, id: 'another-of-before' });
    expect(await headEnd.outcome('another-of-before')).toMatchObject({ state: 'refused', reason: 'journal' });
    expect(headEnd.acknowledgements(done.id)).toHaveLength(replayed);
    expect(it.writes).toHaveLength(1);
    expect(await order(it, 'connect')).toBe('confirmed');
    expect(it.writes).toHaveLength(2);
  });

  test.skipIf(noMount)(
    'a full disk: commands are refused with the reason, reports go on; with room all is well without a restart',
    async () => {
      const small = (disk = new SmallDisk(3));
      const it = await started(join(small.path, 'data'));
      await live(it);
      expect(await order(it, 'disconnect')).toBe('confirmed');
      small.fill();
      const refused = await until(
        'a refusal, once the room that the files had left is used up',
        async () => {
          const said = await order(it, 'disconnect');
          return said.endsWith('journal') && said;
        },
        40_000,
      );
      expect(refused).toBe('refused journal');
      expect(await told(it, 'disk-failed')).toMatch(/full/);
      await reportsGoOn(it);
      const { length } = it.writes;
      small.free();
      expect(await order(it, 'connect')).toBe('confirmed');
      expect(it.writes).toHaveLength(length + 1);
      expect(await told(it, 'disk-well')).toMatch(/again/);
    },
  );

  test.skipIf(noWornDisk)(
    'a disk that turns read-only and is mended under it: the same, and it remembers what it did before',
    async () => {
      const worn = (disk = new WornDisk());
      const it = await started(join(worn.path, 'data'));
      await live(it);
      const done = await it.headEnd.send({ deviceId: 'meter-1', kind: 'disconnect' });
      await it.headEnd.outcome(done.id);
      worn.turnReadOnly();
      expect(await order(it, 'connect')).toBe('refused journal');
      expect(await told(it, 'disk-failed')).toMatch(/I\/O|readonly|read-only/);
      await reportsGoOn(it);
      worn.mend();
      await told(it, 'disk-well');
      const before = it.headEnd.acknowledgements(done.id).length;
      await it.headEnd.send(done);
      // What it could not be rid of while its disk failed may come again before.
      await until('the answer of before', () =>
        it.headEnd
          .acknowledgements(done.id)
          .slice(before)
          .some(({ state }) => state === 'confirmed'),
      );
      expect(it.writes).toHaveLength(1);
      expect(await order(it, 'connect')).toBe('confirmed');
    },
  );

  test.skipIf(noMount)(
    'started on a disk that is read-only: it reports, takes no command, and does when it can write',
    async () => {
      const small = (disk = new SmallDisk(3));
      const remount = (how: 'ro' | 'rw'): void => void execFileSync('mount', ['-o', `remount,${how}`, small.path]);
      remount('ro');
      const it = await started(join(small.path, 'data'));
      await live(it);
      await reportsGoOn(it);
      expect(await told(it, 'disk-failed')).toMatch(/read-only/);
      await it.headEnd.send({ deviceId: 'meter-1', kind: 'disconnect' });
      await wait(1_000);
      expect(it.writes).toEqual([]);
      remount('rw');
      await told(it, 'disk-well');
      await until('the tags', () => it.headEnd.all('gateway-birth').at(-1)?.value.tagsRevision !== undefined);
      expect(await order(it, 'disconnect')).toBe('confirmed');
    },
  );
});

/** Everything but the first page, as it comes out of a card that dies; nothing waits in a log after that. */
function spoil(path: string): void {
  const { size } = statSync(path);
  const file = openSync(path, 'r+');
  for (let at = 4_096; at < size; at += 4_096) writeSync(file, Buffer.alloc(4_096, 0xa5), 0, 4_096, at);
  closeSync(file);
}
