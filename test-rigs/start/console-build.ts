import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type ConsoleBuild =
  | { readonly state: 'as-it-was' | 'built' }
  /** `older`: one that was built before is served. */
  | { readonly state: 'failed'; readonly older: boolean; readonly say: string };

const buildTimeoutMs = 120_000;
/** What the console is made of. */
const sources = [
  'headend/console/src',
  'headend/console/index.html',
  'headend/console/vite.config.ts',
  'headend/console/package.json',
  'headend/src/api/contract.ts',
  'protocol/src',
  'package-lock.json',
];

/** Builds the console where its sources have changed since. `say` is told before that takes its time. */
export async function buildConsole(root: string, logFile: string, say: (line: string) => void): Promise<ConsoleBuild> {
  const folder = join(root, 'headend/console');
  const stampFile = join(folder, 'dist/.built-from');
  const wanted = sourcesHash(root);
  const older = existsSync(join(folder, 'dist/index.html'));
  if (older && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return { state: 'as-it-was' };
  say('Building the console (some seconds; only when its sources have changed) ...');
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  if (!existsSync(vite)) return { state: 'failed', older, say: 'vite is not installed: `npm ci` brings it' };
  const code = await outcomeOf(vite, folder, logFile);
  if (code !== 0) return { state: 'failed', older, say: `vite build ended with ${code}: see ${logFile}` };
  writeFileSync(stampFile, wanted);
  return { state: 'built' };
}

function outcomeOf(vite: string, cwd: string, logFile: string): Promise<number | string> {
  const log = openSync(logFile, 'a');
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
      cwd,
      stdio: ['ignore', log, log],
      timeout: buildTimeoutMs,
    });
    closeSync(log);
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(code ?? `signal ${signal ?? ''} (longer than ${buildTimeoutMs / 1000} s?)`),
    );
  });
}

function sourcesHash(root: string): string {
  const hash = createHash('sha256');
  const take = (path: string): void => {
    const full = join(root, path);
    if (!existsSync(full)) return;
    if (statSync(full).isDirectory()) {
      for (const name of readdirSync(full).toSorted()) take(join(path, name));
    } else if (!/\.test\.tsx?$/.test(path)) {
      hash.update(`${path}\0`).update(readFileSync(full));
    }
  };
  for (const path of sources) take(path);
  return hash.digest('hex');
}
