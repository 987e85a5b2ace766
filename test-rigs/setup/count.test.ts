import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiepoint-count-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const checked = 'ok  types\ncheck: 6 passed, 0 failed\n';
const report = (passed: number, failed: number, files: object[] = []) =>
  JSON.stringify({ numPassedTests: passed, numFailedTests: failed, testResults: files });
const unloadable = { status: 'failed', assertionResults: [] };
const failing = { status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }] };

test.each([
  { name: 'all well', check: checked, tests: report(10, 0), code: '0', line: '16 passed, 0 failed', exit: 0 },
  {
    name: 'a check failed',
    check: 'check: 5 passed, 1 failed\n',
    tests: report(10, 0),
    code: '0',
    line: '15 passed, 1 failed',
    exit: 1,
  },
  {
    name: 'a test failed',
    check: checked,
    tests: report(9, 1, [failing]),
    code: '1',
    line: '15 passed, 1 failed',
    exit: 1,
  },
  {
    name: 'a file does not load',
    check: checked,
    tests: report(9, 1, [failing, unloadable]),
    code: '1',
    line: '15 passed, 2 failed',
    exit: 1,
  },
  { name: 'a stray rejection', check: checked, tests: report(10, 0), code: '1', line: '16 passed, 1 failed', exit: 1 },
  { name: 'no report', check: checked, tests: '', code: '1', line: '6 passed, 1 failed', exit: 1 },
  { name: 'nothing ran', check: '', tests: '', code: '1', line: '0 passed, 2 failed', exit: 1 },
])('$name: $line', ({ check, tests, code, line, exit }) => {
  writeFileSync(join(folder, 'check'), check);
  writeFileSync(join(folder, 'tests.json'), tests);
  const args = [join(import.meta.dirname, 'count.mjs'), join(folder, 'check'), join(folder, 'tests.json'), code];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(line);
  expect(status).toBe(exit);
});
