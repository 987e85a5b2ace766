import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ApiParts } from './api/parts.ts';
import { AuditCheckpoints } from './authority/audit-checkpoints.ts';
import { CommandKeys } from './authority/command-keys.ts';
import { KeyFolder } from './authority/key-folder.ts';
import { fileVault, putBack } from './authority/key-vault.ts';
import {
  enrolledIn,
  lostKeys,
  reliantOn,
  sealedIn,
  strangersSay,
  strangersTo,
  vaultFile,
} from './authority/lost-keys.ts';
import { openIdentity } from './main-authority.ts';
import type { HeadendIdentity } from './main-authority.ts';
import type { Settings } from './main-settings.ts';
import { Vault, vaultKeyBytes } from './operators/vault.ts';
import type { PeopleStore } from './store/people-store.ts';
import type { ProvisioningChange, ProvisioningStore } from './store/provisioning-store.ts';
import type { NotRecorded, Store } from './store/store.ts';

export type OpenKeys = {
  keys: CommandKeys;
  checkpoints: AuditCheckpoints;
  identity: HeadendIdentity;
  vault: Vault;
};

export const recoveryKeyLost =
  'The recovery key is gone from the folder keys, and nobody exported it: put it back from a backup. Without it, gateways have to be enrolled again where the command keys are lost.';

type KeyStore = Pick<Store, 'operations' | 'provisioning' | 'people'>;

/**
 * All that is secret of a head-end, made at its first start. What is lost, damaged or of another head-end is told, with what to do, by an
 * Error for people; nothing that gateways or people know is replaced unless `--new-keys` says so, and then with the consequences, in
 * the audit. `log` hears what was made anew though nobody relies on it.
 */
export async function openKeys(
  settings: Settings,
  store: KeyStore,
  { log, now }: { log: { warn(fields: object, say: string): void }; now: () => number },
): Promise<OpenKeys> {
  const nowMs = now();
  const [isImported, anew] = [settings.authority !== undefined, settings.newKeys === true];
  const folder = new KeyFolder(join(settings.data, 'keys'));
  folder.open();
  const tell = (say: string): void => {
    log.warn({}, say);
    noted(store, say, [], now());
  };
  const lost = lostKeys(folder, reliantOn(store), isImported);
  if (lost !== undefined && !anew) throw new Error(lost.say);
  if (lost !== undefined) {
    const gatewayIds = lost.authority ? reliantOn(store).gatewayIds : [];
    beginAnew(store, `${lost.files.join(', ')} were missing`, gatewayIds, nowMs);
  }
  const vault = openVault(folder, store.people, anew);
  const keys = new CommandKeys(folder, fileVault(folder));
  keys.start(nowMs, lost?.commandKeys === true);
  const checkpoints = new AuditCheckpoints(folder);
  if (checkpoints.all().length === 0 && store.operations.audit({ action: 'started', limit: 1 }).length > 0) {
    tell(
      `${folder.path}: the signed heads of the audit are gone. What was written until now is vouched for only by heads that were kept elsewhere`,
    );
    checkpoints.sign(store.operations.auditHead(), keys.signer, nowMs);
  }
  const identity = await openIdentity(settings, folder, { nowMs, onDamage: tell });
  const strangers = strangersTo(identity.authority, store.provisioning.all('certificate'));
  if (strangers.length > 0) {
    const file = settings.authority?.certFile ?? folder.fileOf('authority.pem');
    if (!anew) throw new Error(strangersSay(file, strangers));
    beginAnew(store, `${file} is another authority`, strangers, nowMs);
  }
  return { keys, checkpoints, identity, vault };
}

/** While it runs it has them in memory: who stops it then has lost them. Undefined: nothing is missing. */
export function keysFault(
  { data, authority }: Pick<Settings, 'data' | 'authority'>,
  { register, people }: Pick<ApiParts, 'register' | 'people'>,
): string | undefined {
  const gatewayIds = enrolledIn([...register.of('identity').values()]);
  const reliant = { gatewayIds, accounts: sealedIn(people.directory.accounts()) };
  const lost = lostKeys(new KeyFolder(join(data, 'keys')), reliant, authority !== undefined);
  if (lost === undefined) return undefined;
  return `Files of the folder keys have gone under this head-end (${lost.files.join(', ')}): ${putBack} before it is stopped, for it would not start again.`;
}

