import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let clone: string;

/** Stands in for npm: notes how it was called and leaves behind what `npm ci` would. */
const fakeNpm = `
  const { appendFileSync, mkdirSync, copyFileSync } = require('node:fs');
  appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
  if (process.env.NPM_BREAKS) { console.error('npm error network down'); process.exit(7); }
  mkdirSync('node_modules/a', { recursive: true });
  copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
`;

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'tiepoint-install-'));
  mkdirSync(join(clone, 'test-rigs/setup'), { recursive: true });
  mkdirSync(join(clone, 'node_modules/a'), { recursive: true });
  copyFileSync(join(import.meta.dirname, 'install.mjs'), join(clone, 'test-rigs/setup/install.mjs'));
  writeFileSync(join(clone, 'npm.cjs'), fakeNpm);
});

afterEach(() => rmSync(clone, { recursive: true, force: true }));

function install(env: Record<string, string> = {}) {
  const npm = { npm_node_execpath: process.execPath, npm_execpath: join(clone, 'npm.cjs') };
  return spawnSync(process.execPath, [join(clone, 'test-rigs/setup/install.mjs')], {
    cwd: tmpdir(),
    encoding: 'utf8',
    env: { ...process.env, ...npm, ...env },
  });
}

const lock = (file: string, packages: object) => writeFileSync(join(clone, file), JSON.stringify({ packages }));
const a = { 'node_modules/a': { version: '1.0.0' } };
const notHere = { version: '1.0.0', optional: true, os: ['aix'], cpu: ['mips'] };
const here = { version: '1.0.0', optional: true, os: process.platform, cpu: [process.arch] };

test.each([
  { name: 'all there', wanted: a, installed: a, says: '' },
  { name: 'nothing installed', wanted: a, installed: undefined, says: 'no packages are installed yet' },
  {
    name: 'a package missing',
    wanted: { ...a, 'node_modules/b': {} },
    installed: a,
    says: 'node_modules/b is missing',
  },
  {
    name: 'a folder missing',
    wanted: { 'node_modules/b': {} },
    installed: { 'node_modules/b': {} },
    says: 'node_modules/b is missing',
  },
  {
    name: 'a nested one missing',
    wanted: { ...a, 'agent/node_modules/b': {} },
    installed: a,
    says: 'agent/node_modules/b is missing',
  },
  {
    name: 'another version',
    wanted: { 'node_modules/a': { version: '2.0.0' } },
    installed: a,
    says: 'a is 1.0.0, the lock file asks for 2.0.0',
  },
  { name: 'for another platform', wanted: { ...a, 'node_modules/b': notHere }, installed: a, says: '' },
  {
    name: 'optional, of another platform',
    wanted: { ...a, 'node_modules/b': { optional: true } },
    installed: a,
    says: '',
  },
  {
    name: 'for this platform',
    wanted: { ...a, 'node_modules/b': here },
    installed: a,
    says: 'node_modules/b is missing',
  },
  { name: 'the workspaces themselves', wanted: { ...a, '': {}, agent: {} }, installed: a, says: '' },
])('$name: "$says"', ({ wanted, installed, says }) => {
  lock('package-lock.json', wanted);
  if (installed !== undefined) lock('node_modules/.package-lock.json', installed);
  const { status, stderr } = install();
  expect(status).toBe(0);
  expect(stderr.includes('installing')).toBe(says !== '');
  expect(stderr).toContain(says);
  expect(existsSync(join(clone, 'npm-calls'))).toBe(says !== '');
});

test('what an install could not bring is not tried again until the lock file changes', () => {
  lock('package-lock.json', { ...a, 'node_modules/b': here });
  expect(install().stderr).toContain('installing');
  expect(install().stderr).toBe('');
  lock('package-lock.json', { 'node_modules/a': { version: '2.0.0' } });
  expect(install().stderr).toContain('installing');
});

test('a failing npm is told, and ends the command', () => {
  lock('package-lock.json', a);
  const { status, stderr } = install({ NPM_BREAKS: '1' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/npm error network down\n.*could not be installed: npm ci ended with code 7/);
});

test('a broken lock file is told with its remedy', () => {
  writeFileSync(join(clone, 'package-lock.json'), '{ "packages": ');
  lock('node_modules/.package-lock.json', a);
  expect(install()).toMatchObject({ status: 1, stderr: expect.stringContaining('git checkout package-lock.json') });
});
