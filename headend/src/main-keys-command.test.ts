import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CommandKeys } from './authority/command-keys.ts';
import { KeyFolder } from './authority/key-folder.ts';
import { fileVault } from './authority/key-vault.ts';
import { headendCommand } from './main-commands.ts';
import { SqliteStore } from './store/sqlite-store.ts';

let data: string;
let said: string[];
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'keys-command-'));
  said = [];
  for (const stream of ['log', 'error'] as const)
    vi.spyOn(console, stream).mockImplementation((line) => void said.push(String(line)));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(data, { recursive: true });
});

const keys = (): CommandKeys => {
  const folder = new KeyFolder(join(data, 'keys'));
  const made = new CommandKeys(folder, fileVault(folder));
  made.start(0);
  return made;
};
const run = (...args: string[]): Promise<number> => headendCommand(['keys', ...args, '--data', data]);

test('the recovery key is taken away once: into a new file for its user alone, told in the audit', async () => {
  const pem = keys().recoveryPem();
  const file = join(data, 'away.pem');
  expect(await run('export-recovery', file)).toBe(0);
  expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([pem, 0o600]);
  expect(existsSync(join(data, 'keys', 'recovery-key.pem'))).toBe(false);
  expect(await run('export-recovery', join(data, 'again.pem'))).toBe(1);
  const store = new SqliteStore(data);
  store.start();
  expect(store.operations.audit({ limit: 10 }).map(({ action, say }) => [action, say])).toEqual([
    ['command-key', `The recovery key is exported to ${file}`],
  ]);
  store.stop();
});

test('into a file that is there, or beside a head-end that runs, it is not taken', async () => {
  keys();
  const file = join(data, 'there.pem');
  writeFileSync(file, 'x');
  expect(await run('export-recovery', file)).toBe(1);
  const store = new SqliteStore(data);
  store.start();
  expect(await run('export-recovery', join(data, 'other.pem'))).toBe(1);
  store.stop();
  expect(said.join()).toContain('in use');
  expect([existsSync(join(data, 'keys', 'recovery-key.pem')), existsSync(join(data, 'other.pem'))]).toEqual([
    true,
    false,
  ]);
});

test('status tells where the keys stand', async () => {
  expect(await run('status')).toBe(1);
  const { rotation } = keys();
  expect(await run('status')).toBe(0);
  expect(said.join()).toContain(`signs:     ${rotation.current}`);
  expect(said.join()).toContain('still on this machine');
});

test.each([['what'], ['export-recovery'], ['recover'], ['status', 'x', 'y']])(
  'keys %s: the command line is wrong',
  async (...args) => {
    expect(await run(...args)).toBe(2);
    expect(said.join()).toContain('Usage:');
  },
);
