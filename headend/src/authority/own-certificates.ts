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

/** As a server, by these names and those of this machine; `broker`: for one outside. One that fits and is in its first two thirds is used again. */
export async function serverIdentity(
  authority: CertificateAuthority,
  keys: KeyFolder,
  hostNames: readonly string[],
  nowMs: number,
  of: 'server' | 'broker' = 'server',
): Promise<TlsIdentity> {
  const names = [...new Set([...loopback, ...hostNames])];
  const altNames = names.map((name) =>
    isIP(name) === 0 ? ({ type: 'dns', value: name } as const) : ({ type: 'ip', value: name } as const),
  );
  return await ownIdentity(authority, keys, of, nowMs, {
    // The names that count are the alternative ones; a common name has 64 characters at most.
    commonName: `Tiepoint ${of === 'server' ? 'head-end' : of}`,
    altNames,
    usages: ['server'],
    // What others have to carry to a broker is not to be carried every month.
    validMs: of === 'server' ? serverMs : clientMs,
  });
}

/** As a client, to a broker outside. */
export async function clientIdentity(
  authority: CertificateAuthority,
  keys: KeyFolder,
  nowMs: number,
): Promise<TlsIdentity> {
  return await ownIdentity(authority, keys, 'client', nowMs, {
    commonName: headEndCommonName,
    altNames: [{ type: 'url', value: headEndUri }],
    usages: ['client'],
    validMs: clientMs,
  });
}

/** What a broker that goes by common names calls the head-end; no gateway can be named so (`.`). */
export const headEndCommonName = 'tiepoint.head-end';

type OwnOrder = Omit<CertificateOrder, 'publicKey'>;

async function ownIdentity(
  authority: CertificateAuthority,
  keys: KeyFolder,
  name: 'server' | 'broker' | 'client',
  nowMs: number,
  order: OwnOrder,
): Promise<TlsIdentity> {
  const [keyFile, certFile] = [`${name}-key.pem`, `${name}.pem`];
  const [key, cert] = [keys.read(keyFile), keys.read(certFile)];
  if (key !== undefined && cert !== undefined && isFit({ key, cert }, authority, order, nowMs)) return { key, cert };
  const { publicKey, keyPem } = await newKeyPair();
  const { chainPem } = await authority.issue({ ...order, publicKey }, nowMs);
  // A crash in between leaves a pair that does not fit, and the next start makes another.
  keys.write(keyFile, keyPem);
  keys.write(certFile, chainPem);
  return { key: keyPem, cert: chainPem };
}

function isFit(
  { key, cert }: TlsIdentity,
  authority: CertificateAuthority,
  { altNames }: OwnOrder,
  nowMs: number,
): boolean {
  const [first] = certificatesIn(cert);
  const [signer] = certificatesIn(authority.certificatesPem);
  if (first === undefined || signer === undefined) return false;
  const certificate = new NodeCertificate(first);
  if (!certificate.checkIssued(new NodeCertificate(signer))) return false;
  if (!certificate.checkPrivateKey(createPrivateKey(key))) return false;
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
