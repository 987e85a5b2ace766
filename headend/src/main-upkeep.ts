import type { Signer } from '@tiepoint/protocol/envelope';
import type { ApiParts } from './api/parts.ts';
import type { AuditCheckpoints } from './authority/audit-checkpoints.ts';
import { Backups, backUpApart } from './main-backups.ts';
import type { Settings } from './main-settings.ts';

const minuteMs = 60_000;
const checkpointEveryMs = 15 * minuteMs;

export type Upkeep = { end(): void };

/** What a head-end does for its own records by the clock: signs the head of the audit, makes backups. `end` signs a last time. */
export function startUpkeep(
  { backup, data }: Pick<Settings, 'backup' | 'data'>,
  { audit, conditions, store, now }: Pick<ApiParts, 'audit' | 'conditions' | 'store' | 'now'>,
  {
    checkpoints,
    signer,
    log,
  }: {
    checkpoints: AuditCheckpoints;
    signer: () => Signer;
    log: {
      info(fields: Record<string, unknown>, say: string): void;
      error(fields: Record<string, unknown>, say: string): void;
    };
  },
): Upkeep {
  const sign = (): void => {
    try {
      const signed = checkpoints.sign(store.operations.auditHead(), signer(), now());
      // A log that is gathered elsewhere then knows it, too.
      if (signed !== undefined) log.info({ row: signed.seq, hash: signed.hash }, 'the head of the audit was signed');
    } catch (error) {
      log.error({ err: error }, 'the head of the audit could not be signed; it is tried again');
    }
  };
  sign();
  const timers = [setInterval(sign, checkpointEveryMs)];
  if (backup !== undefined) {
    const backups = new Backups({ settings: backup, data, audit, conditions, now, run: backUpApart });
    void backups.tick();
    timers.push(setInterval(() => void backups.tick(), minuteMs));
  }
  return {
    end: () => {
      for (const timer of timers) clearInterval(timer);
      sign();
    },
  };
}
