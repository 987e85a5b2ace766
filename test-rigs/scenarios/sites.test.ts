import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SiteDetail } from '@tiepoint/headend/api/site-contract.ts';
import { chromium } from 'playwright-core';
import type { BrowserContext, Page } from 'playwright-core';
import { askIdentity } from '@tiepoint/agent/io/keys/identity-folder.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildConsole } from '../start/console-build.ts';
import { signInAtConsole } from './console-sign-in.ts';
import { startLine } from './line.ts';
import type { Line } from './line.ts';

const browser = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));
const chromiumIsMissing = browser === undefined;
const root = join(import.meta.dirname, '../..');

/** What the people of a utility do who enter sites, in a real browser, on a whole running line. */
describe.skipIf(chromiumIsMissing)('the pages of sites in Chromium', { timeout: 120_000 }, () => {
  let line: Line;
  let context: BrowserContext;
  let page: Page;
  const profile = mkdtempSync(join(tmpdir(), 'tiepoint-chromium-'));
  const faults: string[] = [];

  beforeAll(async () => {
    const built = await buildConsole(root, join(profile, 'build.log'), () => undefined);
    if (built.state === 'failed') throw new Error(built.say);
    line = await startLine();
    await line.inService();
    context = await chromium.launchPersistentContext(join(profile, 'data'), {
      executablePath: browser ?? '',
      headless: true,
      viewport: { width: 1440, height: 900 },
      ignoreHTTPSErrors: true,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    });
    page = context.pages()[0] ?? (await context.newPage());
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.goto(`${line.url}/#/sites`);
    await signInAtConsole(page, line, 'ann', 'switching-operator', 'engineer');
  }, 180_000);

  afterAll(async () => {
    await context?.close();
    await line?.stop();
    rmSync(profile, { recursive: true, force: true });
  });

  const text = async (testId: string): Promise<string> => (await page.getByTestId(testId).textContent()) ?? '';
  const says = async (testId: string, what: string | RegExp): Promise<void> =>
    await expect.poll(() => text(testId), { timeout: 15_000 }).toMatch(what);
  const choose = async (name: string, csv: string): Promise<void> => {
    const path = join(profile, name);
    writeFileSync(path, csv);
    await page.getByTestId('import-file').setInputFiles(path);
  };

  test('emulated sites are in service, and shown as what they are', async () => {
    for (const id of ['home', 'works']) await says(`site-${id}`, /in service.*EMULATED/);
    await page.getByText('Home with PV (emulated)').click();
    await says('emulated', 'nothing was measured on a site');
    await says('site-device-pv-1', /sunspec-inverter.*PV-6.*NEM-2024-0117/);
    expect(await page.getByTestId('missing').count()).toBe(0);
  });

  test('its report is shown apart, without scripts', async () => {
    await says('site-report', /passed.*EMULATED/);
    const [shown] = await Promise.all([
      context.waitForEvent('page'),
      page.getByText('View', { exact: true }).first().click(),
    ]);
    await shown.waitForLoadState();
    expect(await shown.title()).toContain('Emulated commissioning of home');
    expect(await shown.evaluate('origin')).toBe('null');
    await shown.close();
  });

  test('a file with faults shows them by line, and takes nothing; mended, it shows what it would do, and does it', async () => {
    await page.goto(`${line.url}/#/import`);
    const heading = 'site,site_title,feeder,gateway,device,profile,connection,unit';
    await choose('bad.csv', `${heading}\nmill,Mill,Elm 12 kV,gw-mill,pv-9,sunspec-inverter,usb,1\n`);
    await says('import-faults', '1 fault');
    await expect.poll(() => page.locator('.ledger').textContent()).toContain("2connection'usb' is no connection");
    await choose('good.csv', `${heading}\nmill,Mill,Elm 12 kV,gw-mill,pv-9,sunspec-inverter,tcp 192.0.2.7,1\n`);
    await says('import-count', '2 new, 0 changed, 0 as they are');
    await page.getByTestId('import-take').click();
    await says('import-done', 'Done: 2 new');
    await page.getByText('To the sites').click();
    await says('site-mill', /planned.*Elm 12 kV.*0 \/ 1.*gw-mill has no identity yet/);
  });

  test('a token for its gateway is shown once, as the line to run', async () => {
    await page.goto(`${line.url}/#/sites/mill`);
    await page.getByTestId('issue-token-gw-mill').click();
    await says('enrol-line', /^tiepoint-agent enroll https:\/\/127\.0\.0\.1:\d+ [\w-]{32}\.[0-9a-f]{64}$/);
    const [, , url = '', token = ''] = (await text('enrol-line')).split(' ');
    await page.getByText('Done', { exact: true }).click();
    await says('site-gateway-gw-mill', /of ann: open/);
    expect(await page.content()).not.toContain(token);
    expect(await askIdentity(join(profile, 'identity'), url, token, { name: 'Ted' })).toMatchObject({ ok: true });
    await says('site-gateway-gw-mill', /used by Ted/);
    await says('missing', /has not introduced itself yet/);
  });

  test('its certificate is shown, and revoked with a reason', async () => {
    await says('certificate-gw-mill', /[0-9a-f]{32} until/);
    await page.getByTestId('revoke-certificate-gw-mill').click();
    await page.getByTestId('revocation-dialog').locator('[name=cause]').fill('lost on the way');
    await page.getByTestId('revocation-dialog').getByText('Revoke', { exact: true }).click();
    await says('certificate-gw-mill', /revoked by ann .*: lost on the way/);
    await says('missing', /certificate of gw-mill was revoked: lost on the way.*enrol it anew/);
    expect((await line.api.get<SiteDetail>('/api/sites/mill')).gateways[0]?.identity).toBe('revoked');
  });

  test('a contract is entered in a form, which says what is wrong with it', async () => {
    await page.getByText('Enter a contract…').click();
    await page.locator('[name=id]').fill('C-77');
    await page.locator('[name=fromDay]').fill('2026-05-01');
    await page.locator('[name=toDay]').fill('2026-04-01');
    await page.locator('[name=operators]').fill('Ann Operator; Bob');
    await page.getByTestId('record-save').click();
    await says('record-form', 'is before 2026-05-01');
    await page.locator('[name=toDay]').fill('');
    await page.locator('[name=ratedPowerW]').fill('6.6');
    await page.getByTestId('record-save').click();
    await says('site-device-pv-9', /C-77.*2026-05-01 – no end.*Ann Operator, Bob; 6.6 kW/);
    expect(await page.getByTestId('record-form').count()).toBe(0);
  });

  test('a device that is ordered anew takes its site out of service, and its buttons say so', async () => {
    const { devices } = await line.api.get<SiteDetail>('/api/sites/works');
    const genset = devices.find(({ ordered }) => ordered.deviceId === 'genset-1')?.ordered;
    await page.goto(`${line.url}/#/sites/works`);
    await page.getByTestId('site-device-genset-1').getByText('Change…').click();
    await page.locator('[name=profile]').fill('another-genset');
    await page.getByTestId('record-save').click();
    await says('fallen', /fell out of service.*genset-1 is ordered with profile another-genset now/);
    await says('site-device-genset-1', `was ordered with profile another-genset, and says ${genset?.profile ?? '?'}`);
    await page.goto(`${line.url}/#/devices/gw-site.battery-1`);
    await page.getByTestId('liveness').first().waitFor();
    await expect
      .poll(async () => await page.locator('body').textContent(), { timeout: 15_000 })
      .toContain('Site works is provisioned, not in service.');
  });

  test('the browser had nothing to complain about but what was refused', () => {
    expect(faults.filter((fault) => !/status of 400/.test(fault))).toEqual([]);
  });
});
