import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';

const path = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((each) => existsSync(each));
export const chromiumIsMissing = path === undefined;

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A real browser, and what it had to complain about. Each context in it is a person at a desk of their own. */
export class Chromium {
  readonly faults: string[] = [];
  #browser: Browser | undefined;

  async start(): Promise<void> {
    this.#browser = await chromium.launch({ executablePath: path ?? '', headless: true, args });
  }

  async desk(): Promise<{ context: BrowserContext; page: Page }> {
    if (this.#browser === undefined) throw new Error('the browser was not started');
    const context = await this.#browser.newContext({
      viewport: { width: 1440, height: 900 },
      // Its authority is known to no browser; that it is the right one, other tests look at.
      ignoreHTTPSErrors: true,
    });
    const page = await context.newPage();
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && this.faults.push(message.text()));
    return { context, page };
  }

  /** Without those that say what the story brought about. */
  faultsBut(expected: RegExp): readonly string[] {
    return this.faults.filter((fault) => !expected.test(fault));
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
  }
}
