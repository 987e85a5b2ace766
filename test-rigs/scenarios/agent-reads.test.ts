import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test } from 'vitest';
import { mosquittoIsMissing } from '@tiepoint/headend/nms/link/mosquitto.ts';
import type { IntervalBlock, Reading } from '@tiepoint/protocol';
import { startAgentBench } from './bench-agent.ts';
import type { AgentBench } from './bench-agent.ts';
import { until } from './until.ts';

const lengthMs = 300_000;
/** Two intervals, and a little less than the next. */
const offMs = 2 * lengthMs;

/** A real agent process, a real broker, and an emulated meter whose true energy the test sets. */
describe.skipIf(mosquittoIsMissing)('what a meter counted, asked through a real mosquitto', { timeout: 60_000 }, () => {
  let bench: AgentBench | undefined;
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') process.stderr.write(bench?.agent.output.slice(-4_000) ?? '');
    await bench?.stop();
    bench = undefined;
  });

  async function started(device: object): Promise<AgentBench> {
    const it = (bench = await startAgentBench({ device, settings: { gateway: { readOnly: true } } }));
    await live(it);
    return it;
  }

  async function live({ headEnd }: AgentBench, after = 0): Promise<void> {
    await until('a status with a judged clock', () =>
      headEnd
        .all('status')
        .slice(after)
        .some(({ value }) => value.timeQuality === 'synchronised'),
    );
  }

  async function reading({ headEnd }: AgentBench, deviceId: string): Promise<Reading> {
    const id = await headEnd.read({ wanted: 'present', deviceIds: [deviceId] });
    const isAnswer = ({ value }: { value: Reading }): boolean => value.requestId === id;
    return (await until(`the reading of ${deviceId}`, () => headEnd.all('reading').find(isAnswer))).value;
  }

  test('present values are read now, and not taken from the last look; nothing is written', async () => {
    const it = await started({ periodMs: 4_000, pollMs: 4_000 });
    const before = it.headEnd.all('status').length;
    it.meter.override({ activePowerW: -1_234, voltageV: 231.5, importedEnergyWh: 7_654_321, exportedEnergyWh: 98_765 });
    const value = await reading(it, 'meter-1');
    expect(value).toMatchObject({
      activePowerW: -1_234,
      voltageV: 231.5,
      importedEnergyWh: 7_654_321,
      exportedEnergyWh: 98_765,
    });
    expect(value.failed).toBeUndefined();
    expect(Math.abs(value.timeMs - Date.now())).toBeLessThan(2_000);
    const since = it.headEnd.all('status').slice(before);
    expect(
      since.filter(({ value: status }) => status.kind === 'meter' && status.activePowerW === -1_234).length,
    ).toBeLessThan(2);
    expect(await reading(it, 'meter-9')).toMatchObject({ failed: 'This gateway carries no meter meter-9.' });
    it.meter.change({ dead: true });
    expect((await reading(it, 'meter-1')).failed).toMatch(/line/);
    expect(it.writes).toEqual([]);
  });

  test('what it counted while the gateway was off is in its intervals, and their sum is what the register moved', async () => {
    const it = await started({ intervalS: lengthMs / 1_000 });
    it.meter.override({ importedEnergyWh: 1_000_000, exportedEnergyWh: 500 });
    await until(
      'the register in a status',
      () => {
        const status = it.headEnd.all('status').at(-1)?.value;
        return status?.kind === 'meter' && status.importedEnergyWh === 1_000_000;
      },
      70_000,
    );
    expect(await it.agent.stop()).toBe(0);
    const left = movedBack(join(it.directory, 'data'), offMs);
    it.meter.override({ importedEnergyWh: 1_000_900, exportedEnergyWh: 500 });
    const statuses = it.headEnd.all('status').length;
    const backMs = Date.now();
    it.agent.start();
    await live(it, statuses);
    const id = await it.headEnd.read({ wanted: 'intervals', fromMs: left.startMs, toMs: Date.now() });
    const isLast = ({ value }: { value: IntervalBlock }): boolean => value.requestId === id && value.final;
    const block = (await until('the intervals', () => it.headEnd.all('intervals').find(isLast))).value;
    const { intervals } = block;
    expect(block).toMatchObject({ intervalS: 300 });
    expect(intervals[0]?.endMs).toBe(left.startMs + lengthMs);
    expect(intervals.length).toBeGreaterThanOrEqual(2);
    for (const { flags, exportedWh } of intervals) {
      expect(flags).toContain('interpolated');
      expect(exportedWh).toBe(0);
    }
    // 900 Wh over the time without a reading, evenly, from what was known of the first interval on.
    const sumWh = intervals.reduce((sum, { importedWh = 0 }) => sum + importedWh, 0);
    const endMs = intervals.at(-1)?.endMs ?? 0;
    expect(sumWh).toBe(Math.round((block.importedRegisterWh ?? 0) - left.registerWh + left.carriedWh));
    expect(Math.abs(sumWh - (900 * (endMs - left.readMs)) / (backMs - left.readMs))).toBeLessThan(20);
    expect(it.writes).toEqual([]);
  });
});

/** Makes a gateway that was stopped one that was stopped so long ago, as if its machine had been off. */
function movedBack(
  dataDir: string,
  byMs: number,
): { startMs: number; readMs: number; registerWh: number; carriedWh: number } {
  type Kept = {
    startMs: number;
    start: { importedWh: number };
    /** Before its register was set back to what the test begins with. */
    carried: { importedWh?: number };
    last: { atMs: number };
    quick: { atMs: number };
    buckets: { endMs: number }[];
  };
  const database = new DatabaseSync(join(dataDir, 'agent.sqlite'));
  const kept = JSON.parse(String(database.prepare('SELECT state FROM interval_state').get()?.['state'])) as Kept;
  database.exec('DELETE FROM interval');
  kept.startMs -= byMs;
  for (const each of [kept.last, kept.quick]) each.atMs -= byMs;
  for (const bucket of kept.buckets) bucket.endMs -= byMs;
  database.prepare('UPDATE interval_state SET state = ?').run(JSON.stringify(kept));
  database.close();
  return {
    startMs: kept.startMs,
    readMs: kept.last.atMs,
    registerWh: kept.start.importedWh,
    carriedWh: kept.carried.importedWh ?? 0,
  };
}
