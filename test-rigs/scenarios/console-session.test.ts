import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { SignedIn } from '@tiepoint/headend/api/testing/signed-in.ts';
import type { OperatorCreated } from '@tiepoint/headend/api/operator-contract.ts';
import { trusted } from '@tiepoint/headend/authority/testing/trusted.ts';
import { startHeadend } from '@tiepoint/headend/main-headend.ts';
import type { RunningHeadend } from '@tiepoint/headend/main-headend.ts';
import { parseSettings } from '@tiepoint/headend/main-settings.ts';
import { freePort } from '@tiepoint/headend/nms/link/free-port.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildConsole } from '../start/console-build.ts';
import { Chromium, chromiumIsMissing } from './chromium.ts';
import { ownPassword } from './console-sign-in.ts';
import { startIdentityProvider } from './identity-provider.ts';
import type { IdentityProvider } from './identity-provider.ts';

const root = join(import.meta.dirname, '../..');
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const minuteMs = 60_000;

/** A session through its time, in a real browser; the head-end's clock is put ahead. */
describe.skipIf(chromiumIsMissing)('a session at the console', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'console-session-'));
  const browser = new Chromium();
  let headend: RunningHeadend;
  let provider: IdentityProvider;
  let page: Page;
  let aheadMs = 0;

  beforeAll(async () => {
    const built = await buildConsole(root, join(folder, 'build.log'), () => undefined);
    if (built.state === 'failed') throw new Error(built.say);
    const port = await freePort();
    provider = await startIdentityProvider(`https://127.0.0.1:${port}/api/session/oidc/callback`);
    const clientSecretFile = join(folder, 'secret');
    writeFileSync(clientSecretFile, provider.clientSecret);
    const roles = [{ group: 'nms-switching', role: 'viewer', areas: 'all' }];
    const oidc = { issuer: provider.issuer, clientId: 'tiepoint', clientSecretFile, roles };
    const data = join(folder, 'data');
    const https = { port, console: join(root, 'headend/console/dist') };
    const settings = parseSettings(
      JSON.stringify({ data, https, broker: { port: 0 }, field: { port: 0 }, operators: { oidc } }),
      'test',
    );
    if (!settings.ok) throw new Error(settings.say.join());
    headend = trusted(await startHeadend(settings.value, quiet, () => Date.now() + aheadMs));
    const admin = await SignedIn.administrator(headend.httpsUrl, data);
    const grants = [{ role: 'viewer', areas: 'all' }];
    const made = await admin.call<OperatorCreated>('POST', '/api/operators', { name: 'vera', grants });
    await SignedIn.first(headend.httpsUrl, { name: 'vera', password: made.oneTime?.password ?? '' }).then(
      async (vera) => await vera.call('PUT', '/api/account/password', { current: vera.password, next: ownPassword }),
    );
    await browser.start();
    page = (await browser.desk()).page;
  }, 120_000);

  afterAll(async () => {
    await browser.stop();
    await headend?.stop();
    await provider?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const signIn = async (at: Page): Promise<void> => {
    await at.getByTestId('sign-in-name').fill('vera');
    await at.getByTestId('sign-in-password').fill(ownPassword);
    await at.getByTestId('sign-in-submit').click();
    await at.getByRole('navigation', { name: 'Pages' }).waitFor();
  };

  test('the identity provider signs in whom it knows, and the account page says so', async () => {
    const { page: desk } = await browser.desk();
    await desk.goto(headend.httpsUrl);
    await desk.getByTestId('sign-in-oidc').click();
    await desk.locator('input[name=login]').fill('olga');
    await desk.locator('input[name=password]').fill('any');
    await desk.locator('button[type=submit]').click();
    await desk.getByRole('navigation', { name: 'Pages' }).waitFor();
    expect(desk.url().startsWith(headend.httpsUrl)).toBe(true);
    await desk.goto(`${headend.httpsUrl}/#/account`);
    await desk.getByText('You sign in at the identity provider').waitFor();
    await desk.context().close();
  });

  test('who has no role there is told so on the page for signing in', async () => {
    const { page: desk } = await browser.desk();
    await desk.goto(headend.httpsUrl);
    await desk.getByTestId('sign-in-oidc').click();
    await desk.locator('input[name=login]').fill('paul');
    await desk.locator('input[name=password]').fill('any');
    await desk.locator('button[type=submit]').click();
    await desk.getByTestId('sign-in-name').waitFor();
    expect(await desk.textContent('body')).toMatch(/role/);
    await desk.context().close();
  });

  test('what is weighty asks who it is again after a quarter of an hour, and then goes through', async () => {
    await page.goto(`${headend.httpsUrl}/#/account`);
    await signIn(page);
    aheadMs += 20 * minuteMs;
    await page.getByTestId('totp-set-up').click();
    const again = page.getByTestId('sign-in-again');
    await again.getByText('So that the head-end knows that it is still you').waitFor();
    await again.getByTestId('sign-in-password').fill(ownPassword);
    await again.getByTestId('sign-in-submit').click();
    await page.getByTestId('totp-secret').waitFor();
    await page.keyboard.press('Escape');
  });

  test('ten minutes before its end, everybody is told that the session ends', async () => {
    for (let past = 0; past < 700; past += 20) {
      aheadMs += 20 * minuteMs;
      const status = await page.evaluate(async () => (await fetch('/api/account')).status);
      expect(status, `after ${past + 20} min`).toBe(200);
    }
    expect(await page.getByText('Your session ends at').count()).toBe(0);
    aheadMs += 12 * minuteMs;
    await page.getByText('Your session ends at').waitFor({ timeout: 20_000 });
    await page.getByRole('button', { name: 'Sign in again now' }).click();
    await page.getByTestId('sign-in-again').waitFor();
  });
});
