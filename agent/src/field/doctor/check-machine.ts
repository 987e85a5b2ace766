import { execFile } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { freemem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { setAsideFiles } from '../../io/disk/gateway-database.ts';
import { keptMode } from '../../io/mode-keeper.ts';
import type { Finding } from './finding.ts';
import { judgeDatabase, judgeDisk, judgeMemory, judgeNtp } from './machine-judgement.ts';
import type { NtpState } from './machine-judgement.ts';
import type { RunningGateway } from './running-gateway.ts';

/** Whether the data folder can be written and has room. A folder that is missing is judged by the one that it will be made in. */
export function checkDisk(dataDir: string): Finding {
  let folder = resolve(dataDir);
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  const probe = join(folder, `.tiepoint-doctor-${process.pid}`);
  try {
    const beganMs = performance.now();
    writeThrough(probe);
    const syncMs = performance.now() - beganMs;
    const { bavail, bsize } = statfsSync(folder);
    return judgeDisk({ directory: dataDir, freeBytes: bavail * bsize, syncMs });
  } catch (error) {
    return {
      id: 'disk',
      about: dataDir,
      outcome: 'bad',
      say: `cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      todo: `Give ${folder} to the user that the gateway runs as, or choose another gateway.dataDir; is the disk mounted read-only?`,
    };
  }
}

/** Writes a little, down to the disk, and takes it away again. */
function writeThrough(file: string): void {
  const handle = openSync(file, 'wx', 0o600);
  try {
    writeSync(handle, Buffer.alloc(4_096));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
    rmSync(file, { force: true });
  }
}

/** Reads the database of a gateway that does not run; nothing of it is changed. */
export function checkDatabase(dataDir: string, outboxMax: number): Finding {
  const file = join(dataDir, 'agent.sqlite');
  if (!existsSync(file))
    return { id: 'database', about: file, outcome: 'ok', say: 'not there yet; the first start makes it' };
  const unread = { version: 0, outbox: 0, outboxMax, openCommands: 0, unsentAcknowledgements: 0, intervals: 0 };
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: 1_000 });
    const number = (sql: string): number => Number(Object.values(database?.prepare(sql).get() ?? {})[0] ?? 0);
    const integrity = String(Object.values(database.prepare('PRAGMA integrity_check(1)').get() ?? {})[0]);
    if (integrity !== 'ok') return judgeDatabase(file, { integrity, ...unread });
    // One of an older agent has no such table before its next start.
    const hasIntervals = number(`SELECT count(*) FROM sqlite_schema WHERE name = 'interval'`) > 0;
    const kept = keptMode(database);
    const isInForce = kept?.isOver === false && (kept.mode.untilMs ?? 0) > Date.now();
    return judgeDatabase(file, {
      integrity,
      version: number('PRAGMA user_version'),
      outbox: number('SELECT count(*) FROM outbox'),
      outboxMax,
      openCommands: number(
        `SELECT count(*) FROM command WHERE state NOT IN ('confirmed', 'refused', 'expired', 'failed', 'unconfirmed')`,
      ),
      unsentAcknowledgements: number('SELECT count(*) FROM acknowledgement WHERE sent = 0'),
      intervals: hasIntervals ? number('SELECT count(*) FROM interval') : 0,
      modeInForce: isInForce ? kept.mode : undefined,
    });
  } catch (error) {
    return judgeDatabase(file, { integrity: error instanceof Error ? error.message : String(error), ...unread });
  } finally {
    database?.close();
  }
}

/** What the gateway found damaged and set aside: the disk may be dying. */
export function checkSetAside(dataDir: string): readonly Finding[] {
  const isFolder = statSync(dataDir, { throwIfNoEntry: false })?.isDirectory() === true;
  return (isFolder ? setAsideFiles(dataDir) : []).map((file) => ({
    id: 'database',
    about: file,
    outcome: 'warning',
    say: 'was found damaged by the gateway and set aside; what waited in it is lost',
    todo: 'Look at the disk (an old SD card?) and exchange it if this comes again. Keep the file for who examines it, then remove it.',
  }));
}

export function checkMemory(gateway: RunningGateway | undefined, meminfo = '/proc/meminfo'): Finding {
  let availableBytes = freemem();
  try {
    const match = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync(meminfo, 'utf8'));
    if (match !== null) availableBytes = Number(match[1]) * 1_024;
  } catch {
    // A system without /proc: what Node knows has to do.
  }
  const gatewayBytes = gateway?.residentBytes;
  return judgeMemory({ availableBytes, ...(gatewayBytes === undefined ? {} : { gatewayBytes }) });
}

const run = promisify(execFile);

/** Asks whoever keeps the clock of this machine: systemd-timesyncd, chrony, or systemd for another. */
export async function checkNtp(): Promise<Finding> {
  return judgeNtp(await ntpState());
}

async function ntpState(): Promise<NtpState> {
  if (existsSync('/run/systemd/timesync/synchronized')) return { synchronised: true, by: 'systemd-timesyncd' };
  const chrony = await answerOf('chronyc', ['-n', 'tracking']);
  const leap = chrony === undefined ? undefined : /^Leap status\s*:\s*(.+)$/m.exec(chrony)?.[1];
  if (leap !== undefined) return { synchronised: leap.trim() === 'Normal', by: 'chrony' };
  const systemd = await answerOf('timedatectl', ['show', '--property=NTPSynchronized', '--value']);
  if (systemd?.trim() === 'yes' || systemd?.trim() === 'no')
    return { synchronised: systemd.trim() === 'yes', by: 'systemd' };
  return { synchronised: undefined, by: 'neither systemd nor chrony answers' };
}

/** `undefined` where the program is missing, fails, or takes longer than 2 s. */
async function answerOf(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await run(program, args, { timeout: 2_000 })).stdout;
  } catch {
    return undefined;
  }
}
