import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { CommissioningReport } from '@tiepoint/protocol/field';
import type { DeviceId } from '../devices/behaviours/demonstration-site.ts';
import { startCommissionedSite } from './commissioned-site.ts';
import type { CommissionedSite } from './commissioned-site.ts';

/** From an order at the head-end to a site in service, with the real programs; the story is told in its order. */
/** What a home does not have: a battery with settings to read back, a generator with its synchroniser, relays. */
describe('a site with a generator is commissioned', { timeout: 400_000 }, () => {
  let bench: CommissionedSite;
  beforeAll(async () => void (bench = await startCommissionedSite()), 60_000);
  afterAll(async () => await bench?.stop());

  test('the synchronization check relay refuses on a dead bus, arms on a live one, and closes by itself', async () => {
    const profiles = { 'battery-1': 'sunspec-der', 'genset-1': 'deepsea-genset', 'relay-1': 'kmtronic-relay' };
    const config = await enrolledGateway(bench, profiles);
    // What an order does not tell, the technician writes into the file.
    const { devices, ...rest } = parse(readFileSync(config, 'utf8')) as { devices: { id: string }[] };
    const confirmed = ['breakerState', 'connection', 'synchroniser', 'busVoltageV', 'busFrequencyHz'];
    const limits = { ratedPowerW: 500_000, ratedCurrentA: 752, ratedVoltageV: 277 };
    const completed = devices.map((device) => (device.id === 'genset-1' ? { ...device, limits, confirmed } : device));
    writeFileSync(config, stringify({ ...rest, devices: completed }));
    const answers = bench.file('answers.yaml', {
      technician: { name: 'A. Fitter' },
      consent: [
        'relay-1/relays',
        'battery-1/limit',
        'battery-1/start-stop',
        'battery-1/switch',
        'genset-1/start-stop',
        'genset-1/sync-check',
        'genset-1/sync-check/dead-bus',
        'genset-1/synchronise',
      ],
    });
    let deadSinceMs: number | undefined;
    const ran = await bench.agent(['commission', '--config', config, '--cadence-seconds', '12', '--answers', answers], {
      look: (out) => {
        // The technician, who makes the bus dead when asked, and live again after a while.
        const isAsked = /genset-1: Synchronization check/.test(out) && bench.site.plant.genset.engine === 'running';
        if (isAsked) deadSinceMs ??= Date.now();
        bench.site.disturbGrid({ dead: deadSinceMs !== undefined && Date.now() - deadSinceMs < 8_000 });
      },
    });
    const [path] = /\S+\.json/.exec(ran.out) ?? [];
    const report = JSON.parse(readFileSync(path ?? '', 'utf8')) as CommissioningReport;
    const item = (id: string): CommissioningReport['items'][number] | undefined =>
      report.items.find((each) => each.id === id);
    const outcomes = Object.fromEntries(report.items.map(({ id, outcome }) => [id, outcome]));
    expect(outcomes, ran.out).toMatchObject({
      'relay-1/relays': 'passed',
      'battery-1/start-stop': 'passed',
      'battery-1/switch': 'passed',
      'genset-1/start-stop': 'passed',
      'genset-1/sync-check': 'passed',
      'genset-1/synchronise': 'passed',
      'link-loss': 'skipped',
    });
    expect(item('genset-1/sync-check')?.say).toMatch(/stands still.*on a dead bus.*armed/);
    expect(Math.max(...(item('genset-1/synchronise')?.plot?.curves[0]?.values ?? []))).toBeGreaterThan(10);
    expect(bench.site.plant.genset).toMatchObject({ engine: 'stopped' });
    // Much was left out, so it cannot pass.
    expect(report.verdict).not.toBe('passed');
    expect(ran.code).toBe(1);
  });
});

/** Ordered at the head-end and enrolled there: who has not heard what is tagged is commanded nothing. Its configuration. */
async function enrolledGateway(bench: CommissionedSite, profiles: Readonly<Record<string, string>>): Promise<string> {
  await bench.api('PUT', '/api/sites/site-1', { title: 'Site 1' });
  for (const [id, profile] of Object.entries(profiles) as [DeviceId, string][])
    await bench.api('PUT', `/api/orders/gw-site.${id}`, {
      siteId: 'site-1',
      unit: bench.site.devices[id].unit,
      connection: bench.connection(id),
      profile,
    });
  const { token } = await bench.api<{ token: string }>('POST', '/api/gateways/gw-site/enrolment-tokens', {});
  const dir = join(bench.directory, 'site');
  const args = ['enroll', '--url', bench.url, '--token', token, '--dir', dir, '--data-dir', join(dir, 'data')];
  const enrolled = await bench.agent(args);
  expect(enrolled, enrolled.err).toMatchObject({ code: 0 });
  return join(dir, 'gateway.yaml');
}
