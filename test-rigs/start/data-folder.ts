import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where one `npm start` keeps everything. */
export type DataFolder = {
  readonly path: string;
  readonly headend: string;
  readonly siteState: string;
  readonly log: string;
  gateway(id: string): string;
  gatewayFile(id: string): string;
};

/** What a running start tells others: its process, and where its parts are found. */
export type Running = {
  readonly pid: number;
  readonly httpUrl?: string;
  readonly mqttUrl?: string;
  readonly controlUrl?: string;
};

/** What a start makes there. `--fresh` removes these and nothing else, for the folder may be anybody's. */
const ours = ['headend', 'gateways', 'log', 'site.json', 'site.json.part'];
const runningName = 'running.json';

/** Makes the folder, empties it where asked, and takes it: two starts on one folder would write the same databases. */
export function takeDataFolder(
  dir: string,
  fresh: boolean,
): { ok: true; folder: DataFolder } | { ok: false; say: string } {
  const path = resolve(dir);
  // There `headend` is a folder of sources, and --fresh would remove it.
  if (existsSync(join(path, 'package.json'))) {
    return { ok: false, say: `${path} holds sources (package.json): give --data a folder of its own` };
  }
  try {
    mkdirSync(path, { recursive: true });
    const other = otherRunning(path);
    if (other !== undefined) {
      return {
        ok: false,
        say: `${path} is in use by another npm start (process ${other}): stop that one, or use another --data`,
      };
    }
    if (fresh) for (const name of ours) rmSync(join(path, name), { recursive: true, force: true });
    for (const name of ['headend', 'gateways', 'log']) mkdirSync(join(path, name), { recursive: true });
    tellRunning(path, { pid: process.pid });
  } catch (error) {
    return {
      ok: false,
      say: `the data folder cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
  return {
    ok: true,
    folder: {
      path,
      headend: join(path, 'headend'),
      siteState: join(path, 'site.json'),
      log: join(path, 'log'),
      gateway: (id) => join(path, 'gateways', id),
      gatewayFile: (id) => join(path, 'gateways', `${id}.yaml`),
    },
  };
}

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
