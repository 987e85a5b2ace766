import { createPublicKey, generateKeyPairSync, webcrypto, X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateHolder, gatewayUri } from '@tiepoint/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CertificateAuthority, dayMs, fingerprintOf, newKeyPair } from './certificate-authority.ts';
import { certificatesIn } from './certificate-file.ts';
import { requestedKey } from './certificate-request.ts';
import { KeyFolder } from './key-folder.ts';
import { clientIdentity, isInFirstTwoThirds, serverIdentity } from './own-certificates.ts';
import { Pkcs10CertificateRequestGenerator, X509Certificate as PeculiarCertificate, X509Crl } from './x509.ts';

const nowMs = Date.parse('2026-03-01T12:00:00Z');
let folder: string;
let keys: KeyFolder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'authority-'));
  keys = new KeyFolder(join(folder, 'keys'));
  keys.open();
});
afterEach(() => rmSync(folder, { recursive: true }));

const modeOf = (name: string): number => statSync(keys.fileOf(name)).mode & 0o777;
const firstOf = (pem: string): X509Certificate => new X509Certificate(certificatesIn(pem)[0]!);
const device = async (authority: CertificateAuthority, validMs = 365 * dayMs) =>
  await authority.issue(
    {
      publicKey: (await newKeyPair()).publicKey,
      commonName: 'gw-1',
      altNames: [{ type: 'url', value: gatewayUri('gw-1') }],
      usages: ['client'],
      validMs,
    },
    nowMs,
  );

describe('the authority', () => {
  test('is made once, for its user alone', async () => {
    const first = await CertificateAuthority.open(keys, nowMs);
    const again = await CertificateAuthority.open(keys, nowMs + dayMs);
    expect(again.fingerprint).toBe(first.fingerprint);
    expect([modeOf('authority-key.pem'), statSync(keys.path).mode & 0o777]).toEqual([0o600, 0o700]);
    const certificate = firstOf(first.certificatesPem);
    expect([certificate.ca, certificate.verify(certificate.publicKey)]).toEqual([true, true]);
    expect(first.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprintOf(certificate)).toBe(first.fingerprint);
  });

  test('issues what names its holder, and nothing else', async () => {
    const authority = await CertificateAuthority.open(keys, nowMs);
    const issued = await device(authority);
    const [certificate, above] = [firstOf(issued.chainPem), certificatesIn(issued.chainPem)[1]];
    expect(above).toBe(certificatesIn(authority.certificatesPem)[0]);
    expect(certificate.verify(new X509Certificate(above!).publicKey)).toBe(true);
    expect(certificateHolder(certificate.subjectAltName)).toEqual({ of: 'gateway', gatewayId: 'gw-1' });
    expect([certificate.subject, certificate.ca, certificate.keyUsage]).toEqual([
      'CN=gw-1',
      false,
      ['1.3.6.1.5.5.7.3.2'],
    ]);
    expect(certificate.serialNumber.toLowerCase()).toBe(issued.serial);
    expect(certificate.validToDate.getTime()).toBe(issued.notAfterMs);
    expect(issued.notAfterMs - nowMs).toBe(365 * dayMs);
  });

  test('does not promise more time than it has itself', async () => {
    const authority = await CertificateAuthority.open(keys, nowMs);
    expect((await device(authority, 30 * 365 * dayMs)).notAfterMs).toBe(authority.notAfterMs);
  });

  test('lists what is revoked', async () => {
    const authority = await CertificateAuthority.open(keys, nowMs);
    const { serial } = await device(authority);
    const list = new X509Crl(await authority.revocationList([{ serial, revokedAtMs: nowMs }], nowMs, dayMs));
    expect(list.entries.map(({ serialNumber }) => serialNumber)).toEqual([serial]);
    const signer = new PeculiarCertificate(authority.certificatesPem);
    expect(await list.verify({ publicKey: signer })).toBe(true);
  });

  test.each([
    ['a key that others can read', () => chmodSync(keys.fileOf('authority-key.pem'), 0o640), 'can be read by others'],
    ['a key that is none', () => writeFileSync(keys.fileOf('authority-key.pem'), 'x'), 'no private key in PEM'],
    ['a certificate that is none', () => writeFileSync(keys.fileOf('authority.pem'), 'x'), 'no certificate in PEM'],
  ])('%s is told', async (_what, spoil, says) => {
    await CertificateAuthority.open(keys, nowMs);
    spoil();
    await expect(CertificateAuthority.open(keys, nowMs)).rejects.toThrow(says);
  });

  test('that has expired is told', async () => {
    await CertificateAuthority.open(keys, nowMs);
    await expect(CertificateAuthority.open(keys, nowMs + 21 * 365 * dayMs)).rejects.toThrow('has expired');
  });
});

