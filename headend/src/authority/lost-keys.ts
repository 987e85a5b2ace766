import type { AccountRecord } from '../store/people-store.ts';
import type { CertificateRecord, GatewayIdentity } from '../store/provisioning-store.ts';
import type { Store } from '../store/store.ts';
import { authorityFiles } from './certificate-authority.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import { stateName } from './command-keys.ts';
import type { KeyFolder } from './key-folder.ts';
import { putBack } from './key-vault.ts';

/** Whom the keys of a folder are known to: gateways that are enrolled, and accounts that sign in with what is sealed by `operators.key`. */
export type Reliant = { readonly gatewayIds: readonly string[]; readonly accounts: readonly string[] };

export const vaultFile = 'operators.key';

export function reliantOn({ provisioning, people }: Pick<Store, 'provisioning' | 'people'>): Reliant {
  return { gatewayIds: enrolledIn(provisioning.all('identity')), accounts: sealedIn(people.all('account')) };
}

export function sealedIn(accounts: readonly AccountRecord[]): readonly string[] {
  return accounts.flatMap(({ name, password, totp }) => (password === undefined && totp === undefined ? [] : [name]));
}

export function enrolledIn(identities: readonly GatewayIdentity[]): readonly string[] {
  return identities.flatMap(({ gatewayId, revoked }) => (revoked === undefined ? [gatewayId] : []));
}

/** `files` are missing; each of the others says whether it is among them. */
export type LostKeys = {
  readonly files: readonly string[];
  readonly authority: boolean;
  readonly commandKeys: boolean;
  readonly vault: boolean;
  readonly say: string;
};

/** What is missing here that others rely on; undefined: nothing. Of an imported authority nothing is here. */
export function lostKeys(
  folder: KeyFolder,
  { gatewayIds, accounts }: Reliant,
  isImported: boolean,
): LostKeys | undefined {
  const missing = (names: readonly string[]): string[] => names.filter((name) => !folder.has(name));
  const [hasGateways, hasAccounts] = [gatewayIds.length > 0, accounts.length > 0];
  const authority = hasGateways && !isImported ? missing(authorityFiles) : [];
  const commandKeys = hasGateways ? missing([stateName]) : [];
  const vault = hasAccounts ? missing([vaultFile]) : [];
  const files = [...authority, ...commandKeys, ...vault];
  if (files.length === 0) return undefined;
  const ofGateways = authority.length + commandKeys.length > 0;
  const who = [
    ...(ofGateways ? [`${counted(gatewayIds, 'gateway')} enrolled with what was there`] : []),
    ...(vault.length > 0 ? [`${counted(accounts, 'account')} sealed with it`] : []),
  ];
  const cost = [
    ...(ofGateways ? ['every gateway has to be enrolled again'] : []),
    ...(vault.length > 0 ? ['every password has to be reset (headend operator reset NAME)'] : []),
  ];
  const recovery =
    commandKeys.length > 0 && authority.length === 0
      ? ' With the recovery key, `keys recover FILE` makes command keys anew that the gateways obey.'
      : '';
  return {
    files,
    authority: authority.length > 0,
    commandKeys: commandKeys.length > 0,
    vault: vault.length > 0,
    say: `${folder.path}: ${listed(files)} ${files.length === 1 ? 'is' : 'are'} missing, and ${who.join(' and ')}. Stop here, and ${putBack}.${recovery} Where there is none, start once with --new-keys: what is missing is begun anew, and ${cost.join(' and ')}.`,
  };
}

/** Gateways whose certificates another authority signed: with this one none of them could connect. */
export function strangersTo(
  { keyId }: Pick<CertificateAuthority, 'keyId'>,
  certificates: readonly CertificateRecord[],
): readonly string[] {
  const foreign = certificates.filter(
    ({ authority, revoked }) => revoked === undefined && authority !== undefined && authority !== keyId,
  );
  return [...new Set(foreign.map(({ gatewayId }) => gatewayId))];
}

export function strangersSay(file: string, gatewayIds: readonly string[]): string {
  return `${file} is not the authority by which ${counted(gatewayIds, 'gateway')} enrolled: with it none of them could connect. Stop here, and put back the one that was there, with its key. To go on with this one, start once with --new-keys: these gateways have to be enrolled again.`;
}

const namedAtMost = 5;

/** `3 gateways (gw-1, gw-2, gw-3) were`. */
function counted(names: readonly string[], what: string): string {
  const shown = `${names.slice(0, namedAtMost).join(', ')}${names.length > namedAtMost ? ', …' : ''}`;
  return names.length === 1 ? `1 ${what} (${shown}) was` : `${names.length} ${what}s (${shown}) were`;
}

function listed(names: readonly string[]): string {
  return names.length === 1 ? String(names[0]) : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
