/** The audit, as types alone; a part of `contract.ts`. */
type AuditAction =
  | 'select'
  | 'select-refused'
  | 'cancel-selection'
  | 'cancel-refused'
  | 'operate'
  | 'operate-refused'
  | 'command-transition'
  | 'tag-set'
  | 'tag-lifted'
  | 'tag-removed'
  | 'tag-removal-known'
  | 'tag-refused'
  | 'configuration-set'
  | 'site-set'
  | 'site-removed'
  | 'site-state'
  | 'order-set'
  | 'order-removed'
  | 'contract-set'
  | 'contract-removed'
  | 'profile-set'
  | 'profile-removed'
  | 'import'
  | 'token-issued'
  | 'token-revoked'
  | 'certificate-renewed'
  | 'certificate-revoked'
  | 'certificate-retired'
  | 'enrolled'
  | 'enrolment-refused'
  | 'report-received'
  | 'signed-in'
  | 'sign-in-refused'
  | 'access-refused'
  | 'signed-out'
  | 'locked-out'
  | 'password-changed'
  | 'second-factor-set'
  | 'second-factor-removed'
  | 'account-made'
  | 'account-changed'
  | 'account-reset'
  | 'bearer-token-issued'
  | 'bearer-token-revoked'
  | 'approval-asked'
  | 'approval-given'
  | 'approval-refused'
  | 'approval-over'
  | 'started'
  | 'stopped'
  | 'set-aside'
  | 'backed-up'
  | 'backup-failed'
  | 'command-key'
  | 'keys-anew'
  | 'audit-verified'
  | 'network-edited'
  | 'switch-recorded'
  | 'intervals-edited'
  | 'interval-edit-taken-back'
  | 'intervals-estimated'
  | 'intervals-imported'
  | 'intervals-forgotten'
  | 'retention-set'
  | 'mode-ordered'
  | 'mode-ended';

export type AuditRow = {
  seq: number;
  atMs: number;
  who: string;
  /** `account`: a person who signed in; `token`: a program's bearer token, or an enrolment token; `system`: the head-end; `agent`: a gateway. */
  identity: 'account' | 'token' | 'system' | 'agent';
  action: AuditAction;
  /** FleetRow.id, gateway id, or absent. */
  subject?: string;
  commandId?: string;
  why?: string;
  say: string;
};
/**
 * The last row: its hash vouches for every row before it, so that whoever keeps `seq:hash` elsewhere finds later what was changed since
 * (`headend audit verify --head SEQ:HASH`). `signed`: the last one that was signed with the command key.
 */
export type AuditHead = { seq: number; hash: string; signed?: { seq: number; atMs: number } };
export type AuditResponse = { rows: readonly AuditRow[]; nextBeforeSeq?: number };

/**
 * What a look at the whole audit found, or how far it is: `rows` of `of`. `signed`: so many signed heads fit, too. `seq`: the first row that
 * does not fit.
 */
export type AuditVerification =
  | { state: 'none' }
  | { state: 'running'; by: string; beganAtMs: number; rows: number; of: number }
  | {
      state: 'done';
      by: string;
      beganAtMs: number;
      rows: number;
      of: number;
      tookMs: number;
      verdict: { ok: true; signed: number } | { ok: false; seq?: number; say: string };
    };
