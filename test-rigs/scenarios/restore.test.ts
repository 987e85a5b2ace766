import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditResponse, CommandsResponse, DeviceDetail, HealthResponse } from '@tiepoint/headend/api/contract.ts';
import { startLine } from './line.ts';
import type { Line } from './line.ts';
import type { Program } from './program.ts';
import { until } from './until.ts';

/** A head-end that is lost with its disk, and comes back from a backup that is older than what was done last. */
describe('restored from a backup', { timeout: 180_000 }, () => {
  let line: Line;
  let headEnd: Program | undefined;
  beforeAll(async () => {
    line = await startLine();
    await line.inService();
    for (const id of ['gw-home.meter-1', 'gw-home.pv-1', 'gw-site.relay-1']) await line.api.live(id);
  }, 120_000);
  afterAll(async () => {
    await headEnd?.kill();
    await line?.stop();
  });

  /** Not waited for in one go: the emulated site lives in this process. */
  async function headEndCommand(...args: string[]): Promise<string> {
    const program = join(import.meta.dirname, '../../headend/src/main.ts');
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...args]);
    expect(stderr).toBe('');
    return stdout;
  }
  const confirmed = async (id: string, kind: 'connect' | 'disconnect'): Promise<void> => {
    await line.api.offered(id, kind);
    const { id: commandId } = await line.api.command(id, kind);
    const outcome = await line.api.outcome(commandId);
    expect(outcome, JSON.stringify(outcome)).toMatchObject({ state: 'confirmed' });
  };
  const detail = async (id: string): Promise<DeviceDetail> => await line.api.get(`/api/devices/${id}`);

  test('it commands again, its agents believe it, and no lock-out is lifted by what it does not know', async () => {
    const backup = join(line.directory, 'backup');
    const restored = join(line.directory, 'restored');
    await confirmed('gw-home.meter-1', 'disconnect');
    await line.api.put('/api/devices/gw-site.relay-1/tag', { cause: 'before the backup' });
    await headEndCommand('backup', backup, '--data', join(line.directory, 'headend'));

    // What the backup does not hold: numbers that the agent has seen, and a lock-out.
    await confirmed('gw-home.meter-1', 'connect');
    await line.api.put('/api/devices/gw-home.pv-1/tag', { cause: 'somebody works there' });
    await line.headEnd.kill();
    expect(await headEndCommand('restore', backup, '--data', restored)).toMatch(/restored as of .*--tags-checked/s);

    headEnd = line.headEndOn(restored);
    headEnd.start();
    await until('the restored head-end answers', () => line.api.get('/api/health').catch(() => false), 30_000);
    for (const id of ['gw-home.meter-1', 'gw-home.pv-1', 'gw-site.relay-1']) await line.api.live(id);
    expect((await detail('gw-site.relay-1')).tag).toMatchObject({ cause: 'before the backup' });
    expect((await detail('gw-home.pv-1')).tag).toBeUndefined();
    expect((await line.api.get<HealthResponse>('/api/health')).conditions).toEqual([
      expect.stringMatching(/restored as of .*tags that were set after that are not known here/),
    ]);
    for (const { may } of (await detail('gw-home.meter-1')).commands)
      expect(may).toMatchObject({ ok: false, reason: expect.stringMatching(/tags-unknown|already/) });
    const { commands } = await line.api.get<CommandsResponse>('/api/commands?limit=10');
    expect(commands.map(({ kind, state }) => `${kind} ${state}`)).toEqual(['disconnect confirmed']);

    // Its operator sets anew what holds, and says so.
    await line.api.put('/api/devices/gw-home.pv-1/tag', { cause: 'somebody works there' });
    await headEnd.stop();
    headEnd = line.headEndOn(restored, '--tags-checked');
    headEnd.start();
    await until('it answers again', () => line.api.get('/api/health').catch(() => false), 30_000);
    await line.api.live('gw-home.meter-1');
    expect((await line.api.get<HealthResponse>('/api/health')).conditions).toEqual([]);
    expect(await headEndCommand('audit', 'verify', '--data', restored)).toMatch(/each as it was written/);
    const { rows } = await line.api.get<AuditResponse>('/api/audit?limit=5');
    expect(rows.map(({ say }) => say)).toEqual(
      expect.arrayContaining([expect.stringMatching(/tags were checked after a restore/)]),
    );
    await confirmed('gw-home.meter-1', 'disconnect');
    // The meter's switch is not closed onto a device behind it that is tagged: the lock-out that the backup did not hold.
    const { commands: offers } = await detail('gw-home.meter-1');
    expect(offers.find(({ kind }) => kind === 'connect')?.may).toMatchObject({ ok: false, reason: 'tagged' });
  });
});
