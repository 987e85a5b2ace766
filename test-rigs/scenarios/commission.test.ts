import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commissioningReportShape } from '@tiepoint/protocol/field';
import type { CommissioningReport } from '@tiepoint/protocol/field';
import { startCommissionedSite } from './commissioned-site.ts';
import type { CommissionedSite } from './commissioned-site.ts';
import { Program } from './program.ts';
import { until } from './until.ts';

/** From an order at the head-end to a site in service, with the real programs; the story is told in its order. */
describe('a home is commissioned', { timeout: 240_000 }, () => {
  let bench: CommissionedSite;
  let config: string;
  beforeAll(async () => {
    bench = await startCommissionedSite();
    await bench.api('PUT', '/api/sites/home-1', { title: 'Home 1, Mill Lane' });
    for (const [id, more] of [
      ['meter-1', { profile: 'ami-meter-200a', serialNumber: 'TP-EMU-0001', switchRatingA: 200 }],
      ['pv-1', { profile: 'sunspec-inverter', serialNumber: 'TP-EMU-0002', ratedPowerW: 6000, switchedBy: 'meter-1' }],
    ] as const)
      await bench.api('PUT', `/api/orders/gw-home.${id}`, {
        siteId: 'home-1',
        unit: bench.site.devices[id].unit,
        connection: bench.connection(id),
        ...more,
      });
    config = join(bench.directory, 'etc', 'gateway.yaml');
  }, 60_000);
  afterAll(async () => await bench?.stop());

  const siteState = async (): Promise<string> =>
    (await bench.api<{ site: { state: string } }>('GET', '/api/sites/home-1')).site.state;

  test('a token becomes identity, configuration and files that only their owner reads', async () => {
    const { token } = await bench.api<{ token: string }>('POST', '/api/gateways/gw-home/enrolment-tokens', {});
    const dir = join(bench.directory, 'etc');
    const wrong = await bench.agent(['enroll', '--url', bench.url, '--token', 'nonsense', '--dir', dir]);
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.err).toContain('not whole');
    const elsewhere = `${token.split('.')[0]}.${'0'.repeat(64)}`;
    const other = await bench.agent(['enroll', '--url', bench.url, '--token', elsewhere, '--dir', dir]);
    expect(other).toMatchObject({ code: 1 });
    expect(other.err).toContain('was told nothing');
    expect(existsSync(config)).toBe(false);
    const dataDir = join(bench.directory, 'data');
    const args = ['enroll', '--url', bench.url, '--token', token, '--dir', dir, '--data-dir', dataDir];
    const enrolled = await bench.agent(args);
    expect(enrolled, enrolled.err).toMatchObject({ code: 0 });
    expect(enrolled.out).toContain('gw-home of site Home 1, Mill Lane');
    expect(statSync(join(dir, 'identity', 'key.pem')).mode & 0o777).toBe(0o600);
    const again = await bench.agent(args);
    expect(again).toMatchObject({ code: 2 });
    expect(again.err).toContain('--replace');
    const spent = await bench.agent([...args, '--replace']);
    expect(spent).toMatchObject({ code: 1 });
    expect(spent.err).toContain('used before');
    expect(readFileSync(config, 'utf8')).toContain('gw-home');
  });

  const answers = {
    technician: { name: 'A. Fitter', organisation: 'Test works' },
    instrument: { name: 'Clamp meter', serialNumber: 'K-17', accuracyPct: 3 },
    consent: ['meter-1/switch', 'pv-1/switch', 'pv-1/limit', 'pv-1/threshold', 'link-loss'],
    skip: { 'pv-1/ct': 'the transformers are inside of the inverter' },
    accept: {
      cadence: 'a test has no five minutes',
      'meter-1/ct': 'two of its phases are not connected',
      'pv-1/enter-service': 'seen at its panel',
    },
  };

  test('the service and the commissioning do not run at the same time', async () => {
    const service = new Program(['agent/bin/tiepoint-agent.mjs', '--config', config]);
    service.start();
    await until('the service runs', () => service.output.includes('ready'));
    const refused = await bench.agent(['commission', '--config', config, '--answers', bench.file('a.yaml', answers)]);
    await service.stop();
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain('is in use');
  });

  /** What an instrument would show now. */
  const readings = (): object => {
    const { home, pv } = bench.site.plant;
    return {
      readings: {
        'meter-1': {
          voltageV: home.supplyV,
          currentA: home.currentA,
          activePowerW: home.activePowerW,
          frequencyHz: home.supply.frequencyHz,
        },
        'pv-1': {
          voltageV: pv.voltageV,
          currentA: pv.currentA,
          activePowerW: pv.activePowerW,
          frequencyHz: pv.frequencyHz,
        },
      },
      clamps: { 'meter-1': { A: Math.abs(home.currentA), direction: home.activePowerW >= 0 ? 'import' : 'export' } },
    };
  };
  const commission = (given: object, ...more: string[]): Parameters<CommissionedSite['agent']>[0] => [
    'commission',
    '--config',
    config,
    '--cadence-seconds',
    '24',
    '--answers',
    bench.file('answers.yaml', { ...answers, ...readings(), ...given }),
    ...more,
  ];

  test('a kill in the midst of it loses the item under way, and nothing moves without consent', async () => {
    const killed = await bench.agent(commission({ consent: [] }), {
      look: (out, kill) => void (/pv-1: Limit/.test(out) && kill()),
    });
    expect(killed.code).not.toBe(0);
    const listed = await bench.agent(['commission', '--config', config, '--list', '--json']);
    const { items } = JSON.parse(listed.out) as { items: { id: string; result?: { outcome: string } }[] };
    expect(items.find(({ id }) => id === 'meter-1/nameplate')?.result?.outcome).toBe('passed');
    // Killed before it came to that, or just after.
    expect(['not yet', 'skipped']).toContain(
      items.find(({ id }) => id === 'meter-1/switch')?.result?.outcome ?? 'not yet',
    );
    expect(bench.site.plant.home.serviceSwitch).toMatchObject({ position: 'closed' });
  });

  test('the list goes on where it ended, and its report puts the site into service', async () => {
    const done = await bench.agent(commission({}, '--photo', bench.file('door.png', pixel())));
    const [path] = /\S+\.json/.exec(done.out) ?? [];
    expect(done.code, `${done.out}\n${done.err}`).toBe(0);
    const read = commissioningReportShape(JSON.parse(readFileSync(path ?? '', 'utf8')), '');
    if (!read.ok) throw new Error(read.say);
    const report: CommissioningReport = read.value;
    expect(report.verdict).toBe('passed-with-reservations');
    const outcomes = Object.fromEntries(report.items.map(({ id, outcome }) => [id, outcome]));
    expect(outcomes).toMatchObject({
      'meter-1/switch': 'passed',
      'pv-1/limit': 'passed',
      'pv-1/threshold': 'passed',
      'link-loss': 'passed',
      cadence: 'passed',
    });
    const moved = report.items.find(({ id }) => id === 'meter-1/switch');
    expect(moved?.commandIds).toHaveLength(2);
    expect(Math.max(...(moved?.plot?.curves[0]?.values ?? []))).toBeGreaterThan(1);
    expect(moved?.plot?.curves[0]?.values).toContain(0);
    const html = readFileSync((path ?? '').replace(/json$/, 'html'), 'utf8');
    expect(html).toContain('data:image/png;base64,');
    expect(html.replaceAll(/data:[^"]*/g, '')).not.toMatch(/(?:src|href)="[^"]|url\(|@import/);
    expect(await siteState()).toBe('in-service');
  });

  test('a kill while the switch is open: it is repeated, and the switch ends closed', async () => {
    const isOpen = (): boolean => bench.site.plant.home.serviceSwitch.position === 'open';
    bench.site.devices['meter-1'].change({ slowSwitchS: 2 });
    await bench.agent(commission({}, '--redo', 'meter-1/switch'), { look: (_out, kill) => void (isOpen() && kill()) });
    expect(isOpen()).toBe(true);
    bench.site.devices['meter-1'].change({ slowSwitchS: null });
    // Until it is brought back, whoever starts the gateway or asks the doctor is told.
    const service = new Program(['agent/bin/tiepoint-agent.mjs', '--config', config]);
    service.start();
    const events = async (): Promise<readonly { kind: string; say: string }[]> =>
      (await bench.api<{ events: { kind: string; say: string }[] }>('GET', '/api/events')).events;
    await until('the head-end is told', async () => (await events()).some(({ kind }) => kind === 'left-moved'));
    await service.stop();
    expect(service.output).toMatch(/a commissioning broke off: meter-1 was found switched on/);
    const examined = await bench.agent(['doctor', '--config', config, '--json', '--wait', '0', '--reads', '1']);
    expect(JSON.parse(examined.out)).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({ id: 'commissioning', about: 'meter-1', outcome: 'bad' }),
      ]) as object,
    });
    const again = await bench.agent(commission({}, '--redo', 'meter-1/switch', '--json'));
    const told = JSON.parse(again.out) as { json: string };
    const report = JSON.parse(readFileSync(told.json, 'utf8')) as CommissioningReport;
    expect(report.items.find(({ id }) => id === 'meter-1/switch')).toMatchObject({ outcome: 'passed' });
    expect(isOpen()).toBe(false);
  });

  test('a stuck switch fails its item, and the report does not pass', async () => {
    bench.site.devices['meter-1'].change({ stuckSwitch: true });
    const failed = await bench.agent(commission({}, '--redo', 'meter-1/switch', '--json'));
    bench.site.devices['meter-1'].change({ stuckSwitch: null });
    expect(failed.code, failed.err).toBe(1);
    const told = JSON.parse(failed.out) as {
      verdict: string;
      json: string;
      headEnd: { sent: boolean; accepted: boolean };
    };
    expect(told).toMatchObject({ verdict: 'failed', headEnd: { sent: true, accepted: false } });
    const report = JSON.parse(readFileSync(told.json, 'utf8')) as CommissioningReport;
    const item = report.items.find(({ id }) => id === 'meter-1/switch');
    expect(item?.outcome).toBe('failed');
    expect(item?.attempts).toBeGreaterThanOrEqual(3);
    expect(item?.say).toContain('unconfirmed');
  });
});

/** The smallest PNG. */
const pixel = (): string => '\u0089PNG\r\n\u001a\n';
