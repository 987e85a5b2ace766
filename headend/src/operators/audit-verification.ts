import { ChainFollower } from '../store/audit-chain.ts';
import type { Acting, OperationsStore } from '../store/store.ts';

type AuditStore = Pick<OperationsStore, 'auditAfter' | 'auditHead' | 'auditTaken'>;

/** `signed`: so many signed heads fit, too. `seq`: the first row that does not fit. */
export type AuditVerdict =
  | { readonly ok: true; readonly signed: number }
  | { readonly ok: false; readonly seq?: number; readonly say: string };

/** `rows` of `of` have been looked at. */
type Looked = { readonly by: string; readonly beganAtMs: number; readonly rows: number; readonly of: number };
export type AuditLook = { readonly state: 'none' } | (Looked & { readonly state: 'running' }) | AuditFinding;
export type AuditFinding = Looked & {
  readonly state: 'done';
  readonly tookMs: number;
  readonly verdict: AuditVerdict;
};

export type VerificationParts = {
  readonly store: AuditStore;
  /** What is wrong with the signed heads, or how many of them fit. Throws where they cannot be read. */
  readonly signed: (hashOf: (seq: number) => string | undefined) => AuditVerdict;
  /** `identity`: of who asked. */
  readonly onVerdict: (look: AuditFinding, identity: Acting['identity']) => void;
  readonly now: () => number;
  /** Between two slices; so long as a slice takes, so that commands and reports are not held up. */
  readonly pause?: (ms: number) => Promise<void>;
};

const rowsPerSlice = 200;
const longestPauseMs = 50;

/**
 * Looks, when somebody asks, whether every row of the audit is as it was written: one look at a time, in slices, as far as the audit went
 * when it began. What it found last stays to be asked for.
 */
export class AuditVerification {
  readonly #parts: VerificationParts;
  #look: AuditLook = { state: 'none' };
  #isEnding = false;

  constructor(parts: VerificationParts) {
    this.#parts = parts;
  }

  get look(): AuditLook {
    return this.#look;
  }

  /** Where one is under way already, that is the answer. */
  begin({ operator, identity }: Acting): AuditLook {
    const { store, now } = this.#parts;
    if (this.#look.state === 'running') return this.#look;
    const looked: Looked = { by: operator, beganAtMs: now(), rows: 0, of: store.auditHead().seq };
    this.#look = { ...looked, state: 'running' };
    void this.#run(looked, identity, store.auditTaken());
    return this.#look;
  }

  /** The store is about to be closed. */
  end(): void {
    this.#isEnding = true;
  }

  async #run(looked: Looked, identity: Acting['identity'], lastTaken: number): Promise<void> {
    const beganMs = performance.now();
    const follower = new ChainFollower();
    const verdict = await this.#verdict(looked, follower, lastTaken).catch((error: unknown): AuditVerdict => ({
      ok: false,
      say: `The audit cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    }));
    if (verdict === undefined) return;
    const tookMs = Math.round(performance.now() - beganMs);
    const done = { ...looked, state: 'done', rows: follower.head.seq, tookMs, verdict } as const;
    this.#look = done;
    this.#parts.onVerdict(done, identity);
  }

  /** Undefined: it was broken off. */
  async #verdict(looked: Looked, follower: ChainFollower, lastTaken: number): Promise<AuditVerdict | undefined> {
    const { store, signed, pause = wait } = this.#parts;
    let tookMs = 0;
    while (follower.head.seq < looked.of) {
      await pause(Math.min(longestPauseMs, tookMs));
      if (this.#isEnding) return undefined;
      const fromMs = performance.now();
      const after = follower.head.seq;
      const rows = store.auditAfter(after, Math.min(rowsPerSlice, looked.of - after));
      if (rows.length === 0) break;
      for (const row of rows) {
        const broken = follower.take(row);
        if (broken !== undefined) return { ok: false, seq: broken.seq, say: broken.say };
      }
      this.#look = { ...looked, state: 'running', rows: follower.head.seq };
      tookMs = performance.now() - fromMs;
    }
    const chain = follower.end(lastTaken);
    if (!chain.ok) return { ok: false, seq: chain.seq, say: chain.say };
    return signed((seq) => {
      const row = store.auditAfter(seq - 1, 1)[0];
      return row?.seq === seq ? row.hash : undefined;
    });
  }
}

/** As it is told and recorded. */
export function verdictWords({ verdict, rows }: Pick<AuditFinding, 'verdict' | 'rows'>): string {
  if (verdict.ok)
    return `Audit verified: ${rows} rows, each as it was written; ${verdict.signed} signed ${verdict.signed === 1 ? 'head fits' : 'heads fit'}.`;
  const from = verdict.seq === undefined ? '' : ` from row ${verdict.seq} on`;
  return `The audit does not fit${from}. ${verdict.say}`;
}

async function wait(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
