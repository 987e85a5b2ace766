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
