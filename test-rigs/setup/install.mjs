#!/usr/bin/env node
// Runs before every npm script. Plain JavaScript for Node 20 and no dependencies: nothing is installed yet when it starts.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const lockFile = join(root, 'package-lock.json');
const installedFile = join(root, 'node_modules/.package-lock.json');
const stampFile = join(root, 'node_modules/.tiepoint-lock');
const oldestNode = 24;
const installTimeoutMs = 15 * 60_000;

const say = (line) => process.stderr.write(`setup: ${line}\n`);

const stale = whyStale();
if (stale !== undefined) install(stale);
checkNode();

/**
 * Why node_modules is not what package-lock.json asks for, or undefined where it is. Compares with the list that npm writes
 * into node_modules last of all, so that a manual `npm install` counts too.
 */
function whyStale() {
  const installed = packagesIn(installedFile);
  if (installed === undefined) return 'no packages are installed yet';
  const wanted = packagesIn(lockFile);
  if (wanted === undefined)
    fail('package-lock.json is missing or broken: `git checkout package-lock.json` restores it.');
  // What this very install could not bring (an optional package that failed) is not tried again at every start.
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp()) return undefined;
  for (const [path, want] of Object.entries(wanted)) {
    if (!path.includes('node_modules/')) continue;
    const have = installed[path];
    if (have === undefined && want.optional && !runsHere(want)) continue;
    if (have === undefined || !existsSync(join(root, path))) return `${path} is missing`;
    if (have.version !== want.version) return `${path} is ${have.version}, the lock file asks for ${want.version}`;
  }
  return undefined;
}

/** Optional packages that name no platform belong to such as do; npm leaves them out together. `!` excludes a platform. */
function runsHere({ os, cpu, libc }) {
  if (os === undefined && cpu === undefined) return false;
  const fits = (list, mine) => {
    const names = [list ?? []].flat();
    return names.length === 0 || names.includes(mine) || (names[0].startsWith('!') && !names.includes(`!${mine}`));
  };
  const musl = process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime;
  return fits(os, process.platform) && fits(cpu, process.arch) && fits(libc, musl ? 'musl' : 'glibc');
}

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function stamp() {
  const hash = createHash('sha256');
  for (const file of [lockFile, installedFile]) hash.update(readFileSync(file));
  return hash.digest('hex');
}

function install(reason) {
  say(`${reason}; installing the packages of package-lock.json (npm ci, about a minute) ...`);
  // The machine's own Node runs npm: the one in node_modules is about to be replaced.
  const { npm_node_execpath: node, npm_execpath: npm } = process.env;
  const [command, before] = node && npm ? [node, [npm]] : ['npm', []];
  // Some packages declare a newer Node than the machine's; they run on the one that comes with this very install, so the
  // warnings mislead. Errors stay visible.
  const { status, error } = spawnSync(command, [...before, 'ci', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    timeout: installTimeoutMs,
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (status === 0) return writeFileSync(stampFile, stamp());
  const why = error ? error.message : `npm ci ended with code ${status}`;
  fail(
    `the packages could not be installed: ${why}. See above; is the package registry reachable? \`npm ci\` repeats it.`,
  );
}

/** npm puts node_modules/.bin first on the path of its scripts; where a Node came from npm, that one runs. */
function checkNode() {
  const bundled = join(root, 'node_modules/.bin/node');
  if (existsSync(bundled)) {
    const { status, error } = spawnSync(bundled, ['--version'], { stdio: 'ignore' });
    if (status === 0) return;
    fail(
      `the Node in node_modules does not run on this machine (${error?.message ?? `code ${status}`}). It needs glibc. ` +
        `Remove node_modules/.bin/node and use Node ${oldestNode} or newer of your own.`,
    );
  }
  if (Number(process.versions.node.split('.')[0]) >= oldestNode) return;
  fail(
    `Node ${process.versions.node} is too old for ${process.platform}-${process.arch}: install Node 26 (at least ${oldestNode}, ` +
      'https://nodejs.org). Only on Linux x64 and arm64 does it come with the packages.',
  );
}

function fail(line) {
  say(line);
  process.exit(1);
}
