import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateHolder } from '@tiepoint/protocol';
import type { GatewayKey } from './gateway-key.ts';
import { readKeyFile } from './key-file.ts';
import type { KeyRead } from './key-file.ts';

/** What TLS takes: PEM of what this gateway shows, and of those whom it trusts, and nobody else. */
export type GatewayTls = {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
  readonly minVersion: 'TLSv1.2';
  readonly rejectUnauthorized: true;
  readonly allowPartialTrustChain: true;
};

export type GatewayIdentity = {
  readonly gatewayId: string;
  readonly key: GatewayKey;
  readonly tls: GatewayTls;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly serial: string;
};
export type IdentityRead =
  | { readonly ok: true; readonly identity: GatewayIdentity }
  | { readonly ok: false; readonly say: string };

export const keyFileName = 'key.pem';
/** Of a renewal under way; in use where the certificate is of this one. */
export const nextKeyFileName = 'key-next.pem';
export const certificateFileName = 'certificate.pem';
export const authorityFileName = 'authority.pem';

/** The identity in this folder, of this gateway. What is wrong is said with what to do about it. */
export function readIdentity(folder: string, gatewayId: string): IdentityRead {
  const first = readKeyFile(join(folder, keyFileName));
  if (!first.ok) return { ok: false, say: `${first.say}${enrolFirst}` };
  let cert: string;
  let ca: string;
  let certificate: X509Certificate;
  try {
    cert = readFileSync(join(folder, certificateFileName), 'utf8');
    ca = readFileSync(join(folder, authorityFileName), 'utf8');
    certificate = new X509Certificate(cert);
  } catch (error) {
    return { ok: false, say: `${folder}: has no certificate that can be read (${String(error)})${enrolFirst}` };
  }
  const holder = certificateHolder(certificate.subjectAltName);
  if (holder?.of !== 'gateway' || holder.gatewayId !== gatewayId)
    return {
      ok: false,
      say: `${folder}: the certificate is of ${holder?.of === 'gateway' ? holder.gatewayId : 'no gateway'}, and the configuration is of ${gatewayId}. Is it the right folder, and the right gateway.id?`,
    };
  const certified = certificate.publicKey.export({ format: 'der', type: 'spki' });
  const isOf = (read: KeyRead): read is KeyRead & { ok: true } => read.ok && certified.equals(read.key.publicKeyDer);
  // A renewal that was broken off between certificate and key leaves the new key beside the old one.
  const key = [first, readKeyFile(join(folder, nextKeyFileName))].find(isOf);
  if (key === undefined)
    return { ok: false, say: `${folder}: key and certificate do not belong together${enrolFirst}` };
  return {
    ok: true,
    identity: {
      gatewayId,
      key: key.key,
      tls: { ...key.key.tls, cert, ca, ...strict },
      notBeforeMs: certificate.validFromDate.getTime(),
      notAfterMs: certificate.validToDate.getTime(),
      serial: certificate.serialNumber.toLowerCase(),
    },
  };
}

/** `allowPartialTrustChain`: the head-end's authority is trusted by itself, also where another stands above it. */
export const strict = { minVersion: 'TLSv1.2', rejectUnauthorized: true, allowPartialTrustChain: true } as const;

const enrolFirst = '. Enrol this gateway: `tiepoint-agent enroll` makes key and certificate.';
