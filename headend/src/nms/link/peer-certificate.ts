import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { certificateHolder } from '@tiepoint/protocol';
import type { CertificateHolder } from '@tiepoint/protocol';

/** Who is at the other end, by the certificate that it has proved to hold. */
export type Peer = {
  readonly holder: CertificateHolder;
  /** Lower case hexadecimal. */
  readonly serial: string;
  readonly notAfterMs: number;
};

/** Why the certificate that was shown proves nothing, for people. Undefined: none was shown, or it is not this. */
export function clockFaultOf(socket: unknown): string | undefined {
  const fault: unknown = socket instanceof TLSSocket ? socket.authorizationError : undefined;
  const code = fault instanceof Error ? (fault as NodeJS.ErrnoException).code : fault;
  if (code === 'CERT_HAS_EXPIRED')
    return 'The certificate that was shown is over by the clock of the head-end: enrol the gateway anew, or set that clock right.';
  if (code === 'CERT_NOT_YET_VALID')
    return 'The certificate that was shown is not valid yet by the clock of the head-end: that clock is behind, set it right.';
  return undefined;
}

/** Undefined where it showed none, or one that was not verified, or that names nobody of ours. */
export function peerOf(socket: unknown): Peer | undefined {
  if (!(socket instanceof Socket) || !(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const certificate = socket.getPeerX509Certificate();
  const holder = certificateHolder(certificate?.subjectAltName);
  if (certificate === undefined || holder === undefined) return undefined;
  return {
    holder,
    serial: certificate.serialNumber.toLowerCase(),
    notAfterMs: certificate.validToDate.getTime(),
  };
}
