import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { releaseDataFolder, takeDataFolder } from './data-folder.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tiepoint-data-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Gives the path of the last file. */
function filled(path: string, files: readonly string[]): string {
  for (const file of files) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), '{}');
  }
  return join(path, files.at(-1) ?? '');
}

test('what is kept is kept, until --fresh; and --fresh removes nothing of others', () => {
  const path = folder();
  const first = takeDataFolder(path, false);
  if (!first.ok) throw new Error(first.say);
  writeFileSync(first.folder.siteState, '{}');
  writeFileSync(join(path, 'thesis.tex'), 'mine');
  releaseDataFolder(first.folder);
  expect(takeDataFolder(path, false).ok).toBe(true);
  expect(existsSync(first.folder.siteState)).toBe(true);
  expect(takeDataFolder(path, true).ok).toBe(true);
  expect(existsSync(first.folder.siteState)).toBe(false);
  expect(existsSync(first.folder.log)).toBe(true);
  expect(readFileSync(join(path, 'thesis.tex'), 'utf8')).toBe('mine');
});

test.each([
  { name: 'a process that is gone', pid: 2 ** 22 + 1 },
  { name: 'a process that is another program by now', pid: process.ppid },
])('a file left by $name does not keep the folder', ({ pid }) => {
  const path = folder();
  expect(takeDataFolder(path, false).ok).toBe(true);
  writeFileSync(join(path, 'running.json'), JSON.stringify({ pid }));
  expect(takeDataFolder(path, false).ok).toBe(true);
});

test('a folder of sources is refused and left as it is', () => {
  const path = folder();
  mkdirSync(join(path, 'headend'));
  for (const name of ['package.json', 'headend/main.ts']) writeFileSync(join(path, name), '{}');
  expect(takeDataFolder(path, true)).toMatchObject({ ok: false, say: expect.stringContaining('package.json') });
  expect(readdirSync(path).toSorted()).toEqual(['headend', 'package.json']);
  expect(existsSync(join(path, 'headend/main.ts'))).toBe(true);
});

describe.each([{ fresh: true }, { fresh: false }])('with fresh $fresh', ({ fresh }) => {
  test.each([
    { whose: 'a system folder', files: ['log/syslog', 'lib/dpkg'] },
    { whose: 'a folder with one file', files: ['thesis.tex'] },
    { whose: 'a folder with a hidden file', files: ['.bashrc'] },
    { whose: 'a folder of logs', files: ['log/my.log'] },
    { whose: 'a folder with our names and another', files: ['headend/a', 'gateways/b', 'log/c', 'thesis.tex'] },
  ])('$whose is refused and left as it is', ({ files }) => {
    const path = folder();
    filled(path, files);
    const before = readdirSync(path, { recursive: true });
    expect(takeDataFolder(path, fresh)).toMatchObject({ ok: false, say: expect.stringContaining('files of others') });
    expect(readdirSync(path, { recursive: true })).toEqual(before);
  });

  test.each([
    { whose: 'an earlier start', files: ['headend/store.db', 'gateways/gw-home.yaml', 'log/site.log', 'site.json'] },
    { whose: 'an earlier start that was killed', files: ['headend/a', 'gateways/b', 'log/c', 'running.json'] },
    { whose: 'the benchmarks', files: ['bench/node-red/package.json'] },
  ])('what $whose left is used and marked', ({ files }) => {
    const path = folder();
    filled(path, files);
    expect(takeDataFolder(path, fresh).ok).toBe(true);
    expect(existsSync(join(path, '.tiepoint-data'))).toBe(true);
    const left = files.filter((file) => existsSync(join(path, file)) && file !== 'running.json');
    expect(left).toEqual(files.filter((file) => file.startsWith('bench') || (!fresh && file !== 'running.json')));
  });
});

test('a new folder is made with those above it', () => {
  const path = join(folder(), 'a/b');
  expect(takeDataFolder(path, false).ok).toBe(true);
  expect(existsSync(join(path, '.tiepoint-data'))).toBe(true);
});

test.each([
  { where: '/proc/x', make: () => '/proc/x', say: 'nothing can be made there' },
  { where: 'a file', make: () => filled(folder(), ['file']), say: 'a file lies where a folder is needed' },
  { where: 'below a file', make: () => join(filled(folder(), ['file']), 'x'), say: 'a file lies where a folder' },
])('$where is told in words', ({ make, say }) => {
  const path = make();
  expect(takeDataFolder(path, false)).toMatchObject({ ok: false, say: expect.stringContaining(say) });
});
