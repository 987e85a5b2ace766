import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionView } from '@tiepoint/headend/api/operator-contract.ts';
import { SignedIn } from '@tiepoint/headend/api/testing/signed-in.ts';
import { startHeadend } from '@tiepoint/headend/main-headend.ts';
import type { RunningHeadend } from '@tiepoint/headend/main-headend.ts';
import { parseSettings } from '@tiepoint/headend/main-settings.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trusted } from '@tiepoint/headend/authority/testing/trusted.ts';
import { freePort } from '@tiepoint/headend/nms/link/free-port.ts';
import { startIdentityProvider } from './identity-provider.ts';
import type { IdentityProvider } from './identity-provider.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A browser's cookies, one jar a site, and no more. */
class Browser {
  readonly #jars = new Map<string, Map<string, string>>();

  async open(url: string, init: RequestInit = {}): Promise<Response> {
    const { host } = new URL(url);
    const jar = this.#jars.get(host) ?? new Map<string, string>();
    this.#jars.set(host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } });
    for (const each of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
      if (value === '' || /max-age=0|expires=thu, 01 jan 1970/i.test(each)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** As somebody signs in at the provider; ends where the head-end has led the browser. */
  async signIn(headend: string, login: string, change: (callback: string) => string = (url) => url): Promise<string> {
    let at = `${headend}/api/session/oidc`;
    for (let hops = 0; hops < 15; hops += 1) {
      const form = new URL(at).pathname.startsWith('/interaction/');
      const body = new URLSearchParams({ prompt: 'login', login, password: 'x' });
      const answer = await this.open(at, form ? { method: 'POST', body } : {});
      const next = answer.headers.get('location');
      if (next === null) throw new Error(`${at}: ${answer.status} ${(await answer.text()).slice(0, 300)}`);
      at = new URL(next, at).href;
      if (at.startsWith(`${headend}/api/session/oidc/callback`)) at = change(at);
      else if (at.startsWith(headend)) return at.slice(headend.length);
    }
    throw new Error(`no end at ${at}`);
  }
}

describe('sign-in by an OpenID Connect provider', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oidc-'));
  let provider: IdentityProvider;
  let headend: RunningHeadend;

  beforeAll(async () => {
    const http = await freePort();
    const url = `https://127.0.0.1:${http}`;
    provider = await startIdentityProvider(`${url}/api/session/oidc/callback`);
    writeFileSync(join(folder, 'secret'), `${provider.clientSecret}\n`);
    const settings = parseSettings(
      JSON.stringify({
        data: join(folder, 'data'),
        https: { port: http },
        broker: { port: 0 },
        field: { port: 0 },
        operators: {
          oidc: {
            issuer: provider.issuer,
            clientId: 'tiepoint',
            clientSecretFile: join(folder, 'secret'),
            roles: [{ group: 'nms-switching', role: 'switching-operator', areas: ['north'] }],
          },
        },
      }),
      'test',
    );
    if (!settings.ok) throw new Error(settings.say.join());
    headend = trusted(await startHeadend(settings.value, quiet));
  });

  afterAll(async () => {
    await headend.stop();
    await provider.stop();
    rmSync(folder, { recursive: true });
  });

  const sessionOf = async (browser: Browser): Promise<SessionView | undefined> => {
    const answer = await browser.open(`${headend.httpsUrl}/api/session`);
    return answer.status === 204 ? undefined : ((await answer.json()) as SessionView);
  };

  test('a group gives its role, in its areas; the provider’s factors do', async () => {
    const browser = new Browser();
    expect(await browser.signIn(headend.httpsUrl, 'olga')).toBe('/');
    expect(await sessionOf(browser)).toMatchObject({
      name: 'olga',
      title: 'Olga of the utility',
      by: 'oidc',
      step: 'open',
      grants: [{ role: 'switching-operator', areas: ['north'] }],
    });
  });

  test.each([
    { login: 'paul', ends: '/#/sign-in/oidc-no-role' },
    { login: 'admin', ends: '/#/sign-in/oidc-name-taken' },
  ])('$login ends at $ends', async ({ login, ends }) => {
    const browser = new Browser();
    expect(await browser.signIn(headend.httpsUrl, login)).toBe(ends);
    expect(await sessionOf(browser)).toBeUndefined();
  });

  test('a callback that another browser began, that comes twice, or that was changed opens nothing', async () => {
    const [victim, attacker] = [new Browser(), new Browser()];
    let stolen = '';
    await attacker
      .signIn(headend.httpsUrl, 'olga', (callback) => {
        stolen = callback;
        return `${headend.httpsUrl}/`;
      })
      .catch(() => undefined);
    expect((await victim.open(stolen)).headers.get('location')).toBe('/#/sign-in/oidc-too-late');
    expect(await sessionOf(victim)).toBeUndefined();
    const twice = new Browser();
    let callback = '';
    expect(await twice.signIn(headend.httpsUrl, 'olga', (url) => (callback = url))).toBe('/');
    expect((await twice.open(callback)).headers.get('location')).toBe('/#/sign-in/oidc-too-late');
    for (const change of [
      (url: string) => url.replace(/code=[^&]+/, 'code=guess'),
      (url: string) => url.replace(/state=[^&]+/, 'state=guess'),
      (url: string) => url.replace(/iss=[^&]+/, 'iss=https%3A%2F%2Fevil.example'),
    ]) {
      const browser = new Browser();
      expect(await browser.signIn(headend.httpsUrl, 'olga', change)).toBe('/#/sign-in/oidc-failed');
      expect(await sessionOf(browser)).toBeUndefined();
    }
  });

  test('who is disabled here comes in by no provider', async () => {
    const admin = await SignedIn.administrator(headend.httpsUrl, join(folder, 'data'));
    const browser = new Browser();
    await browser.signIn(headend.httpsUrl, 'olga');
    await admin.call('PUT', '/api/operators/olga', { disabled: true });
    expect(await sessionOf(browser)).toBeUndefined();
    expect(await browser.signIn(headend.httpsUrl, 'olga')).toBe('/#/sign-in/oidc-disabled');
  });
});
