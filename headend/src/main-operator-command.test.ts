import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { rawRequest, reasonOf } from './api/testing/raw-request.ts';
import { SignedIn } from './api/testing/signed-in.ts';
import { trusted } from './authority/testing/trusted.ts';
import { startHeadend } from './main-headend.ts';
import type { RunningHeadend } from './main-headend.ts';
import { operatorCommand } from './main-operator-command.ts';
import { parseSettings } from './main-settings.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
let folder: string;
let headend: RunningHeadend | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'operator-'));
  headend = await start();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await headend?.stop();
  rmSync(folder, { recursive: true });
});

async function start(): Promise<RunningHeadend> {
  const text = `{ data: ${folder}, https: { port: 0 }, broker: { port: 0 }, field: { port: 0 } }`;
  const settings = parseSettings(text, 'test');
  if (!settings.ok) throw new Error(settings.say.join());
  return trusted(await startHeadend(settings.value, quiet));
}

async function ran(
  ...args: readonly string[]
): Promise<{ code: number; out: readonly string[]; err: readonly string[] }> {
  const [out, err]: string[][] = [[], []];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void out?.push(line));
  const error = vi.spyOn(console, 'error').mockImplementation((line: string) => void err?.push(line));
  const code = await operatorCommand([...args, '--data', folder]);
  log.mockRestore();
  error.mockRestore();
  return { code, out: out ?? [], err: err ?? [] };
}

describe.each([{ running: true }, { running: false }])('where the head-end runs: $running', ({ running }) => {
  beforeEach(async () => {
    if (running) return;
    await headend?.stop();
    headend = undefined;
  });
  const url = async (): Promise<string> => (headend ??= await start()).httpsUrl;

  test('an account is made, listed and reset, and signs in by what was told', async () => {
    const added = await ran('add', 'carl', '--role', 'viewer', '--area', 'north');
    expect([added.code, added.out[0]]).toEqual([0, expect.stringMatching(/^One-time password of carl, good until 20/)]);
    const listed = (await ran('list')).out.join('\n');
    expect(listed).toMatch(/^admin +has not signed in.*: administrator$/m);
    expect(listed).toMatch(/^carl +has not signed in.*: viewer in north$/m);
    const reset = await ran('reset', 'carl');
    const asked = { name: 'carl', password: reset.out[1] ?? '' };
    const old = { method: 'POST', body: { ...asked, password: added.out[1] } };
    expect(await reasonOf(await rawRequest(`${await url()}/api/session`, old))).toBe('unauthenticated');
    const carl = await SignedIn.first(await url(), asked);
    expect((await carl.ask('/api/fleet')).status).toBe(200);
  });

  test('a program’s token is good at once, and a person’s account gets none', async () => {
    const token = (await ran('token', 'reader', '--role', 'viewer', '--days', '1')).out.at(-1) ?? '';
    const headers = { authorization: `Bearer ${token}` };
    expect((await rawRequest(`${await url()}/api/fleet`, { headers })).status).toBe(200);
    expect(await ran('token', 'admin', '--role', 'viewer')).toMatchObject({
      code: 1,
      err: [expect.stringContaining('is a person')],
    });
  });
});

test.each([
  { args: ['add', 'carl'], says: 'Which role?' },
  { args: ['add', 'carl', '--role', 'king'], says: 'king is no role' },
  { args: ['reset'], says: 'Which account?' },
  { args: ['crown', 'carl', '--role', 'viewer'], says: 'operator crown: it is list, add, reset, token' },
])('$args: $says, and exit code 2', async ({ args, says }) => {
  const { code, err } = await ran(...args);
  expect([code, err[0]]).toEqual([2, expect.stringContaining(says)]);
});

test('the door, and what is told at the first start, are for this user alone', async () => {
  expect(statSync(join(folder, 'keys/machine.sock')).mode & 0o777).toBe(0o600);
  const file = join(folder, 'first-sign-in.json');
  expect(headend?.firstSignIn).toBe(file);
  await SignedIn.administrator(headend?.httpsUrl ?? '', folder);
  // Used: the next start tells it no more.
  await headend?.stop();
  headend = await start();
  expect(headend.firstSignIn).toBeUndefined();
  expect(() => readFileSync(file)).toThrow('ENOENT');
});
