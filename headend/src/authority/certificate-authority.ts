import { createHash, createPrivateKey, randomBytes, webcrypto, X509Certificate as NodeCertificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { certificatesIn } from './certificate-file.ts';
import { readSecret } from './key-folder.ts';
import type { KeyFolder } from './key-folder.ts';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
} from './x509.ts';
import type { JsonGeneralName, PublicKey } from './x509.ts';

export const dayMs = 86_400_000;
/** Its own, where it makes one. It is in every gateway, so it outlives them. */
const authorityMs = 20 * 365 * dayMs;
/** A clock that is a little behind takes a new certificate at once. */
export const backdatedMs = 3_600_000;
const elliptic = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const keyName = 'authority-key.pem';
const certificateName = 'authority.pem';
export const authorityFiles = [certificateName, keyName] as const;

/** The utility's own authority, PEM. `certFile`: the one that signs first, then those above it. */
export type ImportedAuthority = { certFile: string; keyFile: string };

export type CertificateOrder = {
  publicKey: PublicKey | webcrypto.CryptoKey;
  commonName: string;
  altNames: JsonGeneralName[];
  usages: readonly ('server' | 'client')[];
  validMs: number;
};

export type IssuedCertificate = {
  /** With the authority's after it. */
  chainPem: string;
  /** Lower case hexadecimal. */
  serial: string;
  /** `keyId` of the authority. */
  authority: string;
  notBeforeMs: number;
  notAfterMs: number;
};

export type RevokedSerial = { serial: string; revokedAtMs: number };

/** Signs certificates and lists of revoked ones. What it signs it does not remember. */
export class CertificateAuthority {
  /** PEM: of the authority that signs, and those above it as far as the head-end knows them. */
  readonly certificatesPem: string;
  /** SHA-256 of the certificate that signs, lower case hexadecimal: what a token carries. */
  readonly fingerprint: string;
  /** SHA-256 of its public key, lower case hexadecimal: the same where its certificate is renewed. */
  readonly keyId: string;
  readonly notAfterMs: number;
  readonly #certificate: X509Certificate;
  readonly #key: webcrypto.CryptoKey;

  private constructor(certificatesPem: string, key: webcrypto.CryptoKey) {
    const [first = ''] = certificatesIn(certificatesPem);
    this.certificatesPem = certificatesPem;
    const certificate = new NodeCertificate(first);
    this.fingerprint = fingerprintOf(certificate);
    const publicKey = certificate.publicKey.export({ format: 'der', type: 'spki' });
    this.keyId = createHash('sha256').update(publicKey).digest('hex');
    this.#certificate = new X509Certificate(first);
    this.notAfterMs = this.#certificate.notAfter.getTime();
    this.#key = key;
  }

  /**
   * Reads it, or makes it where half of it is missing: who has gateways that trust it looks before (`lost-keys.ts`). Throws an Error for
   * people.
   */
  static async open(keys: KeyFolder, nowMs: number, imported?: ImportedAuthority): Promise<CertificateAuthority> {
    if (imported !== undefined) return await importedAuthority(imported, nowMs, (pem, key) => new this(pem, key));
    const keyPem = keys.read(keyName);
    const certificatePem = keys.read(certificateName);
    if (keyPem !== undefined && certificatePem !== undefined) {
      checkAuthority(keys.fileOf(certificateName), certificatePem, keyPem, nowMs);
      return new this(certificatePem, await signingKey(keyPem));
    }
    const made = await madeAuthority(nowMs);
    keys.write(keyName, made.keyPem);
    keys.write(certificateName, made.certificatePem);
    return new this(made.certificatePem, await signingKey(made.keyPem));
  }

  async issue(order: CertificateOrder, nowMs: number): Promise<IssuedCertificate> {
    const serial = newSerial();
    const notBeforeMs = Math.max(nowMs - backdatedMs, this.#certificate.notBefore.getTime());
    const notAfterMs = Math.min(nowMs + order.validMs, this.notAfterMs);
    const certificate = await X509CertificateGenerator.create({
      serialNumber: serial,
      subject: [{ CN: [order.commonName] }],
      issuer: this.#certificate.subjectName,
      notBefore: new Date(notBeforeMs),
      notAfter: new Date(notAfterMs),
      publicKey: order.publicKey,
      signingKey: this.#key,
      signingAlgorithm: this.#signingAlgorithm,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension(
          order.usages.map((usage) => (usage === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth)),
        ),
        new SubjectAlternativeNameExtension(order.altNames),
        await AuthorityKeyIdentifierExtension.create(this.#certificate),
        await SubjectKeyIdentifierExtension.create(order.publicKey),
      ],
    });
    const chainPem = [certificate.toString('pem'), ...certificatesIn(this.certificatesPem)].join('\n');
    // In whole seconds, as it says itself.
    const [from, to] = [certificate.notBefore, certificate.notAfter];
    return {
      chainPem: `${chainPem}\n`,
      serial,
      authority: this.keyId,
      notBeforeMs: from.getTime(),
      notAfterMs: to.getTime(),
    };
  }

