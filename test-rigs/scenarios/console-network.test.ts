import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FleetResponse } from '@tiepoint/headend/api/contract.ts';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LightFleet } from '../fleet/light-fleet.ts';
import { buildConsole } from '../start/console-build.ts';
import { enrolGateway } from '../start/gateway-enrolment.ts';
import { townConcentrators } from '../start/town-meters.ts';
import { Chromium, chromiumIsMissing } from './chromium.ts';
import { signInAtConsole } from './console-sign-in.ts';
import { startLine } from './line.ts';
import type { Line } from './line.ts';
import { readyLine } from './program.ts';

const root = join(import.meta.dirname, '../..');

const [{ serialNumbers } = { serialNumbers: [] }] = townConcentrators();
const serials = serialNumbers.slice(0, 40);

/** Meters of the town as they really speak, so that there is something to read. */
async function someMeters({ headEnd, api, directory }: Line): Promise<LightFleet> {
  const ready = readyLine(headEnd.output);
  if (ready === undefined) throw new Error('the head-end is not ready');
  const identity = join(directory, 'concentrator-1');
  const { ask } = await api.operator();
  await enrolGateway(ready, ask, 'concentrator-1', identity);
  const fleet = new LightFleet([{ id: 'concentrator-1', identity, serialNumbers: serials }], ready.mqttUrl);
  await fleet.start();
  return fleet;
}