describe("the utility's authority", () => {
  const files = () => ({ certFile: join(folder, 'utility.pem'), keyFile: join(folder, 'utility-key.pem') });
  const laid = async (): Promise<void> => {
    const other = new KeyFolder(join(folder, 'other'));
    other.open();
    await CertificateAuthority.open(other, nowMs);
    writeFileSync(files().certFile, readFileSync(other.fileOf('authority.pem')));
    writeFileSync(files().keyFile, readFileSync(other.fileOf('authority-key.pem')), { mode: 0o600 });
  };

  test('is used, and none is made', async () => {
    await laid();
    const authority = await CertificateAuthority.open(keys, nowMs, files());
    expect(existsSync(keys.fileOf('authority.pem'))).toBe(false);
    const issued = await device(authority);
    expect(firstOf(issued.chainPem).checkIssued(firstOf(authority.certificatesPem))).toBe(true);
  });

  test.each([
    ['others can read its key', async () => chmodSync(files().keyFile, 0o644), 'chmod 600'],
    ['it is not there', async () => rmSync(files().certFile), 'authority.certFile'],
    [
      'the key is of another',
      async () =>
        writeFileSync(
          files().keyFile,
          generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }),
        ),
      'do not belong together',
    ],
    [
      'it is no authority',
      async () => {
        const { cert, key } = await serverIdentity(await CertificateAuthority.open(keys, nowMs), keys, [], { nowMs });
        writeFileSync(files().certFile, cert);
        writeFileSync(files().keyFile, key);
      },
      'CA:TRUE',
    ],
  ])('is refused where %s', async (_what, spoil, says) => {
    await laid();
    await spoil();
    await expect(CertificateAuthority.open(keys, nowMs, files())).rejects.toThrow(says);
  });
});

describe('a request', () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const pair = async (curve = 'P-256') =>
    await webcrypto.subtle.generateKey({ ...algorithm, namedCurve: curve }, true, ['sign', 'verify']);
  const request = async (keyPair: webcrypto.CryptoKeyPair): Promise<string> => {
    const made = await Pkcs10CertificateRequestGenerator.create({
      name: 'CN=whatever',
      keys: keyPair,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    });
    return made.toString('pem');
  };

  test('gives its key, and no name', async () => {
    const keyPair = await pair();
    const read = await requestedKey(await request(keyPair));
    if (!read.ok) throw new Error(read.say);
    const own = await webcrypto.subtle.exportKey('spki', keyPair.publicKey);
    expect(Buffer.from(read.value.rawData)).toEqual(Buffer.from(own));
  });

  test.each([
    ['nothing', async () => '', 'no PKCS#10'],
    ['noise', async () => '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----', 'no PKCS#10'],
    ['more than it can have', async () => 'x'.repeat(5_000), 'more than 4000'],
    ['another curve', async () => await request(await pair('P-384')), 'P-384'],
    [
      'a curve that has no name',
      async () => {
        const der = Buffer.from((await request(await pair())).replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
        // What names P-256 becomes a text.
        der[der.indexOf(Buffer.from('06082a8648ce3d030107', 'hex'))] = 0x16;
        return `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
      },
      'cannot be read',
    ],
    [
      "another's key under its signature",
      async () => {
        const [one, other] = [await pair(), await pair()];
        return await request({ publicKey: other.publicKey, privateKey: one.privateKey });
      },
      'not signed by the key',
    ],
  ])('of %s is refused', async (_what, make, says) => {
    const read = await requestedKey(await make());
    expect(read).toMatchObject({ ok: false, say: expect.stringContaining(says) as string });
  });
});

describe('own certificates', () => {
  test.each([
    { what: 'soon after', laterMs: dayMs, names: ['headend.example'], again: true },
    { what: 'in the last third', laterMs: 61 * dayMs, names: ['headend.example'], again: false },
    { what: 'for another name', laterMs: 0, names: ['headend.example', '192.0.2.7'], again: false },
  ])('of the server, $what: the same $again', async ({ laterMs, names, again }) => {
    const authority = await CertificateAuthority.open(keys, nowMs);
    const first = await serverIdentity(authority, keys, ['headend.example'], { nowMs });
    const later = await serverIdentity(authority, keys, names, { nowMs: nowMs + laterMs });
    expect(later.cert === first.cert).toBe(again);
    const certificate = firstOf(later.cert);
    for (const name of ['localhost', 'headend.example']) expect(certificate.checkHost(name)).toBe(name);
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(createPublicKey(later.key).equals(certificate.publicKey)).toBe(true);
  });

  test('of a client is the head-end', async () => {
    const authority = await CertificateAuthority.open(keys, nowMs);
    const { cert } = await clientIdentity(authority, keys, { nowMs });
    expect(certificateHolder(firstOf(cert).subjectAltName)).toEqual({ of: 'head-end' });
    expect((await clientIdentity(authority, keys, { nowMs })).cert).toBe(cert);
  });

  test('of an authority that was replaced are made anew', async () => {
    const first = await serverIdentity(await CertificateAuthority.open(keys, nowMs), keys, [], { nowMs });
    for (const name of ['authority.pem', 'authority-key.pem']) rmSync(keys.fileOf(name));
    const other = await serverIdentity(await CertificateAuthority.open(keys, nowMs), keys, [], { nowMs });
    expect(other.cert).not.toBe(first.cert);
  });

  test('the last third', () => {
    expect([0, 59, 60, 90].map((at) => isInFirstTwoThirds(0, 90, at))).toEqual([true, true, false, false]);
  });
});