  /** A list of revoked certificates (RFC 5280, 5), PEM, for brokers outside. Good until `validMs` from now. */
  async revocationList(revoked: readonly RevokedSerial[], nowMs: number, validMs: number): Promise<string> {
    const list = await X509CrlGenerator.create({
      issuer: this.#certificate.subject,
      thisUpdate: new Date(nowMs - backdatedMs),
      nextUpdate: new Date(nowMs + validMs),
      entries: revoked.map(({ serial, revokedAtMs }) => ({
        serialNumber: serial,
        revocationDate: new Date(revokedAtMs),
      })),
      signingKey: this.#key,
      signingAlgorithm: this.#signingAlgorithm,
    });
    // The library's own label for it is one that OpenSSL, and so every broker, does not know.
    return `${list.toString('pem').replaceAll(/(?<=BEGIN |END )CRL/g, 'X509 CRL')}\n`;
  }

  get #signingAlgorithm(): { name: string; hash: string } {
    return { name: this.#key.algorithm.name, hash: 'SHA-256' };
  }
}

export function fingerprintOf({ fingerprint256 }: Pick<NodeCertificate, 'fingerprint256'>): string {
  return fingerprint256.replaceAll(':', '').toLowerCase();
}

/** 127 bits of random, positive, and never with a zero in front, so that it reads the same everywhere. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString('hex');
}

async function madeAuthority(nowMs: number): Promise<{ keyPem: string; certificatePem: string }> {
  const keys = await webcrypto.subtle.generateKey(elliptic, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    // Named apart from others of its kind: a browser that has seen another head-end must not take one for the other.
    name: [{ CN: [`Tiepoint authority ${randomBytes(4).toString('hex')}`] }],
    notBefore: new Date(nowMs - backdatedMs),
    notAfter: new Date(nowMs + authorityMs),
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { keyPem: await pemOf(keys.privateKey), certificatePem: `${certificate.toString('pem')}\n` };
}

/** A new key of P-256 and the PEM of its private half. */
export async function newKeyPair(): Promise<{ publicKey: webcrypto.CryptoKey; keyPem: string }> {
  const { publicKey, privateKey } = await webcrypto.subtle.generateKey(elliptic, true, ['sign', 'verify']);
  return { publicKey, keyPem: await pemOf(privateKey) };
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' });
}

async function signingKey(keyPem: string): Promise<webcrypto.CryptoKey> {
  const key = createPrivateKey(keyPem);
  const der = key.export({ format: 'der', type: 'pkcs8' });
  const algorithm = key.asymmetricKeyType === 'rsa' ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } : { ...elliptic };
  return await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}

async function importedAuthority(
  { certFile, keyFile }: ImportedAuthority,
  nowMs: number,
  make: (pem: string, key: webcrypto.CryptoKey) => CertificateAuthority,
): Promise<CertificateAuthority> {
  let pem: string;
  try {
    pem = readFileSync(certFile, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`authority.certFile ${certFile} cannot be read: ${why}`, { cause: error });
  }
  const keyPem = readSecret(keyFile);
  checkAuthority(certFile, pem, keyPem, nowMs);
  return make(`${certificatesIn(pem).join('\n')}\n`, await signingKey(keyPem));
}

/** Throws an Error for people where this certificate and key cannot be an authority. */
function checkAuthority(file: string, pem: string, keyPem: string, nowMs: number): void {
  const [first] = certificatesIn(pem);
  if (first === undefined) throw new Error(`${file} holds no certificate in PEM`);
  let certificate: NodeCertificate;
  let key: ReturnType<typeof createPrivateKey>;
  try {
    certificate = new NodeCertificate(first);
  } catch (error) {
    throw new Error(`${file} is damaged: its certificate cannot be read`, { cause: error });
  }
  try {
    key = createPrivateKey(keyPem);
  } catch (error) {
    throw new Error(`the key of ${file} cannot be read: it is no private key in PEM without passphrase`, {
      cause: error,
    });
  }
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.asymmetricKeyType !== 'rsa' && curve !== 'prime256v1')
    throw new Error(`the key of ${file} is of ${curve ?? key.asymmetricKeyType ?? '?'}: P-256 and RSA are spoken`);
  if (!certificate.checkPrivateKey(key)) throw new Error(`${file} and its key do not belong together`);
  if (!certificate.ca) throw new Error(`${file} is no certificate of an authority (CA:TRUE is missing)`);
  if (certificate.validToDate.getTime() <= nowMs)
    throw new Error(
      `the authority of ${file} has expired on ${certificate.validTo}, or the clock of this machine is wrong`,
    );
}
