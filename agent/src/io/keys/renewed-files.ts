import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { certificateHolder } from '@tiepoint/protocol';
import type { GatewayCertificate } from '@tiepoint/protocol/field';
import { writeWhole } from '../disk/whole-file.ts';
import { authorityFileName, certificateFileName, keyFileName, nextKeyFileName } from './gateway-identity.ts';
import type { GatewayKey } from './gateway-key.ts';
import { isSignedBy } from './issued-by.ts';
import { makeKeyFile, readKeyFile } from './key-file.ts';

/**
 * A key beside the one in use, which a certificate is asked for. It is in use as soon as that certificate is the one in the folder, and not
 * before: so a break at any point leaves a key and a certificate that belong together. Throws where the disk cannot be written.
 */
export function makeNextKey(folder: string): GatewayKey {
  settleKeys(folder);
  return makeKeyFile(join(folder, nextKeyFileName));
}

/** Why this is no certificate for that key of this gateway; undefined: it is. */
export function renewalFault(
  { certificate, authority }: GatewayCertificate,
  key: GatewayKey,
  gatewayId: string,
): string | undefined {
  try {
    const read = new X509Certificate(certificate);
    const holder = certificateHolder(read.subjectAltName);
    if (holder?.of !== 'gateway' || holder.gatewayId !== gatewayId) return 'it is of another gateway';
    if (!read.publicKey.export({ format: 'der', type: 'spki' }).equals(key.publicKeyDer)) return 'it is of another key';
    return isSignedBy(certificate, authority) ? undefined : 'none of the authorities that came with it has signed it';
  } catch (error) {
    return `it cannot be read (${String(error)})`;
  }
}

/** The certificate for the next key takes the place of the one in use, and the key with it. Throws where the disk cannot be written. */
export function takeRenewed(folder: string, { certificate, authority }: GatewayCertificate): void {
  if (readFileSync(join(folder, authorityFileName), 'utf8') !== authority)
    writeWhole(join(folder, authorityFileName), authority, 0o600);
  writeWhole(join(folder, certificateFileName), certificate, 0o600);
  settleKeys(folder);
}

/** After a break: a next key that has its certificate takes the place of the key before it; one that has none is dropped. */
export function settleKeys(folder: string): void {
  const next = join(folder, nextKeyFileName);
  if (!existsSync(next)) return;
  const key = readKeyFile(next);
  const certificate = new X509Certificate(readFileSync(join(folder, certificateFileName)));
  const inUse = certificate.publicKey.export({ format: 'der', type: 'spki' });
  if (key.ok && inUse.equals(key.key.publicKeyDer)) renameSync(next, join(folder, keyFileName));
  else rmSync(next);
}
