import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A gateway that runs on a data folder now. `pid` and `isCommissioning` (hosted by a commissioning): where this user may see it. */
export type RunningGateway = {
  readonly pid?: number;
  readonly residentBytes?: number;
  readonly isCommissioning?: boolean;
};

const busyCode = 5;

/**
 * A running gateway holds its database alone, so that nobody else can read it: that is how it is noticed, whoever it belongs to.
 * Nothing is changed.
 */
export function runningGateway(dataDir: string, proc = '/proc'): RunningGateway | undefined {
  const file = join(dataDir, 'agent.sqlite');
  if (!existsSync(file) || !isHeld(file)) return undefined;
  const pid = holderOf(file, proc);
  if (pid === undefined) return {};
  const residentBytes = residentOf(pid, proc);
  const isCommissioning = argumentsOf(pid, proc).includes('commission');
  return { pid, isCommissioning, ...(residentBytes === undefined ? {} : { residentBytes }) };
}

function argumentsOf(pid: number, proc: string): readonly string[] {
  try {
    return readFileSync(join(proc, String(pid), 'cmdline'), 'utf8').split('\0');
  } catch {
    return [];
  }
}

function isHeld(file: string): boolean {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: 0 });
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    // Anything else that is wrong with it is the check of the database to tell.
    return (error as { errcode?: number }).errcode === busyCode;
  } finally {
    database?.close();
  }
}

function holderOf(file: string, proc: string): number | undefined {
  const real = realpathSync(file);
  for (const name of namesIn(proc).filter((each) => /^\d+$/.test(each) && Number(each) !== process.pid)) {
    const folder = join(proc, name, 'fd');
    for (const handle of namesIn(folder)) if (linkOf(join(folder, handle)) === real) return Number(name);
  }
  return undefined;
}

function residentOf(pid: number, proc: string): number | undefined {
  try {
    const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(join(proc, String(pid), 'status'), 'utf8'));
    return match === null ? undefined : Number(match[1]) * 1_024;
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
