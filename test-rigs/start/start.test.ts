import { existsSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatewayClientId } from '@tiepoint/protocol';
import { TestAuthority } from '@tiepoint/headend/authority/testing/test-authority.ts';
import { connectPacket, rawConnect } from '@tiepoint/headend/nms/link/raw-client.ts';
import { describe, test } from 'vitest';
import { processesNaming, Start, startTimeoutMs, until } from './start-under-test.ts';

const dump = join(import.meta.dirname, '../../../shared/data/devices/sma-sunnyboy-3.6-day.hex');
const dumpMissing = !existsSync(dump);

describe.concurrent('npm start', { timeout: 2 * startTimeoutMs }, () => {
  test('brings all devices to the head-end, takes faults, and stops leaving nothing behind', async (context) => {
    const { expect } = context;
    const start = new Start(context, []);
    await start.said('All 6 devices report.');
    const rows = await start.rows();
    expect(rows.map(({ id, liveness }) => `${id} ${liveness}`).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'gw-home.meter-1 live',
      'gw-home.pv-1 live',
      'gw-site.battery-1 live',
      'gw-site.genset-1 live',
      'gw-site.meter-2 live',
      'gw-site.relay-1 live',
    ]);
    expect(start.output).toContain(start.running().httpsUrl);
    await start.rowWhere('gw-home.pv-1', ({ activePowerW = 0 }) => activePowerW > 1000);

    expect((await start.fault('/devices/meter-1/faults', { unknownPoints: ['switchState'] })).status).toBe(200);
    await start.rowWhere('gw-home.meter-1', ({ switchState }) => switchState === undefined);
    expect((await start.fault('/devices/meter-1/faults', { unknownPoints: null })).status).toBe(200);
    await start.rowWhere('gw-home.meter-1', ({ switchState }) => switchState === 'closed');
    expect((await start.fault('/devices/meter-1/faults', { unheardOf: 1 })).status).toBe(400);
    expect((await start.fault('/devices/meter-9/faults', {})).status).toBe(404);

    expect(start.commandLine('tiepoint-agent.mjs')).toContain('--max-semi-space-size=');
    for (const file of ['headend.yaml', 'gateways/gw-home.yaml', 'gateways/gw-home/identity/key.pem'])
      expect(statSync(join(start.data, file)).mode & 0o777, file).toBe(0o600);
    for (const file of ['headend/operations.db', 'headend/telemetry.db', 'running.json'])
      expect(statSync(join(start.data, file)).mode & 0o007, file).toBe(0);
    const { mqttUrl = '', authority = '' } = start.running();
    const stranger = { ...(await (await TestAuthority.make()).gateway('gw-home')), ca: authority };
    const { answer } = await rawConnect(
      Number(new URL(mqttUrl).port),
      connectPacket(gatewayClientId('gw-home')),
      stranger,
    );
    expect(answer).toBe('closed');

    const second = new Start(context, [], start.data);
    expect(await second.ended).toBe(1);
    expect(second.output).toContain('is in use by another npm start');

    start.signal('SIGINT');
    expect(await start.ended).toBe(0);
    expect(processesNaming(start.data)).toEqual([]);
    expect(existsSync(join(start.data, 'running.json'))).toBe(false);
    expect(existsSync(join(start.data, 'site.json'))).toBe(true);
  });

  test('a child that dies is named, and everything stops with code 1', async (context) => {
    const { expect } = context;
    const start = new Start(context, []);
    await start.said('All 6 devices report.');
    const [agent] = processesNaming(join(start.data, 'gateways/gw-site.yaml')).map(Number);
    if (agent === undefined) throw new Error('the agent of gw-site runs');
    process.kill(agent, 'SIGKILL');
    expect(await start.ended).toBe(1);
    expect(start.output).toContain('The agent gw-site was ended by SIGKILL');
    expect(processesNaming(start.data)).toEqual([]);
  });

  test('children end when the launcher was killed', async (context) => {
    const { expect } = context;
    const start = new Start(context, []);
    await start.said('All 6 devices report.');
    start.signal('SIGKILL');
    await start.ended;
    await until(
      () => processesNaming(start.data).length === 0,
      () => 'processes are left',
    );
    expect(processesNaming(start.data)).toEqual([]);
  });

  test.skipIf(dumpMissing)('serves a real inverter from its register dump (needs ../shared/data)', async (context) => {
    const { expect } = context;
    const start = new Start(context, ['--no-site', '--image', dump, '--once']);
    const code = await start.ended;
    expect(start.output).toContain('The device reports.');
    expect(code).toBe(0);
  });

  test('a port that is named and taken is told', async (context) => {
    const { expect } = context;
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    context.onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const start = new Start(context, ['--https-port', String(port)]);
    expect(await start.ended).toBe(1);
    expect(start.output).toContain(`--https-port ${port}: another program listens there`);
  });

  test('a log that cannot be written is told in words', async (context) => {
    const { expect } = context;
    const data = mkdtempSync(join(tmpdir(), 'tiepoint-start-'));
    mkdirSync(join(data, 'log/head-end.log'), { recursive: true });
    writeFileSync(join(data, '.tiepoint-data'), '');
    const start = new Start(context, [], data);
    expect(await start.ended).toBe(1);
    expect(start.output).toContain('head-end.log: a folder lies where a file is needed');
    expect(start.output).not.toMatch(/^ +at /m);
  });
});
