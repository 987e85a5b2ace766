import { createPrivateKey, X509Certificate as NodeCertificate } from 'node:crypto';
import { isIP } from 'node:net';
import { headEndUri } from '@tiepoint/protocol';
import { certificatesIn } from './certificate-file.ts';
import { dayMs, newKeyPair } from './certificate-authority.ts';
import type { CertificateAuthority, CertificateOrder } from './certificate-authority.ts';
import type { KeyFolder } from './key-folder.ts';

/** What a TLS server or client shows: PEM. */
export type TlsIdentity = { key: string; cert: string };

const serverMs = 90 * dayMs;
const clientMs = 365 * dayMs;
/** Names by which this machine calls itself. */
const loopback = ['localhost', '127.0.0.1', '::1'];

/** `onDamage` hears what lay there and could not be used, so that another was made. */
type Making = { nowMs: number; onDamage?: ((say: string) => void) | undefined };

/** As a server, by these names and those of this machine; `broker`: for one outside. One that fits and is in its first two thirds is used again. */
export async function serverIdentity(
  authority: CertificateAuthority,
  keys: KeyFolder,
  hostNames: readonly string[],
  { of = 'server', ...making }: Making & { of?: 'server' | 'broker' },
): Promise<TlsIdentity> {
  const names = [...new Set([...loopback, ...hostNames])];
  const altNames = names.map((name) =>
    isIP(name) === 0 ? ({ type: 'dns', value: name } as const) : ({ type: 'ip', value: name } as const),
  );
  return await ownIdentity(
    authority,
    keys,
    { name: of, ...making },
    {
      // The names that count are the alternative ones; a common name has 64 characters at most.
      commonName: `Tiepoint ${of === 'server' ? 'head-end' : of}`,
      altNames,
      usages: ['server'],
      // What others have to carry to a broker is not to be carried every month.
      validMs: of === 'server' ? serverMs : clientMs,
    },
  );
}

/** As a client, to a broker outside. */
export async function clientIdentity(
  authority: CertificateAuthority,
  keys: KeyFolder,
  making: Making,
): Promise<TlsIdentity> {
  return await ownIdentity(
    authority,
    keys,
    { name: 'client', ...making },
    {
      commonName: headEndCommonName,
      altNames: [{ type: 'url', value: headEndUri }],
      usages: ['client'],
      validMs: clientMs,
    },
  );
}

/** What a broker that goes by common names calls the head-end; no gateway can be named so (`.`). */
export const headEndCommonName = 'tiepoint.head-end';

type OwnOrder = Omit<CertificateOrder, 'publicKey'>;

async function ownIdentity(
  authority: CertificateAuthority,
  keys: KeyFolder,
  { name, nowMs, onDamage }: Making & { name: 'server' | 'broker' | 'client' },
  order: OwnOrder,
): Promise<TlsIdentity> {
  const [keyFile, certFile] = [`${name}-key.pem`, `${name}.pem`];
  const [key, cert] = [keys.read(keyFile), keys.read(certFile)];
  if (key !== undefined && cert !== undefined && isPair(key, cert)) {
    if (isFit({ key, cert }, authority, order, nowMs)) return { key, cert };
  } else if (key !== undefined || cert !== undefined)
    onDamage?.(`${keys.path}: ${certFile} and ${keyFile} are no whole pair of certificate and key: both are made anew`);
  const { publicKey, keyPem } = await newKeyPair();
  const { chainPem } = await authority.issue({ ...order, publicKey }, nowMs);
  // A crash in between leaves a pair that does not fit, and the next start makes another.
  keys.write(keyFile, keyPem);
  keys.write(certFile, chainPem);
  return { key: keyPem, cert: chainPem };
}

function isPair(key: string, cert: string): boolean {
  try {
    return new NodeCertificate(certificatesIn(cert)[0] ?? '').checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function isFit({ cert }: TlsIdentity, authority: CertificateAuthority, { altNames }: OwnOrder, nowMs: number): boolean {
  const [first] = certificatesIn(cert);
  const [signer] = certificatesIn(authority.certificatesPem);
  if (first === undefined || signer === undefined) return false;
  const certificate = new NodeCertificate(first);
  if (!certificate.checkIssued(new NodeCertificate(signer))) return false;
  const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  const has = altNames.every(({ type, value }) => {
    if (type === 'url') return certificate.subjectAltName === `URI:${value}`;
    return (type === 'ip' ? certificate.checkIP(value) : certificate.checkHost(value)) !== undefined;
  });
  return has && from <= nowMs && isInFirstTwoThirds(from, to, nowMs);
}

/** In its last third a certificate is renewed: then there is time for some tries. */
export function isInFirstTwoThirds(notBeforeMs: number, notAfterMs: number, nowMs: number): boolean {
  return nowMs < notBeforeMs + ((notAfterMs - notBeforeMs) * 2) / 3;
}
