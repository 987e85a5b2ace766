// Runs before `npm test`: the independent peers that tests talk to. Where they are missing, tests skip themselves by name.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const policyFile = '/usr/sbin/policy-rc.d';
const aptTimeoutMs = 10 * 60_000;

const peers = [
  { debian: 'mosquitto', command: 'mosquitto', shows: 'agent and head-end through a real mosquitto broker' },
  { debian: 'mosquitto-clients', command: 'mosquitto_pub', shows: 'foreign MQTT clients at the embedded broker' },
  { debian: 'socat', command: 'socat', shows: 'serial lines (Modbus RTU over pty pairs)' },
  { debian: 'mbpoll', command: 'mbpoll', shows: 'mbpoll (libmodbus) against the emulated devices' },
  { debian: 'python3-pymodbus', python: 'pymodbus', shows: 'pymodbus as client and as server' },
  { debian: 'chromium', command: 'chromium', shows: 'the console in a browser, end to end' },
];

const say = (line) => process.stderr.write(`setup: ${line}\n`);

const missing = peers.filter((peer) => !present(peer));
if (missing.length > 0) {
  const obstacle = whyNotInstall();
  if (obstacle === undefined) installFromDebian(missing.map((peer) => peer.debian));
  for (const peer of missing.filter((each) => !present(each)))
    say(`${peer.debian} is missing, so tests are skipped: ${peer.shows}${obstacle ? ` (${obstacle})` : ''}`);
}

function present({ command, python }) {
  if (command !== undefined) {
    const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin'];
    return folders.some((folder) => existsSync(join(folder, command)));
  }
  const code = `import importlib.util, sys; sys.exit(importlib.util.find_spec('${python}') is None)`;
  // Debian's packages belong to Debian's Python; another one may come first on the path.
  const pythons = ['/usr/bin/python3', 'python3'];
  return pythons.some((each) => spawnSync(each, ['-c', code], { stdio: 'ignore' }).status === 0);
}

function whyNotInstall() {
  const names = missing.map((peer) => peer.debian).join(' ');
  if (!existsSync('/usr/bin/apt-get')) return 'no apt-get here';
  if (process.getuid?.() !== 0) return `to run them: sudo apt-get install --no-install-recommends ${names}`;
  // A broker that the package starts as a service would hold port 1883 and stay after the tests.
  if (existsSync(policyFile) && spawnSync(policyFile, ['mosquitto', 'start'], { stdio: 'ignore' }).status !== 101)
    return `${policyFile} would start mosquitto as a service; install by hand: ${names}`;
  return undefined;
}

function installFromDebian(names) {
  say(`installing Debian packages for the tests: ${names.join(' ')} ...`);
  const policyIsOurs = !existsSync(policyFile);
  if (policyIsOurs) writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    if (apt('install', names) || (apt('update') && apt('install', names))) return;
    // One package unknown to this distribution must not cost the others.
    for (const name of names) if (!apt('install', [name])) say(`${name} could not be installed`);
  } finally {
    if (policyIsOurs) rmSync(policyFile, { force: true });
  }
}

function apt(verb, names = []) {
  const flags = ['-q', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=60'];
  const { status } = spawnSync('apt-get', [verb, ...flags, ...names], {
    stdio: ['ignore', 2, 2],
    timeout: aptTimeoutMs,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}
