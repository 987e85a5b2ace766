import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommissioningReport } from '@tiepoint/protocol/field';
import { startCommissionedSite } from './commissioned-site.ts';
import type { CommissionedSite } from './commissioned-site.ts';

/** From an order at the head-end to a site in service, with the real programs; the story is told in its order. */
/** What a home does not have: a battery with settings to read back, a generator with its synchroniser, relays. */
describe('a site with a generator is commissioned', { timeout: 400_000 }, () => {
  let bench: CommissionedSite;
  beforeAll(async () => void (bench = await startCommissionedSite()), 60_000);
  afterAll(async () => await bench?.stop());

  test('the synchronization check relay refuses on a dead bus, arms on a live one, and closes by itself', async () => {
    const devices = ['battery-1', 'genset-1', 'relay-1'] as const;
    const profiles = { 'battery-1': 'sunspec-der', 'genset-1': 'deepsea-genset', 'relay-1': 'kmtronic-relay' };
    const buses = devices.map((id) => bench.connection(id).replace('tcp ', '').split(':'));
    const config = bench.file('gateway.yaml', {
      gateway: { id: 'gw-site', dataDir: join(bench.directory, 'site-data') },
      mqtt: { url: 'mqtt://127.0.0.1:9' },
      buses: buses.map(([host, port], i) => ({ name: `bus-${i}`, kind: 'tcp', host, port: Number(port) })),
      devices: devices.map((id, i) => ({
        id,
        bus: `bus-${i}`,
        unit: bench.site.devices[id].unit,
        profile: profiles[id],
        ...(id === 'genset-1'
          ? {
              limits: { ratedPowerW: 500_000, ratedCurrentA: 752, ratedVoltageV: 277 },
              confirmed: ['breakerState', 'connection', 'synchroniser', 'busVoltageV', 'busFrequencyHz'],
            }
          : {}),
      })),
    });
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
    const ran = await bench.agent(['commission', '--config', config, '--answers', answers], {
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
    // Without a head-end and an order nothing can pass.
    expect(report.verdict).not.toBe('passed');
    expect(ran.code).toBe(1);
  });
});
