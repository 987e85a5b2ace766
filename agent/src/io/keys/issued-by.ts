import { X509Certificate } from 'node:crypto';

/** Is the first certificate of this chain signed by one of these authorities? PEM. Throws where one cannot be read. */
export function isSignedBy(chain: string, authorities: string): boolean {
  const certificate = new X509Certificate(chain);
  const signers = authorities.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return signers.some((pem) => {
    const signer = new X509Certificate(pem);
    return certificate.checkIssued(signer) && certificate.verify(signer.publicKey);
  });
}
