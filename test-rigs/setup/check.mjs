// `npm run check`: runs every step, shows the output of those that fail, and ends with one line for each.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const stepTimeoutMs = 5 * 60_000;
const consoleTsconfig = 'headend/console/tsconfig.json';

const steps = [
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'console types', command: ['tsc', '--noEmit', '-p', consoleTsconfig], needs: consoleTsconfig },
  { name: 'lint', command: ['oxlint', '--quiet'] },
  { name: 'format', command: ['oxfmt', '--check'], hint: '`npm run format` repairs it' },
  { name: 'unused', command: ['knip', '--no-progress'] },
  { name: 'house rules', command: ['vitest', 'run', '--config', 'test-rigs/setup/vitest.config.ts', 'test-rigs/tidy'] },
];

const results = steps.filter(({ needs }) => needs === undefined || existsSync(join(root, needs))).map(runStep);
for (const { name, ok, hint, seconds } of results)
  console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name} (${seconds} s)${!ok && hint ? `: ${hint}` : ''}`);
const failed = results.filter(({ ok }) => !ok).length;
console.log(`check: ${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function runStep({ name, command, hint }) {
  const startedMs = performance.now();
  const [program, ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(join(root, 'node_modules/.bin', program), args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: stepTimeoutMs,
    maxBuffer: 64 * 1024 * 1024,
    env: process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1' },
    shell: process.platform === 'win32',
  });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const ok = status === 0;
  if (!ok) console.log(`--- ${name}: ${command.join(' ')}\n${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`);
  return { name, ok, hint, seconds };
}
