import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { CertificateAuthority } from './authority/certificate-authority.ts';
import { readSecret } from './authority/key-folder.ts';
import type { KeyFolder } from './authority/key-folder.ts';
import { clientIdentity, serverIdentity } from './authority/own-certificates.ts';
import type { TlsIdentity } from './authority/own-certificates.ts';
import type { Settings } from './main-settings.ts';

/** Who this head-end is, and whom it trusts. */
export type HeadendIdentity = {
  readonly authority: CertificateAuthority;
  /** PEM: what gateways are to trust: the authority, and that of a broker outside. */
  readonly trusted: string;
  /** What it shows as a server, renewed where it is time. */
  server(nowMs: number): Promise<TlsIdentity>;
  /** What it shows to a broker outside. */
  client(nowMs: number): Promise<TlsIdentity>;
};

/**
 * Of this folder of keys; at the first start it makes the authority. `onDamage` hears which of its own certificates had to be made anew.
 * Throws an Error for people.
 */
export async function openIdentity(
  settings: Settings,
  keys: KeyFolder,
  { nowMs, onDamage }: { nowMs: number; onDamage?: (say: string) => void },
): Promise<HeadendIdentity> {
  keys.open();
  const authority = await CertificateAuthority.open(keys, nowMs, settings.authority);
  const { caFile, certFile, keyFile } = settings.broker;
  const brokerCa = caFile === undefined ? '' : readPem('broker.caFile', caFile);
  const names = namesOf(settings);
  return {
    authority,
    trusted: `${authority.certificatesPem}${brokerCa}`,
    server: async (atMs) => await serverIdentity(authority, keys, names, { nowMs: atMs, onDamage }),
    client: async (atMs) =>
      certFile === undefined || keyFile === undefined
        ? await clientIdentity(authority, keys, { nowMs: atMs, onDamage })
        : { cert: readPem('broker.certFile', certFile), key: readSecret(keyFile) },
  };
}

/** By which others may reach it. Where it listens on all addresses, by any of this machine. */
function namesOf({ hostNames, https, broker, field, enrolment }: Settings): readonly string[] {
  const hosts = [https.host, broker.host, field.host];
  const told = [enrolment.url, broker.url === undefined ? enrolment.mqttUrl : undefined];
  const ofUrls = told.flatMap((url) => (url === undefined ? [] : [new URL(url).hostname.replace(/^\[|\]$/g, '')]));
  const isOpen = hosts.some((host) => ['0.0.0.0', '::'].includes(host));
  const interfaces = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  // Addresses of a link have a scope, which a certificate cannot name.
  const addresses = interfaces.map(({ address }) => address).filter((address) => !address.startsWith('fe80'));
  const ofMachine = isOpen ? [hostname(), ...addresses] : [];
  return [...hostNames, ...ofUrls, ...hosts.filter((host) => !['0.0.0.0', '::'].includes(host)), ...ofMachine].filter(
    (name) => isIP(name) !== 0 || /^[A-Za-z0-9.-]{1,253}$/.test(name),
  );
}

function readPem(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`${setting} ${file} cannot be read: ${text}`, { cause: error });
  }
}
