import type { AuditCheckpoints } from './authority/audit-checkpoints.ts';
import { checkpointFault } from './authority/audit-checkpoints.ts';
import { Audit } from './operators/audit.ts';
import { AuditVerification, verdictWords } from './operators/audit-verification.ts';
import type { VerificationParts } from './operators/audit-verification.ts';
import type { Conditions } from './store/conditions.ts';
import type { OperationsStore } from './store/store.ts';

type Parts = {
  readonly store: { readonly operations: OperationsStore };
  readonly checkpoints: Pick<AuditCheckpoints, 'all'>;
  readonly conditions: Conditions;
  readonly now: () => number;
};

/** The audit against its hashes and signed heads. What it finds is a row of the audit; that something does not fit is told on the console. */
export function auditOf({ store: { operations }, checkpoints, conditions, now }: Parts): {
  audit: Audit;
  verification: AuditVerification;
} {
  const signed: VerificationParts['signed'] = (hashOf) => {
    const heads = checkpoints.all();
    const fault = checkpointFault(heads, hashOf);
    return fault === undefined ? { ok: true, signed: heads.length } : { ok: false, ...fault };
  };
  const verification = new AuditVerification({
    store: operations,
    signed,
    onVerdict: (look, identity) => {
      const say = verdictWords(look);
      const { verdict, by } = look;
      operations.appendAudit({ atMs: now(), who: by, identity, action: 'audit-verified', say });
      const told = `${say} Compare it with an export or a backup of before, and find out who could write to the disk.`;
      conditions.set('audit', verdict.ok ? undefined : told);
    },
    now,
  });
  return { audit: new Audit(operations, () => checkpoints.all()), verification };
}
