import { z } from 'zod';
import { verifyingKey } from '@tiepoint/protocol/envelope';
import type { Signer } from '@tiepoint/protocol/envelope';
import type { ChainHead } from '../store/audit-chain.ts';
import type { KeyFolder } from './key-folder.ts';
import { putBack } from './key-vault.ts';

/** The head of the audit at an instant, signed with the command key. Bytes in base64url. */
export type AuditCheckpoint = ChainHead & { readonly atMs: number; readonly key: string; readonly signature: string };

const fileName = 'audit-checkpoints.json';
const schema = z.array(
  z.strictObject({ seq: z.int(), hash: z.string(), atMs: z.int(), key: z.string(), signature: z.string() }),
);
/** A later one vouches for all before it; these are for whoever asks when something happened. */
const kept = 100;

/**
 * Signed heads of the audit, kept beside the keys and not in the database: who can write to the one, and not to the other, cannot cut the
 * audit or write it anew unseen. Everything throws an Error for people where the disk fails.
 */
export class AuditCheckpoints {
  readonly #folder: KeyFolder;

  constructor(folder: KeyFolder) {
    this.#folder = folder;
  }

  /** Oldest first. */
  all(): readonly AuditCheckpoint[] {
    const text = this.#folder.read(fileName);
    if (text === undefined) return [];
    try {
      return schema.parse(JSON.parse(text));
    } catch (error) {
      throw new Error(
        `${this.#folder.fileOf(fileName)} is damaged, which holds the signed heads of the audit: ${putBack}; where there is none, move the file away, which the audit will tell`,
        { cause: error },
      );
    }
  }

  /** Signs this head, unless it is signed already. */
  sign(head: ChainHead, signer: Signer, nowMs: number): AuditCheckpoint | undefined {
    const before = this.all();
    if (head.seq === 0 || before.at(-1)?.seq === head.seq) return undefined;
    const signature = signer.sign(Buffer.from(checkpointText({ ...head, atMs: nowMs })));
    const checkpoint: AuditCheckpoint = {
      ...head,
      atMs: nowMs,
      key: Buffer.from(signer.publicKey).toString('base64url'),
      signature: Buffer.from(signature).toString('base64url'),
    };
    this.#folder.write(fileName, `${JSON.stringify([...before, checkpoint].slice(-kept), undefined, 1)}\n`);
    return checkpoint;
  }
}

/** What is signed, in UTF-8. */
export function checkpointText({ seq, hash, atMs }: Pick<AuditCheckpoint, 'seq' | 'hash' | 'atMs'>): string {
  return `tiepoint-audit-checkpoint-1 ${seq} ${hash} ${atMs}`;
}

/** What is wrong with the first checkpoint that does not fit, which is of row `seq`; `hashOf` gives the hash of a row. */
export function checkpointFault(
  checkpoints: readonly AuditCheckpoint[],
  hashOf: (seq: number) => string | undefined,
): { readonly seq: number; readonly say: string } | undefined {
  for (const checkpoint of checkpoints) {
    const { seq, hash, atMs, key, signature } = checkpoint;
    const at = `${seq} at ${new Date(atMs).toISOString()}`;
    const verified = verifyingKey(Buffer.from(key, 'base64url'))?.verify(
      Buffer.from(checkpointText(checkpoint)),
      Buffer.from(signature, 'base64url'),
    );
    if (verified !== true) return { seq, say: `The checkpoint of row ${at} is not signed by its key.` };
    const found = hashOf(seq);
    if (found === undefined)
      return { seq, say: `Row ${at} was signed and is missing: the audit was cut off before it.` };
    if (found !== hash) return { seq, say: `Row ${at} is not the one that was signed: the audit was written anew.` };
  }
  return undefined;
}
