import { afterEach, describe, expect, test } from 'vitest';
import { mosquittoIsMissing } from '@tiepoint/headend/nms/link/mosquitto.ts';
import { startAgentBench } from './bench-agent.ts';
import type { AgentBench } from './bench-agent.ts';
import { until } from './until.ts';

describe.skipIf(mosquittoIsMissing)('fleet modes at an agent behind a real mosquitto', { timeout: 60_000 }, () => {
  let bench: AgentBench | undefined;
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') process.stderr.write(bench?.agent.output.slice(-4_000) ?? '');
    await bench?.stop();
    bench = undefined;
  });

  async function started(): Promise<AgentBench> {
    const it = (bench = await startAgentBench());
    await until('a status with a judged clock', () =>
      it.headEnd.all('status').some(({ value }) => value.timeQuality === 'synchronised'),
    );
    return it;
  }

  async function heard({ headEnd }: AgentBench, revision: number): Promise<void> {
    await until(`the birth of mode ${revision}`, () =>
      headEnd.all('gateway-birth').some(({ value }) => value.modeRevision === revision),
    );
  }

  const sequences = ({ headEnd }: AgentBench): number[] =>
    [
      ...headEnd.all('status').map(({ value }) => value.seq),
      ...headEnd.all('event').map(({ value }) => value.seq),
      ...headEnd
        .all('history')
        .flatMap(({ entries }) => entries.map((each) => (each.of === 'status' ? each.status.seq : each.event.seq))),
    ].toSorted((a, b) => a - b);

  test('storm: reports of a plain meter wait, commands and asked readings do not; in the end nothing is missing', async () => {
    const it = await started();
    const { headEnd } = it;
    await headEnd.mode({ revision: 5, mode: 'storm', untilMs: Date.now() + 60_000, operator: 'ann', cause: 'gale' });
    await heard(it, 5);
    const before = headEnd.all('status').length;
    const opened = await headEnd.outcome((await headEnd.send({ deviceId: 'meter-1', kind: 'disconnect' })).id);
    expect(opened).toMatchObject({ state: 'confirmed' });
    const id = await headEnd.read({ wanted: 'present', deviceIds: ['meter-1'] });
    await until('the reading', () => headEnd.all('reading').some(({ value }) => value.requestId === id));
    await it.agent.stop();
    it.agent.start();
    await until('the birth after a restart', () => headEnd.all('birth').length >= 2);
    await until('some looks', () => it.agent.output.split('"msg":"event"').length > 1);
    // Of the moment in which it came, one may have been on its way.
    expect(headEnd.all('status').length - before).toBeLessThan(2);
    expect(headEnd.all('event')).toEqual([]);
    await headEnd.mode({ revision: 6, mode: 'normal' });
    await heard(it, 6);
    const live = headEnd.all('status').length;
    await until('live statuses again', () => headEnd.all('status').length > live + 1);
    await until('the event as history', () =>
      headEnd
        .all('history')
        .some(({ entries }) => entries.some((each) => each.of === 'event' && each.event.kind === 'switch-changed')),
    );
    await until('no gap', () => {
      const all = [...new Set(sequences(it))];
      const born = headEnd.all('birth').map(({ value }) => value.nextSeq);
      return born.length > 0 && all.length > 5 && (all.at(-1) ?? 0) < all.length + 3;
    });
  });

  test('safe: no command is taken, nothing is reported; it ends by itself', async () => {
    const it = await started();
    const { headEnd } = it;
    const untilMs = Date.now() + 6_000;
    await headEnd.mode({ revision: 5, mode: 'safe', untilMs, operator: 'ann' });
    await heard(it, 5);
    const before = headEnd.all('status').length;
    const refused = await headEnd.outcome((await headEnd.send({ deviceId: 'meter-1', kind: 'disconnect' })).id);
    expect(refused).toMatchObject({ state: 'refused', reason: 'safe-mode' });
    expect(refused.say).toContain(new Date(untilMs).toISOString());
    expect(Date.now()).toBeLessThan(untilMs);
    expect(headEnd.all('status').length - before).toBeLessThan(2);
    await until('statuses again, by themselves', () => headEnd.all('status').length > before + 2, 15_000);
    expect(Date.now()).toBeGreaterThanOrEqual(untilMs - 100);
    await until('what was held back', () => headEnd.all('history').length > 0, 15_000);
    const opened = await headEnd.outcome((await headEnd.send({ deviceId: 'meter-1', kind: 'disconnect' })).id);
    expect(opened).toMatchObject({ state: 'confirmed' });
    expect(it.writes.map(({ words }) => words)).toEqual([[2]]);
  });
});
