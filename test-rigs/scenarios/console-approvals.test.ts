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
const genset = 'gw-site.genset-1';

/** What takes two operators, each at a desk of their own: in a real browser, on a whole running line. */
describe.skipIf(chromiumIsMissing)('two operators at their consoles', { timeout: 180_000 }, () => {
  let line: Line;
  let ann: Page;
  let ben: Page;
  const browser = new Chromium();
  const folder = mkdtempSync(join(tmpdir(), 'tiepoint-approvals-'));

  beforeAll(async () => {
    const built = await buildConsole(root, join(folder, 'build.log'), () => undefined);
    if (built.state === 'failed') throw new Error(built.say);
    line = await startLine({ groupSize: 1 });
    await line.inService();
    await line.api.live(genset);
    await browser.start();
    [ann, ben] = [(await browser.desk()).page, (await browser.desk()).page];
    for (const [page, name] of [
      [ann, 'ann'],
      [ben, 'ben'],
    ] as const) {
      await page.goto(line.url);
      await signInAtConsole(page, line, name, 'switching-operator');
    }
    await ann.goto(`${line.url}/#/devices/${genset}`);
  }, 240_000);

  afterAll(async () => {
    await browser.stop();
    await line?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const select = async (kind: string): Promise<void> => {
    const button = ann.getByTestId(`command-${kind}`);
    await expect.poll(async () => await button.isEnabled(), { timeout: 60_000 }).toBe(true);
    await button.click();
    await ann.getByTestId('cause').fill(`${kind}, by two in the browser`);
  };
  const askToConnect = async (): Promise<void> => {
    await select('connect');
    expect(await ann.getByTestId('needs-approval').textContent()).toContain('This takes two operators.');
    await ann.getByTestId('operate').click();
    await ann.getByTestId('select-dialog').waitFor({ state: 'detached' });
    await ann.getByTestId('approval-own').getByText('You wait for a second operator').waitFor();
  };

  test('one operator alone starts the generator', async () => {
    await select('start-generation');
    await ann.getByTestId('operate').click();
    await expect
      .poll(async () => await ann.getByTestId('command-state').textContent(), { timeout: 60_000 })
      .toBe('confirmed');
  });

  test('what is taken back is gone at the other desk, too', async () => {
    await askToConnect();
    await ben.getByTestId('approval-other').waitFor();
    await ann.getByTestId('approval-look').click();
    expect(await ann.getByTestId('approval-approve').count()).toBe(0);
    await ann.getByTestId('approval-withdraw').click();
    await ann.getByTestId('approval-own').waitFor({ state: 'detached' });
    await ben.getByTestId('approval-other').waitFor({ state: 'detached' });
  });

  test('a refusal is told at once to who asked, with its reason; nothing was done', async () => {
    await askToConnect();
    await ben.getByTestId('approval-look').click();
    await ben.getByTestId('approval-dialog').getByText('connect, by two in the browser').waitFor();
    expect(await ben.getByTestId('approval-refuse').isEnabled()).toBe(false);
    await ben.getByTestId('approval-cause').fill('the crew is still at the bus');
    await ben.getByTestId('approval-refuse').click();
    await ann.getByText('Refused by ben: the crew is still at the bus').waitFor();
    expect((await line.api.row(genset))?.connection).toBe('disconnected');
    await ben.getByRole('button', { name: 'Close', exact: true }).last().click();
    await ann.getByRole('button', { name: 'Seen' }).click();
  });

  test('an approval operates it, in the name of both', async () => {
    await askToConnect();
    await ben.getByTestId('approval-look').click();
    await ben.getByTestId('approval-approve').click();
    await expect
      .poll(async () => await ben.getByTestId('group-count').textContent(), { timeout: 60_000 })
      .toBe('1 of 1 confirmed');
    await ann.getByTestId('approval-own').getByText('Approved by ben').waitFor();
    await ann.getByText('ann, approved by ben').first().waitFor();
    expect((await line.api.row(genset))?.connection).toBe('connected');
  });

  test('more at once than one operator may disconnect: the second sees each of them, and approves all', async () => {
    await ben.getByRole('button', { name: 'Close', exact: true }).last().click();
    await ann.getByRole('button', { name: 'Seen' }).click();
    for (const id of ['gw-home.meter-1', 'gw-site.battery-1']) await line.api.offered(id, 'disconnect');
    await ann.goto(`${line.url}/#/`);
    await ann.getByTestId('choose-several').click();
    for (const id of ['meter-1', 'battery-1']) await ann.getByTestId(`choose-${id}`).check();
    await ann.getByTestId('group-disconnect').click();
    await ann.getByTestId('needs-approval').getByText('This takes two operators.').waitFor();
    await ann.getByTestId('cause').fill('fire in the street');
    await ann.getByTestId('operate').click();
    await ann.getByTestId('approval-own').waitFor();
    expect((await line.api.row('gw-home.meter-1'))?.switchState).toBe('closed');
    await ben.getByTestId('approval-look').click();
    await ben.getByTestId('approval-dialog').getByText('fire in the street').waitFor();
    await ben.getByTestId('approval-approve').click();
    await expect
      .poll(async () => await ben.getByTestId('group-count').textContent(), { timeout: 60_000 })
      .toBe('2 of 2 confirmed');
    expect(line.site.plant.home.serviceSwitch).toMatchObject({ position: 'open' });
  });

  test('the tag of somebody who is away: one says what was verified, the other approves, and it is gone', async () => {
    const meter = 'gw-home.meter-1';
    await line.api.put(`/api/devices/${meter}/tag`, { cause: 'crew at the pole' });
    await ben.getByRole('button', { name: 'Close', exact: true }).last().click();
    await ann.getByRole('button', { name: 'Seen' }).click();
    await ann.goto(`${line.url}/#/devices/${meter}`);
    await ann.getByTestId('tag-remove').click();
    expect(await ann.getByTestId('removal-ask').isEnabled()).toBe(false);
    await ann.getByTestId('removal-verified').fill('the truck is back, the yard has seen them go');
    await ann.getByTestId('removal-tried').fill('called twice, asked the foreman');
    await ann.getByTestId('removal-ask').click();
    await ann.getByText('Its removal awaits a second operator.').waitFor();
    await ben.getByTestId('approval-look').click();
    const shown = await ben.getByTestId('approval-dialog').textContent();
    for (const said of ['crew at the pole', 'the yard has seen them go', 'asked the foreman', 'Asked for byann'])
      expect(shown).toContain(said);
    expect((await line.api.row(meter))?.tagOwner).toBe('tester');
    await ben.getByTestId('approval-approve').click();
    await ann.getByTestId('approval-own').getByText('Approved by ben').waitFor();
    await ann.getByText('Not tagged.').waitFor();
    expect((await line.api.row(meter))?.tagOwner).toBeUndefined();
  });

  test('an owner who is there says so in one step: the tag stays, and nobody has to decide', async () => {
    const meter = 'gw-home.meter-1';
    await ann.getByTestId('tag-cause').fill('at the meter');
    await ann.getByTestId('tag-set').click();
    await ben.getByRole('button', { name: 'Close', exact: true }).last().click();
    await ben.goto(`${line.url}/#/devices/${meter}`);
    await ben.getByTestId('tag-remove').click();
    await ben.getByTestId('removal-verified').fill('nobody was seen');
    await ben.getByTestId('removal-tried').fill('called once');
    await ben.getByTestId('removal-ask').click();
    await ann.getByRole('button', { name: 'I am there…' }).click();
    expect(await ann.getByTestId('approval-dialog').textContent()).toContain('nobody was seen');
    await ann.getByTestId('tag-keep').click();
    await ben.getByTestId('approval-own').getByText('Refused by ann: still at work there').waitFor();
    await ann.getByText('If you are there, say so').first().waitFor({ state: 'detached' });
    expect(await line.api.row(meter)).toMatchObject({ tagOwner: 'ann', tagCause: 'at the meter' });
  });

  test('an owner who was away is told that their tag was removed until they say that they know', async () => {
    const meter = 'gw-home.meter-1';
    await line.api.post(`/api/devices/${meter}/tag/removal`, { verified: 'gone home', tried: 'called' });
    const asked = ben.getByTestId('approval-other').filter({ hasText: 'tester waits for a second operator' });
    await asked.getByRole('button', { name: 'Decide…' }).click();
    await ben.getByTestId('approval-approve').click();
    const told = ann.getByText('Your tag was removed by tester, approved by ben');
    await told.first().waitFor();
    await ann.reload();
    await told.first().waitFor();
    expect((await line.api.row(meter))?.tagOwner).toBeUndefined();
    await ann.getByRole('button', { name: 'I know' }).click();
    await told.first().waitFor({ state: 'detached' });
  });

  test('the browser had nothing to complain about', () => {
    expect(browser.faultsBut(/ERR_INCOMPLETE/)).toEqual([]);
  });
});
