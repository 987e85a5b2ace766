import type { Measurement } from '@tiepoint/protocol';
import { auditLines } from '../store/audit-tables.ts';
import { commandWords } from '../store/command-words.ts';
import type {
  AuditAction,
  AuditEntry,
  AuditQuery,
  AuditRecord,
  CommandRecord,
  NotRecorded,
  OperationsStore,
  TransitionRecord,
} from '../store/store.ts';

type SystemAction = Extract<AuditAction, 'started' | 'stopped' | 'backed-up' | 'backup-failed'>;
type AuditStore = Pick<OperationsStore, 'appendAudit' | 'audit' | 'auditAfter' | 'auditHead'>;
/** A head that was signed with the command key. */
type SignedHead = { readonly seq: number; readonly atMs: number };

/**
 * Who did what, when and why. Entries are only ever appended; those of commands, tags and configurations are written in the
 * transaction of what they tell.
 */
export class Audit {
  readonly #store: AuditStore;
  readonly #checkpoints: () => readonly SignedHead[];

  /** `checkpoints`: the signed heads, for whoever verifies an export. */
  constructor(store: AuditStore, checkpoints: () => readonly SignedHead[] = () => []) {
    this.#store = store;
    this.#checkpoints = checkpoints;
  }

  /** What the program itself did. */
  system(action: SystemAction, say: string, atMs: number): NotRecorded {
    return this.#store.appendAudit({ atMs, who: 'head-end', identity: 'system', action, say });
  }

  /** All of it as lines of JSON, oldest first, each with its hash; then the checkpoints. */
  lines(): Iterable<string> {
    return auditLines(this.#store, this.#checkpoints());
  }

  /** The last row, whose hash vouches for all before it; `signed`: the last one that was signed. */
  head(): { seq: number; hash: string; signed?: SignedHead } {
    const signed = this.#checkpoints().at(-1);
    return {
      ...this.#store.auditHead(),
      ...(signed === undefined ? {} : { signed: { seq: signed.seq, atMs: signed.atMs } }),
    };
  }

  /** Newest first. */
  rows(query: AuditQuery): readonly AuditRecord[] {
    return this.#store.audit(query);
  }
}

/** The audit of one transition of a command. */
export function auditTransition(command: CommandRecord, transition: TransitionRecord): AuditEntry {
  const { id, targetKey, routeKey, kind, parameters, operator, approver, cause } = command;
  const { by, atMs, state, say, reason, measured } = transition;
  const who = { operator, 'head-end': 'head-end', agent: `agent of ${routeKey}` }[by];
  const identity = ({ operator: command.identity, 'head-end': 'system', agent: 'agent' } as const)[by];
  const via = routeKey === targetKey ? '' : ` by ${routeKey}`;
  const why = reason === undefined ? '' : ` (${reason})`;
  const second = approver === undefined || by !== 'operator' ? '' : `, approved by ${approver}`;
  const told = say === undefined || by === 'operator' ? '' : `: ${say}`;
  return {
    atMs,
    who,
    identity,
    action: by === 'operator' ? 'operate' : 'command-transition',
    subject: targetKey,
    commandId: id,
    ...(cause === undefined ? {} : { why: cause }),
    say: withMeasured(`${commandWords(kind, parameters)}${via} ${state}${second}${why}${told}`, measured),
  };
}

/** With what was measured, ready to read; nothing is added where nothing was. */
function withMeasured(text: string, measured: readonly Measurement[]): string {
  if (measured.length === 0) return text;
  const parts = measured.map(
    ({ point, value, word, unit }) =>
      `${point} ${word ?? value ?? 'unknown'}${unit === undefined || value === undefined ? '' : ` ${unit}`}`,
  );
  return `${text}${text.endsWith('.') ? ' Measured' : '; measured'}: ${parts.join(', ')}`;
}
