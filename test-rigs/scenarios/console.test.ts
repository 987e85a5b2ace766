import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildConsole } from '../start/console-build.ts';
import { Chromium, chromiumIsMissing } from './chromium.ts';
import { signInAtConsole } from './console-sign-in.ts';
import { startLine } from './line.ts';
import type { Line } from './line.ts';

const root = join(import.meta.dirname, '../..');

/** What an operator does, in a real browser, on a whole running line. */
describe.skipIf(chromiumIsMissing)('the console in Chromium', { timeout: 120_000 }, () => {
  let line: Line;
  let page: Page;
  const browser = new Chromium();
  const folder = mkdtempSync(join(tmpdir(), 'tiepoint-console-'));

  beforeAll(async () => {
    const built = await buildConsole(root, join(folder, 'build.log'), () => undefined);
    if (built.state === 'failed') throw new Error(built.say);
    line = await startLine();
    await line.inService();
    await browser.start();
    ({ page } = await browser.desk());
    for (const id of ['gw-home.meter-1', 'gw-site.genset-1']) await line.api.live(id);
    await page.goto(line.url);
    await signInAtConsole(page, line, 'ann', 'switching-operator');
  }, 180_000);

  afterAll(async () => {
    await browser.stop();
    await line?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = async (id: string): Promise<void> => {
    await page.goto(`${line.url}/#/devices/${id}`);
    await page.getByTestId('liveness').first().waitFor();
  };
  const operate = async (kind: string): Promise<void> => {
    const button = page.getByTestId(`command-${kind}`);
    await expect.poll(async () => await button.isEnabled(), { timeout: 30_000 }).toBe(true);
    await button.click();
    await page.getByTestId('select-dialog').waitFor();
    await page.getByTestId('cause').fill('a test in the browser');
    await page.getByTestId('operate').click();
    // It closes when the head-end has taken the command: from then on its state is shown, and not that of the one before.
    await page.getByTestId('select-dialog').waitFor({ state: 'detached' });
  };
  const says = async (text: string): Promise<void> =>
    await expect.poll(async () => await page.locator('body').textContent(), { timeout: 15_000 }).toContain(text);
  const state = async (): Promise<string> => (await page.getByTestId('command-state').textContent()) ?? '';

  test('shows every device of the fleet, live', async () => {
    for (const id of ['meter-1', 'pv-1', 'battery-1', 'genset-1', 'meter-2', 'relay-1'])
      await page.getByTestId(`row-${id}`).waitFor();
  });

  test('the switch opened from the console is open at the device and confirmed by measurement', async () => {
    await open('gw-home.meter-1');
    await operate('disconnect');
    await expect.poll(state, { timeout: 30_000 }).toBe('confirmed');
    const measured = (await page.getByTestId('measured').textContent()) ?? '';
    expect(measured).toMatch(/open/);
    expect(line.site.plant.home.serviceSwitch).toMatchObject({ position: 'open' });
    expect(line.writes['meter-1']).toHaveLength(1);
    // The button that would open it again says why it is disabled.
    await expect
      .poll(async () => await page.getByTestId('command-disconnect').isEnabled(), { timeout: 15_000 })
      .toBe(false);
    await says('The switch is open already');
    await operate('connect');
    await expect.poll(state, { timeout: 30_000 }).toBe('confirmed');
    expect(line.writes['meter-1']).toHaveLength(2);
  });

  test('a device that accepts the write but does not move ends unconfirmed, and shows what was measured', async () => {
    line.site.devices['meter-1'].change({ stuckSwitch: true });
    try {
      await open('gw-home.meter-1');
      await operate('disconnect');
      await expect.poll(state, { timeout: 40_000 }).toBe('unconfirmed');
      expect(await page.getByTestId('measured').textContent()).toMatch(/closed/);
    } finally {
      line.site.devices['meter-1'].change({ stuckSwitch: null });
    }
  });

  test('LOCAL disables the buttons and says so', async () => {
    line.site.devices['meter-1'].change({ local: true });
    try {
      await open('gw-home.meter-1');
      await expect
        .poll(async () => await page.getByTestId('command-disconnect').isEnabled(), { timeout: 20_000 })
        .toBe(false);
      await says('in LOCAL');
    } finally {
      line.site.devices['meter-1'].change({ local: null });
    }
  });

  test('of several that are chosen in the table, what cannot be disconnected is told before, and each outcome after', async () => {
    await expect.poll(async () => (await line.api.row('gw-home.meter-1'))?.control, { timeout: 20_000 }).toBe('remote');
    await page.goto(`${line.url}/#/`);
    await page.getByTestId('choose-several').click();
    for (const id of ['meter-1', 'relay-1']) await page.getByTestId(`choose-${id}`).check();
    await page.getByTestId('group-disconnect').click();
    await says('relay-1 has no command disconnect by its profile');
    expect(await page.getByTestId('group-ready').textContent()).toContain('Opens the service switch of meter-1');
    await page.getByTestId('cause').fill('a test of several in the browser');
    await page.getByTestId('operate').click();
    await says('1 of 1 confirmed');
    expect(line.site.plant.home.serviceSwitch).toMatchObject({ position: 'open' });
  });

  test('without the head-end every value is shown as not live', async () => {
    await page.goto(`${line.url}/#/`);
    await page.getByTestId('row-meter-1').waitFor();
    await line.headEnd.kill();
    await page.getByTestId('link-banner').waitFor({ timeout: 30_000 });
    line.headEnd.start();
    await page.getByTestId('link-banner').waitFor({ state: 'detached', timeout: 60_000 });
  });

  test('the browser had nothing to complain about but the lost line', () => {
    expect(
      browser.faultsBut(/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY_RESPONSE|Failed to fetch|network error/i),
    ).toEqual([]);
  });
});
