import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nodeFlagsOf } from './node-flags.ts';

test.each([
  { first: '#!/usr/bin/env -S node --a=1 --b', flags: ['--a=1', '--b'] },
  { first: '#!/usr/bin/env node', flags: [] },
  { first: '// a program', flags: [] },
])('$first', ({ first, flags }) => {
  const folder = mkdtempSync(join(tmpdir(), 'tiepoint-flags-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, 'program.mjs');
  writeFileSync(program, `${first}\nrun();\n`);
  expect(nodeFlagsOf(program)).toEqual(flags);
});

test('the agent keeps small', () => {
  const flags = nodeFlagsOf(join(import.meta.dirname, '../../agent/bin/tiepoint-agent.mjs'));
  expect(flags).toContain('--max-semi-space-size=1');
});