/** The network and the fleet's modes, in a real browser, on a whole running line with the demonstration town. */
describe.skipIf(chromiumIsMissing)('the network at the console', { timeout: 120_000 }, () => {
  let line: Line;
  let page: Page;
  const browser = new Chromium();
  const folder = mkdtempSync(join(tmpdir(), 'tiepoint-network-'));
  const faults: string[] = [];
  let switchedOutMs = 0;

  beforeAll(async () => {
    const built = await buildConsole(root, join(folder, 'build.log'), () => undefined);
    if (built.state === 'failed') throw new Error(built.say);
    line = await startLine({ town: true });
    await line.inService();
    await line.api.live('gw-home.meter-1');
    await browser.start();
    page = (await browser.desk()).page;
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(`${line.url}/#/network`);
    await signInAtConsole(page, line, 'ann', 'switching-operator');
  }, 240_000);

  afterAll(async () => {
    await browser.stop();
    await line?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const says = async (testId: string, what: string | RegExp, at = page): Promise<void> =>
    await expect
      .poll(async () => (await at.getByTestId(testId).first().textContent()) ?? '', { timeout: 30_000 })
      .toMatch(what);

  test('circuits of the town, and one of them as it is switched', async () => {
    await says('network-counts', /6 circuits of 2 substations.*300 transformers, 2500 service points/);
    await says('circuit-W1', /West W1.*West substation.*420.*radial/);
    await page.getByText('West W1').click();
    await says('circuit-counts', /420 customers at \d+ transformers, in 21 segments, from West substation/);
    expect(await page.locator('.circuit-line .bar-segment').count()).toBe(21);
    expect(await page.locator('.circuit-line .symbol.open').count()).toBeGreaterThan(0);
  });

  test('a segment shows its transformers', async () => {
    await page.getByRole('link', { name: /^Segment after W1-A0N-fuse: 26 customers/ }).click();
    await says('circuit-transformers', /Segment after W1-A0N-fuse/);
    const rows = await page.getByTestId('circuit-transformers').locator('tbody tr').count();
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThan(10);
  });

  test('its load is read: nobody has a meter of ours there, so there is no figure, and it says so', async () => {
    await page.getByTestId('read-segment').click();
    await says('read-state', /0 of 26 answered/);
    await says('read-figure', /not known/);
    await page.getByTestId('read-dialog').getByText('26 estimated').click();
    await says('read-dialog', /no meter of ours/);
    await page.getByTestId('read-dialog').getByText('Close', { exact: true }).click();
  });

  test('a switch that was operated by hand is recorded, and its customers are shown without supply', async () => {
    await page.getByRole('link', { name: /^Recloser W1-recloser: closed/ }).click();
    await says('switch-dialog', /stands closed; normally it is closed/);
    expect(await page.getByTestId('switch-record').isEnabled()).toBe(false);
    await page.getByTestId('switch-cause').fill('switching order 12');
    await page.getByTestId('switch-record').click();
    await page.getByRole('link', { name: /^Recloser W1-recloser: open, normally otherwise/ }).waitFor();
    switchedOutMs = Date.now();
    await page.goto(`${line.url}/#/network`);
    await says('network-without-supply', /\d+ service points have no supply/);
    await page.goto(`${line.url}/#/network/W1`);
    await page.getByRole('link', { name: /^Recloser W1-recloser: open/ }).click();
    await page.getByTestId('switch-cause').fill('restored');
    await page.getByTestId('switch-record').click();
    await page.getByRole('link', { name: /^Recloser W1-recloser: closed/ }).waitFor();
  });

  test('as of an instant: how it stood then, which is said; nothing is done there; by the address, back and forward', async () => {
    const wasOpen = page.getByRole('link', { name: /^Recloser W1-recloser: open, normally otherwise/ });
    await page.goto(`${line.url}/#/network/W1?at=${new Date(switchedOutMs).toISOString()}`);
    await wasOpen.click();
    await says('switch-dialog', /stood open; normally it was closed.*go back to now/);
    expect(await page.getByTestId('switch-record').count()).toBe(0);
    await page.keyboard.press('Escape');
    expect(await page.getByTestId('read-circuit').isEnabled()).toBe(false);
    await says('as-of-banner', /Network as of 20\d\d-.*, not the present/);
    await page.getByTestId('as-of-now').click();
    await page.getByRole('link', { name: /^Recloser W1-recloser: closed/ }).waitFor();
    expect(await page.getByTestId('as-of-banner').count()).toBe(0);
    await page.goBack();
    await wasOpen.waitFor();
    await page.locator('.crumb').getByRole('link').click();
    await says('network-without-supply', /\d+ service points had no supply as the switches stood then/);
    const choose = async (text: string): Promise<void> => {
      await page.getByTestId('as-of').click();
      await page.getByTestId('as-of-at').fill(text);
      await page.getByTestId('as-of-show').click();
    };
    await choose('2199-01-01T00:00:00');
    await says('as-of-banner', /2199-01-01 00:00:00 .* is still to come/);
    await choose('2001-01-01T00:00:00');
    await says('network-nothing-then', /No network is known as of 2001-.*the first holds from 20/);
  });

  test('the night’s read by hand brings hours, and a transformer shows what it carried', async () => {
    const fleet = await someMeters(line);
    try {
      await page.goto(`${line.url}/#/loads`);
      await says('loads-known', /none yet/);
      await expect
        .poll(async () => (await line.api.get<FleetResponse>('/api/fleet')).rows.length, { timeout: 30_000 })
        .toBeGreaterThan(serials.length);
      await page.getByTestId('night-begin').click();
      await says('night-progress', /(\d+) of \1 meters are read \(100.0 %\)/);
    } finally {
      await fleet.stop();
    }
    await line.api.post('/api/load/runs', {});
    await says('loads-known', /known until .* UTC/);
    await page.getByRole('searchbox').fill('W1-A0');
    const row = page
      .getByTestId('loads-table')
      .locator('tbody tr', { hasText: /W1-A0N/ })
      .first();
    await row.waitFor();
    await row.getByRole('link').first().click();
    await says('load-facts', /rated [\d.]+\skVA/);
    await says('load-utilisation', /%/);
    await says('known-say', /% measured/);
    await says('heat-say', /to \d{4}-\d\d-\d\d, hours of the clock/);
    await says('usual-day', /\(\d+ days?\)/);
    await says('duration', /of \d+ hours/);
    await says('ageing', /times the normal ageing.*IEEE C57.91/);
    await says('energy', /Wh.* since \d{4}-/);
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export CSV' }).click();
    expect((await saved).suggestedFilename()).toMatch(/^load-transformer-W1-A0N.*\.csv$/);
  });

  test('a meter’s intervals: found from its transformer, edited with a reason, taken back; a file is checked by line', async () => {
    await page.getByTestId('customers').getByRole('link').first().click();
    await says('meter-facts', /residential at W1-A0N.* on W1/);
    await says('meter-days', /all measured/);
    expect(await page.getByTestId('edit-chosen').isEnabled()).toBe(false);
    const desk = (await browser.desk()).page;
    desk.on('pageerror', (error) => faults.push(error.message));
    await desk.goto(page.url());
    await signInAtConsole(desk, line, 'eve', 'engineer');
    await desk.getByTestId('meter-day').getByRole('checkbox').first().check();
    await desk.getByTestId('edit-chosen').click();
    await desk.getByRole('textbox', { name: /^Taken/ }).fill('12.345');
    await desk.getByTestId('edit-cause').fill('read on site');
    await desk.getByTestId('edit-submit').click();
    await says('meter-day', /12\.345.*edited/, desk);
    await desk.getByTestId('meter-edits').getByRole('button', { name: 'Take back…' }).click();
    await desk.getByRole('textbox', { name: /^Reason/ }).fill('wrong meter');
    await desk.getByTestId('confirm').click();
    await says('meter-edits', /taken back by eve: wrong/, desk);
    await desk.goto(`${line.url}/#/meters`);
    await desk.getByTestId('task-files').click();
    const lines = ['meter,start,minutes,kwh', 'SP-C00001,2026-03-10 00:00,60,1.5', 'SP-C99,2026-03-10 00:00,60,2'];
    const file = (text: string) => ({ name: 'march.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await desk.getByTestId('intervals-file').setInputFiles(file(lines.join('\n')));
    await desk.getByTestId('take-file').click();
    await says('file-findings', /3error.*no meter SP-C99/, desk);
    await desk.getByTestId('intervals-file').setInputFiles(file(lines.slice(0, 2).join('\n')));
    await desk.getByTestId('take-file').click();
    await says('imports', /march\.csv: 1 intervals.*1 new/, desk);
    await desk.getByTestId('download-day').fill('2026-03-10');
    const down = desk.waitForEvent('download');
    await desk.getByTestId('download-intervals').click();
    const parquet = join(folder, 'day.parquet');
    await (await down).saveAs(parquet);
    await desk.getByTestId('intervals-file').setInputFiles(parquet);
    await desk.getByTestId('take-file').click();
    await says('file-say', /day\.parquet: \d+ intervals.*0 new or changed/, desk);
    await desk.getByTestId('task-uncounted').click();
    await desk.getByTestId('annual-file').setInputFiles(file('meter,annual_kwh,profile\nSP-C00002,250000,public\n'));
    await desk.getByTestId('annual-take').click();
    await says('annual-customers', /SP-C00002.*250.*MWhpublic/, desk);
  });

  test('the network goes out as CIM and comes in again; a set of files is checked by file and line, and taken', async () => {
    const desk = (await browser.desk()).page;
    desk.on('pageerror', (error) => faults.push(error.message));
    await desk.goto(`${line.url}/#/network`);
    await signInAtConsole(desk, line, 'ned', 'engineer');
    const saved = desk.waitForEvent('download');
    await desk.getByRole('link', { name: 'Export CIM' }).click();
    const cim = join(folder, 'network.xml');
    await (await saved).saveAs(cim);
    await desk.getByTestId('network-import').click();
    expect(await desk.getByTestId('take-file').isEnabled()).toBe(false);
    const choose = async (files: Readonly<Record<string, string>>): Promise<void> =>
      await desk
        .getByTestId('network-files')
        .setInputFiles(
          Object.entries(files).map(([name, text]) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })),
        );
    await desk.getByTestId('network-files').setInputFiles(cim);
    await desk.getByTestId('check-file').click();
    await says('file-say', /network\.xml: (is what is known already|could be imported.* 0 removed)/, desk);
    const master = 'new circuit.hamlet basekv=12.47 bus1=bus\nredirect lines.dss\n';
    const lines =
      'new linecode.c nphases=3 r1=.3 x1=.6 r0=.6 x0=1.8 units=km normamps=400\nnew line.main bus1=bus bus2=b length=1 units=km linecode=c\n';
    await choose({ 'lines.dss': `${lines}new windmill.w bus1=b\n`, 'Master.dss': master });
    await desk.getByTestId('check-file').click();
    await says('file-findings', /lines\.dss3error.*windmill/, desk);
    await choose({ 'lines.dss': lines, 'Master.dss': master });
    await desk.getByTestId('check-file').click();
    await says('file-say', /Master\.dss: could be imported.* 15687 removed; nothing is recorded/, desk);
    await desk.getByTestId('take-file').click();
    // It is said once more, with what goes.
    await says('confirm-dialog', /15687 removed/, desk);
    await desk.getByRole('button', { name: 'Cancel' }).click();
    await says('network-counts', /^[2-9] circuits/, desk);
    await desk.getByTestId('take-file').click();
    await desk.getByTestId('confirm').click();
    await says('imports', /ned.*Master\.dss imported, as of .* removed/, desk);
    await says('network-counts', /^1 circuits/, desk);
  });

  test('safe mode: ordered with a reason, shown on every page, forbids commands, and ended', async () => {
    await page.goto(`${line.url}/#/modes`);
    await says('modes-in-force', /None/);
    await page.getByTestId('choose-safe').click();
    expect(await page.getByTestId('mode-order').isEnabled()).toBe(false);
    await page.getByTestId('mode-cause').fill('exercise');
    await page.getByTestId('mode-order').click();
    await says('mode-safe', /safe everywhere.*by ann: exercise/);
    await page.goto(`${line.url}/#/devices/gw-home.meter-1`);
    await says('mode-banner', /safe mode everywhere until/);
    await expect
      .poll(async () => await page.getByTestId('command-disconnect').isEnabled(), { timeout: 30_000 })
      .toBe(false);
    await page.goto(`${line.url}/#/modes`);
    await page.getByTestId('mode-end').click();
    await page.getByTestId('confirm').click();
    await says('modes-in-force', /None/);
  });

  test('nothing in it failed', () => {
    expect(faults).toEqual([]);
  });
});
