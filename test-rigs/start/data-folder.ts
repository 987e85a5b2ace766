import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isFailure, plainly } from './system-failure.ts';

/** Where one `npm start` keeps everything. */
export type DataFolder = {
  readonly path: string;
  readonly headend: string;
  readonly headendFile: string;
  readonly siteState: string;
  readonly log: string;
  gateway(id: string): string;
  gatewayFile(id: string): string;
  /** Where the gateway keeps key and certificate. */
  identity(id: string): string;
};

/** What a running start tells others: its process, and where its parts are found. */
export type Running = {
  readonly pid: number;
  readonly httpsUrl?: string;
  readonly mqttUrl?: string;
  readonly fieldUrl?: string;
  /** PEM: whose certificates the head-end shows. */
  readonly authority?: string;
  readonly controlUrl?: string;
};

/** What a start makes there. `--fresh` removes these and nothing else. */
const ours = ['headend', 'headend.yaml', 'gateways', 'log', 'site.json', 'site.json.part'];
const folders = ['headend', 'gateways', 'log'];
const runningName = 'running.json';
/** Lies in every folder that a start has made its own; others are neither written to nor emptied. */
const markerName = '.tiepoint-data';
const markerText = 'This folder belongs to `npm start` of Tiepoint: `--fresh` removes what it stored here.\n';

/**
 * Makes the folder, empties it where asked, and takes it: two starts on one folder would write the same databases. Anybody's
 * folder is refused and left as it is.
 */
export function takeDataFolder(
  dir: string,
  fresh: boolean,
): { ok: true; folder: DataFolder } | { ok: false; say: string } {
  const path = resolve(dir);
  try {
    makeFolder(path);
    const foreign = whoseElse(path);
    if (foreign !== undefined) return { ok: false, say: foreign };
    const other = otherRunning(path);
    if (other !== undefined) {
      return {
        ok: false,
        say: `${path} is in use by another npm start (process ${other}): stop that one, or use another --data`,
      };
    }
    writeFileSync(join(path, markerName), markerText);
    if (fresh) for (const name of ours) rmSync(join(path, name), { recursive: true, force: true });
    for (const name of folders) {
      mkdirSync(join(path, name), { recursive: true });
      accessSync(join(path, name), constants.W_OK | constants.X_OK);
    }
    tellRunning(path, { pid: process.pid });
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { ok: false, say: `the data folder ${path} cannot be used: ${plainly(error)}` };
  }
  return {
    ok: true,
    folder: {
      path,
      headend: join(path, 'headend'),
      headendFile: join(path, 'headend.yaml'),
      siteState: join(path, 'site.json'),
      log: join(path, 'log'),
      gateway: (id) => join(path, 'gateways', id),
      gatewayFile: (id) => join(path, 'gateways', `${id}.yaml`),
      identity: (id) => join(path, 'gateways', id, 'identity'),
    },
  };
}

/** One folder at a time: where none can be made although its parent is there, as in /proc, `recursive` tries for ever. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}

/** Why this folder is not ours to write in; `undefined` where it is empty, marked, or plainly of an earlier start. */
function whoseElse(path: string): string | undefined {
  const names = readdirSync(path);
  // There `headend` is a folder of sources.
  if (names.includes('package.json')) {
    return `${path} holds sources (package.json): give --data a folder of its own`;
  }
  if (names.length === 0 || names.includes(markerName) || isEarlier(path, names)) return undefined;
  return `${path} holds files of others (${shown(names)}): give --data a new or an empty folder`;
}

/** Of a start that wrote no marker, or of the benchmarks, which keep what they install beside it: that, and nothing else. */
function isEarlier(path: string, names: readonly string[]): boolean {
  if (!names.every((name) => [...ours, runningName, 'bench'].includes(name))) return false;
  return folders.every((name) => names.includes(name)) || existsSync(join(path, 'bench/node-red'));
}

const shown = (names: readonly string[]): string =>
  `${names.toSorted().slice(0, 3).join(', ')}${names.length > 3 ? ', ...' : ''}`;

export function tellRunning(path: string, running: Running): void {
  writeFileSync(join(path, runningName), `${JSON.stringify(running)}\n`);
}

export function releaseDataFolder({ path }: DataFolder): void {
  rmSync(join(path, runningName), { force: true });
}

/** The file of a start that was killed names a process that is gone, or that is another program by now. */
function otherRunning(path: string): number | undefined {
  try {
    const { pid } = JSON.parse(readFileSync(join(path, runningName), 'utf8')) as Running;
    process.kill(pid, 0);
    return pid === process.pid || !looksLikeStart(pid) ? undefined : pid;
  } catch {
    return undefined;
  }
}

function looksLikeStart(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('start/main.ts');
  } catch {
    return true; // no /proc here: believe the file
  }
}
