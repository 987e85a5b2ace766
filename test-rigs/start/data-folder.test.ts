import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { releaseDataFolder, takeDataFolder } from './data-folder.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tiepoint-data-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
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

test('a folder that cannot be is told', () => {
  const path = join(folder(), 'file');
  writeFileSync(path, '');
  expect(takeDataFolder(path, false)).toMatchObject({ ok: false, say: expect.stringContaining('data folder') });
});
