import type { FleetMode } from '@tiepoint/protocol';
import type { Finding } from './finding.ts';

const megabyte = 1_000_000;
/** A quarter of a million statuses that could not be sent, and the journal, with room to tidy up. */
const roomyBytes = 200 * megabyte;
const tightBytes = 50 * megabyte;

export function judgeDisk({
  directory,
  freeBytes,
  syncMs,
}: {
  directory: string;
  freeBytes: number;
  syncMs: number;
}): Finding {
  const finding = (outcome: Finding['outcome'], todo?: string): Finding => ({
    id: 'disk',
    about: directory,
    outcome,
    say: `writable, ${Math.round(freeBytes / megabyte)} MB free, one write to the disk takes ${syncMs.toFixed(1)} ms`,
    measured: { freeMB: Math.round(freeBytes / megabyte), syncMs: Math.round(syncMs * 10) / 10 },
    ...(todo === undefined ? {} : { todo }),
  });
  if (freeBytes < tightBytes)
    return finding('bad', 'The outbox and the journal will not fit: make room, or give dataDir another disk.');
  if (freeBytes < roomyBytes)
    return finding('warning', 'A long outage would fill the disk: make room, or set outbox.maxEntries lower.');
  // Every command waits for two such writes before the device is touched.
  return syncMs > 500
    ? finding('warning', 'The disk is slow: a worn memory card? Every command waits for it.')
    : finding('ok');
}

export function judgeMemory({
  availableBytes,
  gatewayBytes,
}: {
  availableBytes: number;
  gatewayBytes?: number;
}): Finding {
  const availableMB = Math.round(availableBytes / megabyte);
  const own = gatewayBytes === undefined ? '' : `; the gateway takes ${Math.round(gatewayBytes / megabyte)} MB`;
  const finding = (outcome: Finding['outcome'], todo?: string): Finding => ({
    id: 'memory',
    outcome,
    say: `${availableMB} MB available${own}`,
    measured: {
      availableMB,
      ...(gatewayBytes === undefined ? {} : { gatewayMB: Math.round(gatewayBytes / megabyte) }),
    },
    ...(todo === undefined ? {} : { todo }),
  });
  // A gateway of four devices takes about 60 MB; one that runs has them already.
  const neededMB = gatewayBytes === undefined ? 100 : 30;
  if (availableMB < neededMB / 3) return finding('bad', 'The system will end programs: stop what is not needed.');
  return availableMB < neededMB ? finding('warning', 'Little is left: see what else runs with `top`.') : finding('ok');
}

export type NtpState = { readonly synchronised: boolean | undefined; readonly by: string };

export function judgeNtp({ synchronised, by }: NtpState): Finding {
  if (synchronised === undefined)
    return { id: 'ntp', outcome: 'left-out', say: `this machine does not tell whether its clock is kept (${by})` };
  if (synchronised) return { id: 'ntp', outcome: 'ok', say: `kept by ${by}`, measured: { synchronised } };
  return {
    id: 'ntp',
    outcome: 'warning',
    say: `not synchronised, says ${by}`,
    measured: { synchronised },
    todo: 'Give the machine a time server it can reach: `timedatectl set-ntp true`, or chrony.',
  };
}

/** The agent itself refuses commands beyond this. */
export const clockToleranceMs = 2_000;

/**
 * `offsetMs`: how far this clock is ahead of the head-end's. `uncertainMs`: half of what the comparison took, or, of a word that was
 * kept, its greatest age.
 */
export function judgeClock({
  offsetMs,
  uncertainMs,
  by,
}: {
  offsetMs: number;
  uncertainMs: number;
  by: string;
}): Finding {
  const ahead = offsetMs >= 0 ? 'ahead' : 'behind';
  const say = `${seconds(Math.abs(offsetMs))} ${ahead} (±${seconds(uncertainMs)}), by ${by}`;
  const measured = { offsetMs: Math.round(offsetMs), uncertainMs: Math.round(uncertainMs) };
  const todo =
    'Commands are refused while the clocks differ by more than 2 s: see to NTP on this machine and at the head-end.';
  if (Math.abs(offsetMs) - uncertainMs > clockToleranceMs) return { id: 'clock', outcome: 'bad', say, measured, todo };
  if (Math.abs(offsetMs) + uncertainMs > clockToleranceMs)
    return { id: 'clock', outcome: 'left-out', say: `could not be compared closely: ${say}`, measured };
  if (Math.abs(offsetMs) > clockToleranceMs / 4) return { id: 'clock', outcome: 'warning', say, measured, todo };
  return { id: 'clock', outcome: 'ok', say, measured };
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(ms < 1_000 ? 3 : 1)} s`;

export type DatabaseFigures = {
  readonly integrity: string;
  readonly version: number;
  readonly outbox: number;
  readonly outboxMax: number;
  readonly openCommands: number;
  readonly unsentAcknowledgements: number;
  /** Of meters. */
  readonly intervals: number;
  /** By this machine's clock. */
  readonly modeInForce?: Pick<FleetMode, 'mode' | 'untilMs'> | undefined;
};

export function judgeDatabase(file: string, figures: DatabaseFigures): Finding {
  const { integrity, version, outbox, outboxMax, openCommands, unsentAcknowledgements, intervals, modeInForce } =
    figures;
  const finding = (outcome: Finding['outcome'], say: string, todo?: string): Finding => ({
    id: 'database',
    about: file,
    outcome,
    say,
    measured: { integrity, version, outbox, openCommands, unsentAcknowledgements, intervals },
    ...(todo === undefined ? {} : { todo }),
  });
  if (integrity !== 'ok')
    return finding(
      'bad',
      `damaged: ${integrity}`,
      'Copy the file for whoever looks into it, then move agent.sqlite* aside: the next start makes a new one. What was not sent is lost, and the head-end must be told that open commands may have been carried out.',
    );
  const mode =
    modeInForce === undefined
      ? ''
      : `; fleet mode ${modeInForce.mode} until ${new Date(modeInForce.untilMs ?? 0).toISOString()}: reports are held back`;
  const counts = `sound; ${outbox} waiting to be sent, ${openCommands} commands open, ${unsentAcknowledgements} acknowledgements to send, ${intervals} intervals of meters${mode}`;
  if (outbox > 0.8 * outboxMax)
    return finding(
      'warning',
      counts,
      `The outbox is nearly full (${outboxMax}); then the oldest go. Bring the line up.`,
    );
  if (openCommands > 0)
    return finding(
      'warning',
      counts,
      'A command was under way when the gateway stopped: its next start measures and reports it.',
    );
  return finding('ok', counts);
}
