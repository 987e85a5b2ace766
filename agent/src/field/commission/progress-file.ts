import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReportDevice, ReportItem } from '@tiepoint/protocol/field';
import { writeWhole } from '../../io/disk/whole-file.ts';

/** Everything that a commissioning must not lose. Results by the id of their item. */
export type Progress = {
  readonly version: 1;
  readonly id: string;
  /** Of the configuration that was tested: another one is another commissioning. */
  readonly configurationHash: string;
  readonly startedAtMs: number;
  readonly technician?: { readonly name: string; readonly organisation?: string };
  readonly instrument?: Instrument;
  readonly siteTitle?: string;
  readonly siteId?: string;
  readonly results: Readonly<Record<string, ReportItem>>;
  readonly devices: Readonly<Record<string, ReportDevice>>;
  /** Begun and not ended: interrupted, if nobody is at it. */
  readonly underWay?: string;
  /** How a device was found before an item moved it, by the item: where it is to be brought back to. */
  readonly found: Readonly<Record<string, string>>;
  /** Written, and not yet taken by the head-end. */
  readonly unsentReportId?: string;
};

export type Instrument = {
  readonly name: string;
  readonly serialNumber?: string;
  readonly calibratedOn?: string;
  readonly accuracyPct: number;
};

/** Below the data of the gateway that is commissioned. */
export const commissioningFolder = (dataDir: string): string => join(dataDir, 'commissioning');
export const progressPath = (folder: string): string => join(folder, 'progress.json');

export function newProgress(configurationHash: string, nowMs: number): Progress {
  return { version: 1, id: randomUUID(), configurationHash, startedAtMs: nowMs, results: {}, devices: {}, found: {} };
}

/** `undefined` where there is none. A file that cannot be read is told, never overlooked. */
export function readProgress(
  path: string,
): { readonly ok: true; readonly progress: Progress | undefined } | { readonly ok: false; readonly say: string } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { ok: true, progress: undefined };
    return { ok: false, say: `${path}: cannot be read (${String(error)})` };
  }
  try {
    const progress = JSON.parse(text) as Progress;
    const maps = [progress.results, progress.devices, progress.found];
    const areMaps = maps.every((each: unknown) => typeof each === 'object' && each !== null && !Array.isArray(each));
    const isFoundTold = areMaps && Object.values(progress.found).every((each: unknown) => typeof each === 'string');
    if (progress.version === 1 && isFoundTold && Number.isFinite(progress.startedAtMs)) return { ok: true, progress };
  } catch {
    // Told below, with what to do.
  }
  return {
    ok: false,
    say: `${path}: is no state of a commissioning that this version can read. --fresh begins anew and keeps it aside.`,
  };
}

/** On disk, whole, when this returns: a kill leaves the state of before or of after. */
export function writeProgress(path: string, progress: Progress): void {
  writeWhole(path, `${JSON.stringify(progress, undefined, 1)}\n`, 0o600);
}
