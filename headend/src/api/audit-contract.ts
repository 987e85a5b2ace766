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
  | 'enrolled'
  | 'enrolment-refused'
  | 'report-received'
  | 'started'
  | 'stopped'
  | 'set-aside'
  | 'backed-up'
  | 'backup-failed'
  | 'command-key';

export type AuditRow = {
  seq: number;
  atMs: number;
  who: string;
  /** `unverified`: a name that nobody has proven; `system`: the head-end itself; `agent`: a gateway's word. */
  identity: 'unverified' | 'system' | 'agent';
  action: AuditAction;
  /** FleetRow.id, gateway id, or absent. */
  subject?: string;
  commandId?: string;
  why?: string;
  say: string;
};
export type AuditResponse = { rows: readonly AuditRow[]; nextBeforeSeq?: number };
