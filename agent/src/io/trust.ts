import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { trustList } from '@tiepoint/protocol';
import { verifyingKey } from '@tiepoint/protocol/envelope';
import type { Place, VerifyingKey } from '@tiepoint/protocol/envelope';
import { trustShape } from '@tiepoint/protocol/field';
import type { Trust } from '@tiepoint/protocol/field';
import type { Database } from './disk/gateway-database.ts';

/**
 * `undefined` where there is no such file. Throws Error with a sentence for the technician where it cannot be used: half a list of trusted
 * keys is worse than none.
 */
export function readTrustFile(path: string): Trust | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${path}: cannot be read (${String(error)}). The keys whose commands are obeyed stand there.`, {
      cause: error,
    });
  }
  const trust = parsed(text);
  if (typeof trust === 'string')
    throw new Error(`${path}: ${trust}. Take it anew from the head-end, or enrol the gateway again.`);
  return trust;
}

function parsed(text: string): Trust | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'is no JSON';
  }
  const read = trustShape(value, '');
  if (!read.ok) return read.say;
  const odd = [...read.value.commandKeys, read.value.recoveryKey].find((key) => keyOf(key) === undefined);
  return odd === undefined ? read.value : `${odd} is no public key of Ed25519`;
}

const keyOf = (text: string): VerifyingKey | undefined => verifyingKey(Buffer.from(text, 'base64url'));

/** As a gateway has it that does not run now, and as it is on its disk. Throws as `readTrustFile` does. */
export function trustOnDisk({ trust, dataDir }: { trust: string; dataDir: string }): TrustKeeper {
  const first = readTrustFile(trust);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(dataDir, 'agent.sqlite'), { readOnly: true });
    const keeper = new TrustKeeper(first, database);
    keeper.load();
    return keeper;
  } catch {
    // It never ran, or its disk is looked at by another check.
    const keeper = new TrustKeeper(first, undefined);
    keeper.load();
    return keeper;
  } finally {
    database?.close();
  }
}

export type Renewal =
  | { readonly ok: true; readonly revision: number }
  /** `old`: not above the one in force, as a list told again is. */
  | { readonly ok: false; readonly reason: 'old' | 'unreadable'; readonly say: string };

/**
 * Whom this gateway obeys. The first list is a file beside the configuration, from enrolment; later ones come over the line and are
 * kept in the gateway's database. A file of another authority (another recovery key) is a new enrolment, and begins anew.
 */
export class TrustKeeper {
  readonly #first: Trust | undefined;
  readonly #database: Database | undefined;
  #trust: Trust | undefined;
  #commandKeys = new Map<string, VerifyingKey>();
  #recoveryKey: VerifyingKey | undefined;

  /** Without a database, what came over the line is neither known nor kept. */
  constructor(first: Trust | undefined, database: Database | undefined) {
    this.#first = first;
    this.#database = database;
  }

  load(): void {
    // Even where the disk gives nothing, and what follows throws.
    if (this.#trust === undefined) this.#adopt(this.#first);
    const kept = this.#kept();
    const same = kept?.recoveryKey === this.#first?.recoveryKey;
    const newest = same && (kept?.revision ?? 0) > (this.#first?.revision ?? 0) ? kept : this.#first;
    this.#adopt(newest ?? kept);
  }

  get revision(): number | undefined {
    return this.#trust?.revision;
  }

  /** The trusted key of this thumbprint, for a message of this kind: the recovery key signs lists and nothing else. */
  keyOf(kid: string, { kind }: Place): VerifyingKey | undefined {
    const key = this.#commandKeys.get(kid);
    if (key !== undefined) return key;
    return kind === 'trust' && this.#recoveryKey?.kid === kid ? this.#recoveryKey : undefined;
  }

  /** Takes a list whose signature was verified. Throws where the disk fails; the list in force then stays. */
  renew(content: Uint8Array): Renewal {
    const read = trustList.fromBytes(content);
    if (!read.ok) return { ok: false, reason: 'unreadable', say: `${read.path} ${read.say}`.trim() };
    const { revision, commandKeys } = read.value;
    const before = this.#trust;
    if (before === undefined || revision <= before.revision)
      return { ok: false, reason: 'old', say: `revision ${revision} is not above ${before?.revision ?? 'none'}` };
    const texts = commandKeys.map((key) => Buffer.from(key).toString('base64url'));
    if (texts.length === 0 || texts.some((text) => keyOf(text) === undefined))
      return { ok: false, reason: 'unreadable', say: 'it holds no key, or something that is none' };
    const trust: Trust = { revision, commandKeys: texts, recoveryKey: before.recoveryKey };
    this.#write(trust);
    this.#adopt(trust);
    return { ok: true, revision };
  }

  /** Into a database that was begun anew. Throws where the disk fails. */
  keep(): void {
    if (this.#trust !== undefined) this.#write(this.#trust);
  }

  #write(trust: Trust): void {
    this.#database
      ?.prepare(`INSERT INTO setting VALUES ('trust', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`)
      .run(new TextEncoder().encode(JSON.stringify(trust)));
  }

  #kept(): Trust | undefined {
    const row = this.#database?.prepare(`SELECT value FROM setting WHERE name = 'trust'`).get();
    const trust = row && parsed(new TextDecoder().decode(row['value'] as Uint8Array));
    return typeof trust === 'string' ? undefined : trust;
  }

  #adopt(trust: Trust | undefined): void {
    this.#trust = trust;
    const keys = trust?.commandKeys.flatMap((text) => keyOf(text) ?? []) ?? [];
    this.#commandKeys = new Map(keys.map((key) => [key.kid, key]));
    this.#recoveryKey = trust && keyOf(trust.recoveryKey);
  }
}
