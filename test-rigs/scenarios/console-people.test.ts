import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '@tiepoint/headend/api/testing/signed-in.ts';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildConsole } from '../start/console-build.ts';
import { Chromium, chromiumIsMissing } from './chromium.ts';
import { giveNameAndPassword, makeAccount, ownPassword, signInAtConsole } from './console-sign-in.ts';
import { startLine } from './line.ts';
import type { Line } from './line.ts';

const root = join(import.meta.dirname, '../..');

/** Who is at the console, and what they may: in a real browser, on a whole running line. */
describe.skipIf(chromiumIsMissing)('people at the console', { timeout: 120_000 }, () => {
  let line: Line;
  let page: Page;
  let secret = '';
  let recoveryCode = '';
  const browser = new Chromium();
  const folder = mkdtempSync(join(tmpdir(), 'tiepoint-people-'));

  beforeAll(async () => {
    const built = await buildConsole(root, join(folder, 'build.log'), () => undefined);
    if (built.state === 'failed') throw new Error(built.say);
    line = await startLine();
    await line.inService();
    await line.api.live('gw-home.meter-1');
    await browser.start();
    ({ page } = await browser.desk());
  }, 180_000);

  afterAll(async () => {
    await browser.stop();
    await line?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const signedIn = async (): Promise<void> => await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  const signOut = async (): Promise<void> => {
    await page.getByTestId('who').click();
    await page.getByTestId('sign-out').click();
    await page.getByTestId('sign-in-name').waitFor();
  };
  const says = async (text: string): Promise<void> =>
    await expect.poll(async () => await page.locator('body').textContent(), { timeout: 15_000 }).toContain(text);

  test('a newcomer signs in by the one-time password, once, and chooses another', async () => {
    const given = await makeAccount(line, 'ann', 'switching-operator');
    await page.goto(line.url);
    await giveNameAndPassword(page, 'ann', 'a guess');
    await says('Name, password or code is wrong.');
    await giveNameAndPassword(page, 'ann', given);
    await page.getByTestId('password-current').fill(given);
    await page.getByTestId('password-next').fill('short');
    await page.getByTestId('password-again').fill('short');
    await page.getByTestId('sign-in-submit').click();
    await page.getByRole('alert').waitFor();
    for (const field of ['password-next', 'password-again']) await page.getByTestId(field).fill(ownPassword);
    await page.getByTestId('sign-in-submit').click();
    await signedIn();
    expect(await page.getByTestId('who').textContent()).toContain('ann');
  });

  test('a second factor is set up, and asked for from then on; a recovery code stands in for it once', async () => {
    await page.goto(`${line.url}/#/account`);
    await page.getByTestId('totp-set-up').click();
    secret = (await page.getByTestId('totp-secret').textContent()) ?? '';
    await page.getByTestId('totp-code').fill('000000');
    await page.getByTestId('totp-confirm').click();
    await says('This is not the code of now');
    await page.getByTestId('totp-code').fill(codeOf({ secret }));
    await page.getByTestId('totp-confirm').click();
    recoveryCode = (await page.getByTestId('recovery-codes').locator('code').first().textContent()) ?? '';
    await page.getByTestId('codes-kept').check();
    await page.getByTestId('codes-done').click();
    expect(recoveryCode).toMatch(/^[\w-]{8,}$/);
    await says('10 recovery codes left');
    await signOut();
    await giveNameAndPassword(page, 'ann', ownPassword);
    await page.getByTestId('sign-in-code').fill(recoveryCode);
    await page.getByTestId('sign-in-submit').click();
    await signedIn();
    await page.goto(`${line.url}/#/account`);
    await says('9 recovery codes left');
  });

  test('a session that ends leaves the page, and what was typed into it, as it was', async () => {
    await page.goto(`${line.url}/#/devices/gw-home.meter-1`);
    await page.getByTestId('tag-cause').fill('crew at the pole, until they call');
    const admin = await line.api.crew.administrator();
    await admin.call('DELETE', '/api/operators/ann/sessions');
    await page.getByTestId('sign-in-again').waitFor({ timeout: 15_000 });
    await page.getByTestId('sign-in-password').fill(ownPassword);
    await page.getByTestId('sign-in-submit').click();
    await page.getByTestId('sign-in-code').fill(codeOf({ secret }, Date.now() + 30_000));
    await page.getByTestId('sign-in-submit').click();
    await page.getByTestId('sign-in-again').waitFor({ state: 'detached' });
    expect(await page.getByTestId('tag-cause').inputValue()).toBe('crew at the pole, until they call');
    await page.getByTestId('link-banner').waitFor({ state: 'detached', timeout: 15_000 });
    await page.getByTestId('tag-set').click();
    await page.getByTestId('tag-lift').waitFor();
    expect(await line.api.row('gw-home.meter-1')).toMatchObject({ tagOwner: 'ann' });
    await page.getByTestId('tag-cause').fill('they have called');
    await page.getByTestId('tag-lift').click();
    await page.getByTestId('tag-set').waitFor();
  });

  test('what a role may not is disabled, and says whose it is', async () => {
    const { page: desk } = await browser.desk();
    await desk.goto(line.url);
    await signInAtConsole(desk, line, 'vic', 'viewer');
    const isOff = async (id: string): Promise<string> => {
      const button = desk.getByTestId(id);
      await button.waitFor();
      expect(await button.isEnabled()).toBe(false);
      const why = (await button.getAttribute('aria-describedby')) ?? '';
      return (await desk.locator(`[id="${why}"]`).textContent()) ?? '';
    };
    await desk.goto(`${line.url}/#/devices/gw-home.meter-1`);
    expect(await isOff('command-disconnect')).toContain('Your role viewer may not disconnect: switching-operator may.');
    expect(await isOff('tag-set')).toContain('Your role viewer may not tag devices');
    await desk.goto(`${line.url}/#/sites/home`);
    expect(await isOff('issue-token-gw-home')).toContain('may not issue enrolment tokens');
    await desk.goto(`${line.url}/#/operators`);
    await desk.getByText('may not administer operators').waitFor();
    await desk.close();
  });

  test('an administrator makes an account and locks it, has the audit verified, and the command key exchanged', async () => {
    const { page: desk } = await browser.desk();
    const admin = await line.api.crew.administrator();
    await desk.goto(line.url);
    await giveNameAndPassword(desk, admin.name, admin.password);
    await desk.getByTestId('who').waitFor();
    await desk.goto(`${line.url}/#/operators`);
    await desk.getByTestId('operator-add').click();
    await desk.getByTestId('operator-name').fill('ben');
    await desk.getByTestId('grant-dispatcher').selectOption('all');
    await desk.getByTestId('operator-save').click();
    const oneTime = (await desk.getByTestId('secret').textContent()) ?? '';
    await desk.getByTestId('once-done').click();
    const { page: other } = await browser.desk();
    await other.goto(line.url);
    await giveNameAndPassword(other, 'ben', oneTime);
    await other.getByTestId('password-current').waitFor();
    await desk.getByTestId('operator-ben').getByRole('button', { name: 'Lock…' }).click();
    await desk.getByTestId('confirm').click();
    await desk.getByTestId('operator-ben').getByText('locked').waitFor();
    await other.goto(line.url);
    await other.reload();
    await giveNameAndPassword(other, 'ben', oneTime);
    expect(await other.getByRole('alert').textContent()).toBe('Name, password or code is wrong.');
    await other.close();
    await desk.goto(`${line.url}/#/audit`);
    await desk.getByTestId('audit-verify').click();
    const found = desk.getByTestId('audit-verification');
    await found
      .getByText(/\d+ rows, each as it was written; \d+ signed (head fits|heads fit); asked by admin/)
      .waitFor();
    await desk.goto(`${line.url}/#/gateways`);
    await desk.getByTestId('key-announce').click();
    await desk.getByTestId('key-cause').fill('once a year');
    await desk.getByTestId('key-confirm').click();
    await desk.getByTestId('key-dialog').waitFor({ state: 'detached' });
    // Its gateway has the next one within a moment, and it signs.
    await desk.getByTestId('command-key').getByText('The one before it is still obeyed').waitFor({ timeout: 20_000 });
    await desk.close();
  });

  test('a passkey is made, and signs in without a name', async () => {
    const { context, page: desk } = await browser.desk();
    const devTools = await context.newCDPSession(desk);
    await devTools.send('WebAuthn.enable');
    const options = {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
    } as const;
    await devTools.send('WebAuthn.addVirtualAuthenticator', { options: { ...options, isUserVerified: true } });
    // Passkeys are bound to a name: a number is none.
    const url = line.url.replace('127.0.0.1', 'localhost');
    await desk.goto(url);
    await signInAtConsole(desk, line, 'pia', 'dispatcher');
    await desk.goto(`${url}/#/account`);
    await desk.getByTestId('passkey-add').click();
    await desk.getByTestId('passkey-title').fill('this desk');
    await desk.getByTestId('passkey-make').click();
    await desk.getByText('not used yet').waitFor();
    await desk.getByTestId('who').click();
    await desk.getByTestId('sign-out').click();
    await desk.getByTestId('sign-in-passkey').click();
    await desk.getByTestId('who').waitFor();
    expect(await desk.getByTestId('who').textContent()).toContain('pia');
    await desk.close();
  });

  test('the browser had nothing to complain about but what the head-end refused', () => {
    expect(browser.faultsBut(/status of 40[013]|ERR_INCOMPLETE/)).toEqual([]);
  });
});
