import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeFolder } from './folder.ts';

const place = mkdtempSync(join(tmpdir(), 'tiepoint-folder-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

test('made with those above it, and left as it is where it is there', () => {
  const path = join(place, 'a', 'b', 'c');
  makeFolder(path, 0o700);
  makeFolder(path, 0o755);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('a file in its place is told', () => {
  const path = join(place, 'file');
  writeFileSync(path, '');
  expect(() => makeFolder(path, 0o700)).toThrow('is a file and no folder');
});

test.skipIf(!existsSync('/proc/self'))('where nothing can be made it fails, and does not go on for ever', () => {
  expect(() => makeFolder('/proc/no-such-folder/deeper', 0o700)).toThrow(/ENOENT|EACCES|EPERM/);
});
