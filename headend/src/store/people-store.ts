import type { AuditEntry, NotRecorded } from './store.ts';

/**
 * Accounts, sessions and bearer tokens: on the disk itself before a call returns. They are few and small, so they are read whole at the
 * start. Of secrets only hashes are here; that of an authenticator is sealed with a key that is not in the database.
 */
export interface PeopleStore {
  all<K extends PeopleKind>(kind: K): readonly PeopleRecords[K][];
  /** All changes with their audit, or nothing. */
  change(changes: readonly PeopleChange[], audit: readonly AuditEntry[]): NotRecorded;
}

export type PeopleRecords = {
  account: AccountRecord;
  session: SessionRecord;
  token: BearerTokenRecord;
  vault: VaultRecord;
};
export type PeopleKind = keyof PeopleRecords;
/** Without a record: it is removed. */
export type PeopleChange = {
  [K in PeopleKind]: { kind: K; id: string; record: PeopleRecords[K] | undefined };
}[PeopleKind];

export type Role =
  | 'viewer'
  | 'dispatcher'
  | 'switching-operator'
  | 'dr-operator'
  | 'field-technician'
  | 'engineer'
  | 'administrator';
/** A role, everywhere or at the sites of these areas alone. */
export type Grant = { readonly role: Role; readonly areas: 'all' | readonly string[] };

/** By which the key that is not here is known again. One, with the id `key`. */
export type VaultRecord = { readonly sealed: string };

/** Argon2id, with the cost that it was made with. Base64. */
export type PasswordHash = {
  readonly salt: string;
  readonly hash: string;
  readonly memoryKib: number;
  readonly passes: number;
};

export type AccountRecord = {
  /** Its id, too: `ada`. */
  readonly name: string;
  readonly title: string;
  readonly grants: readonly Grant[];
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly password?: PasswordHash;
  /** Drawn here and told once; to be changed at the first sign-in. */
  readonly oneTime?: { readonly hash: string; readonly expiresAtMs: number };
  readonly totp?: { readonly sealed: string; readonly lastStep: number };
  /** Hashes; each goes with its use. */
  readonly recoveryCodes?: readonly string[];
  readonly passkeys?: readonly PasskeyRecord[];
  /** Kept at the utility's identity provider. */
  readonly oidc?: { readonly issuer: string; readonly subject: string };
  /** Without a password: signs in nowhere, has bearer tokens alone. */
  readonly program?: true;
  readonly disabled?: { readonly atMs: number; readonly by: string };
  readonly lastSignInAtMs?: number;
  /** From where it signed in lately: nobody else's failures slow it down there. Newest first. */
  readonly knownAddresses?: readonly string[];
};

export type PasskeyRecord = {
  readonly id: string;
  readonly title: string;
  /** Base64url of COSE. */
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly addedAtMs: number;
  readonly lastUsedAtMs?: number;
};

export type SessionRecord = {
  readonly id: string;
  readonly secretHash: string;
  readonly account: string;
  readonly by: 'password' | 'passkey' | 'oidc';
  readonly startedAtMs: number;
  readonly address: string;
};

export type BearerTokenRecord = {
  readonly id: string;
  readonly secretHash: string;
  readonly account: string;
  readonly title: string;
  readonly grants: readonly Grant[];
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly expiresAtMs: number;
};
