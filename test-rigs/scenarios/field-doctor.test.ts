import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '@tiepoint/agent/io/disk/database.ts';
import { TestAuthority } from '@tiepoint/headend/authority/testing/test-authority.ts';
import { mosquittoIsMissing, startMosquitto } from '@tiepoint/headend/nms/link/mosquitto.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { socatPresent } from '../devices/pty-pair.ts';
import { startAgentBench } from './bench-agent.ts';
import { FakeHeadEnd } from './fake-head-end.ts';
import { layIdentity } from './laid-identity.ts';
import { until } from './until.ts';
import { doctor, gatewayFile, meterOnPty, meterOnTcp, of, temporary } from './examined-site.ts';

describe('doctor: the machine, the bus, the gateway', { timeout: 60_000 }, () => {
  test.skipIf(!socatPresent() || mosquittoIsMissing)(
    'a good site: every check made, with figures, and nothing bad',
    async () => {
      const directory = temporary();
      const authority = await TestAuthority.make();
      layIdentity(directory, await authority.gateway('gw-1'));
      const mosquitto = await startMosquitto(authority.server);
      onTestFinished(async () => await mosquitto.stop());
      const { url } = mosquitto;
      const headEnd = await FakeHeadEnd.start(url, 'gw-1', authority.headEnd);
      onTestFinished(async () => await headEnd.stop());
      const path = await meterOnPty();
      const file = gatewayFile(
        directory,
        url,
        { kind: 'rtu', path, baudRate: 9600, parity: 'none', timeoutMs: 500 },
        headEnd.trust,
      );
      const answer = await doctor('--config', file, '--reads', '20');
      expect(answer.findings.filter(({ outcome }) => outcome === 'bad')).toEqual([]);
      expect(answer).toMatchObject({ code: 0 });
      for (const id of [
        'configuration',
        'service',
        'disk',
        'database',
        'port',
        'identity',
        'bus',
        'round-trip',
        'plan',
        'own-certificate',
        'name',
        'tcp',
        'certificate',
        'mqtt',
        'subscription',
        'publication',
        'trust',
        'clock',
      ])
        expect({ id, outcome: of(answer, id)[0]?.outcome }).toEqual({ id, outcome: 'ok' });
      expect(of(answer, 'bus')[0]?.measured).toMatchObject({ timeouts: 0, spoilt: 0, exceptions: 0, retries: 0 });
      const trips = of(answer, 'round-trip')[0]?.measured as Record<string, number>;
      // The reply of 80 registers at 9600 baud: the wire alone takes a fifth of a second.
      expect(trips['p50Ms']).toBeGreaterThanOrEqual(trips['wireP50Ms']! - 1);
      expect(trips['p95Ms']).toBeLessThanOrEqual(trips['maxMs']!);
      expect(Math.abs(of(answer, 'clock')[0]?.measured?.['offsetMs'] as number)).toBeLessThan(500);
      // Not known here, and said so rather than passed over.
      expect(of(answer, 'head-end')[0]).toMatchObject({
        outcome: 'left-out',
        say: expect.stringContaining('--url') as string,
      });
      // What it said to the broker is nothing that a head-end takes for the gateway's life.
      expect(headEnd.all('gateway-birth')).toEqual([]);
    },
  );

  test.skipIf(!socatPresent())('a line that loses replies is bad, with shares and what to do', async () => {
    const path = await meterOnPty([
      { fault: { kind: 'lost' }, when: { probability: 0.15 } },
      { fault: { kind: 'bad-crc' }, when: { probability: 0.1 } },
    ]);
    const answer = await doctor(
      '--port',
      path,
      '--parity',
      'none',
      '--timeout',
      '150',
      '--unit',
      '1',
      '--profile',
      'eastron-sdm630',
      '--reads',
      '60',
    );
    expect(answer).toMatchObject({ code: 1, verdict: 'bad' });
    const [bus] = of(answer, 'bus');
    expect(bus).toMatchObject({ outcome: 'bad', about: 'unit-1', todo: expect.any(String) as string });
    for (const figure of ['timeouts', 'spoilt', 'retries']) expect(bus?.measured?.[figure]).toBeGreaterThan(0);
  });

  test.skipIf(!socatPresent())('a unit that is silent', async () => {
    const path = await meterOnPty();
    const answer = await doctor(
      '--port',
      path,
      '--parity',
      'none',
      '--timeout',
      '100',
      '--unit',
      '9',
      '--profile',
      'eastron-sdm630',
    );
    expect(answer.code).toBe(1);
    expect(of(answer, 'bus')[0]).toMatchObject({ outcome: 'bad', todo: expect.stringContaining('scan') as string });
    expect(of(answer, 'plan')[0]).toMatchObject({ outcome: 'left-out' });
  });

  test('a port that is not there, and a file that is wrong', async () => {
    const missing = await doctor('--port', '/dev/no-such-port', '--unit', '1', '--profile', 'eastron-sdm630');
    expect(of(missing, 'port')[0]).toMatchObject({ outcome: 'bad', todo: expect.stringContaining('ports') as string });
    const file = join(temporary(), 'gateway.yaml');
    writeFileSync(file, 'gateway: { id: gw-1 }\n');
    const wrong = await doctor('--config', file);
    expect(wrong.code).toBe(1);
    expect(of(wrong, 'configuration')[0]).toMatchObject({
      outcome: 'bad',
      say: expect.stringContaining('gateway.yaml:1') as string,
    });
  });

  test('a damaged database, and one with work left in it', async () => {
    const port = await meterOnTcp();
    const directory = temporary();
    const file = gatewayFile(directory, 'mqtts://127.0.0.1:1', { kind: 'tcp', host: '127.0.0.1', port });
    const dataDir = join(directory, 'data');
    const database = openDatabase(dataDir);
    database.exec(
      `INSERT INTO outbox (device_id, kind, bytes) VALUES ('meter-1', 'status', x'00'), ('meter-1', 'event', x'00')`,
    );
    database.exec(`INSERT INTO command VALUES ('c-1', 'meter-1', 1, x'00', 'executing', 2, 0)`);
    database.close();
    const left = await doctor('--config', file, '--reads', '3');
    expect(of(left, 'database')[0]).toMatchObject({
      outcome: 'warning',
      measured: { integrity: 'ok', outbox: 2, openCommands: 1, unsentAcknowledgements: 0 },
    });
    const bytes = readFileSync(join(dataDir, 'agent.sqlite'));
    bytes.fill(0xa5, 4_096, bytes.length);
    writeFileSync(join(dataDir, 'agent.sqlite'), bytes);
    expect(of(await doctor('--config', file, '--reads', '3'), 'database')[0]).toMatchObject({
      outcome: 'bad',
      todo: expect.stringContaining('aside') as string,
    });
  });

  test('a data folder that cannot be written', async () => {
    const directory = temporary();
    const port = await meterOnTcp();
    const file = gatewayFile(directory, 'mqtts://127.0.0.1:1', { kind: 'tcp', host: '127.0.0.1', port });
    // A file where the folder should be: root may write everywhere else.
    writeFileSync(join(directory, 'data'), '');
    expect(of(await doctor('--config', file, '--reads', '3'), 'disk')[0]).toMatchObject({ outcome: 'bad' });
  });

  test.skipIf(mosquittoIsMissing)('a running gateway is noticed and left in peace', async () => {
    const bench = await startAgentBench();
    onTestFinished(async () => await bench.stop());
    await until('statuses', () => bench.headEnd.all('status').length > 2);
    const births = bench.headEnd.all('gateway-birth').length;
    const answer = await doctor('--config', join(bench.directory, 'gw-1.yaml'));
    expect(of(answer, 'service')[0]).toMatchObject({ measured: { running: true, pid: bench.agent.pid } });
    for (const id of ['bus', 'mqtt', 'database'])
      expect({ id, outcome: of(answer, id)[0]?.outcome }).toEqual({ id, outcome: 'left-out' });
    for (const id of ['tcp', 'disk'])
      expect({ id, outcome: of(answer, id)[0]?.outcome }).toEqual({ id, outcome: 'ok' });
    expect(of(answer, 'memory')[0]?.measured?.['gatewayMB']).toBeGreaterThan(20);
    const before = bench.headEnd.all('status').length;
    await until('more statuses', () => bench.headEnd.all('status').length > before + 1);
    // The same session: nobody threw it out.
    expect(bench.headEnd.all('gateway-birth').length).toBe(births);
    expect(bench.headEnd.all('gateway-death')).toEqual([]);
  });

  test('the lock of a running gateway is what is looked at, not a file left behind', async () => {
    const directory = temporary();
    const port = await meterOnTcp();
    const file = gatewayFile(directory, 'mqtts://127.0.0.1:1', { kind: 'tcp', host: '127.0.0.1', port });
    const database = openDatabase(join(directory, 'data'));
    expect(of(await doctor('--config', file), 'service')[0]).toMatchObject({ measured: { running: true } });
    database.close();
    expect(of(await doctor('--config', file, '--reads', '3'), 'service')[0]?.measured).toBeUndefined();
    // The look has changed nothing: a gateway can start on it.
    new DatabaseSync(join(directory, 'data', 'agent.sqlite')).close();
    openDatabase(join(directory, 'data')).close();
  });
});