/**
 * The key that is not in the database of people, made at the first start, for this user alone. Throws an Error for people where it is
 * damaged, or that of another head-end, unless it is begun `anew`.
 */
export function openVault(folder: KeyFolder, people: PeopleStore, anew = false): Vault {
  const file = folder.fileOf(vaultFile);
  const key = folder.readBytes(vaultFile) ?? madeVaultKey(folder);
  if (key.byteLength !== vaultKeyBytes)
    throw new Error(`${file} is damaged (${key.byteLength} bytes, not ${vaultKeyBytes}): ${putBack}`);
  const vault = new Vault(key);
  const [known] = people.all('vault');
  const isKnown = known === undefined ? opensAny(vault, people) : vault.open(known.sealed, vaultName) !== undefined;
  if (!isKnown && !anew)
    throw new Error(
      `${file} is the key of another head-end: no password fits, and no authenticator can be read. Stop here, and ${putBack}. Where there is none, start once with --new-keys: then every password has to be reset (headend operator reset NAME).`,
    );
  // Where the disk is full the next start does it.
  if (known === undefined || !isKnown) {
    const record = { sealed: vault.seal(vaultName, vaultName) };
    people.change([{ kind: 'vault', id: vaultName, record }], []);
  }
  return vault;
}

const vaultName = 'key';

function madeVaultKey(folder: KeyFolder): Buffer {
  const key = randomBytes(vaultKeyBytes);
  folder.write(vaultFile, key);
  return key;
}

/** Of records of versions that kept no mark of the key: one secret of an authenticator that opens, or there is none. */
function opensAny(vault: Vault, people: PeopleStore): boolean {
  const sealed = people
    .all('account')
    .flatMap(({ name, totp }) => (totp === undefined ? [] : [{ name, sealed: totp.sealed }]));
  return sealed.length === 0 || sealed.some((each) => vault.open(each.sealed, each.name) !== undefined);
}

/** Before anything is made: gateways that cannot connect, or would not obey, are not shown as if they could. */
function beginAnew(store: KeyStore, why: string, gatewayIds: readonly string[], nowMs: number): void {
  const { provisioning } = store;
  const cause = `the keys of the head-end were begun anew: ${why}`;
  const [gone, revoked] = [new Set(gatewayIds), { atMs: nowMs, by: 'head-end', cause }];
  const changes: ProvisioningChange[] = [];
  for (const record of provisioning.all('identity'))
    if (gone.has(record.gatewayId) && record.revoked === undefined)
      changes.push({ kind: 'identity', id: record.gatewayId, record: { ...record, revoked } });
  for (const record of provisioning.all('certificate'))
    if (gone.has(record.gatewayId) && record.revoked === undefined)
      changes.push({ kind: 'certificate', id: record.serial, record: { ...record, revoked: { atMs: nowMs, cause } } });
  // They name the authority that is gone.
  if (gone.size > 0)
    for (const record of provisioning.all('token'))
      if (record.used === undefined && record.revoked === undefined)
        changes.push({ kind: 'token', id: record.id, record: { ...record, revoked: { atMs: nowMs, by: 'head-end' } } });
  const again = gone.size === 0 ? '' : `; to be enrolled again: ${gatewayIds.join(', ')}`;
  const written = noted(store, `Keys are begun anew (--new-keys): ${why}${again}`, changes, nowMs);
  if (!written.ok) throw new Error(written.say);
}

function noted(
  { provisioning }: { provisioning: ProvisioningStore },
  say: string,
  changes: readonly ProvisioningChange[],
  atMs: number,
): NotRecorded {
  return provisioning.change(changes, [{ atMs, who: 'head-end', identity: 'system', action: 'keys-anew', say }]);
}
