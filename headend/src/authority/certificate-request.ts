import type { Result } from '@tiepoint/protocol';
import { Pkcs10CertificateRequest } from './x509.ts';
import type { PublicKey } from './x509.ts';

/** A request with a key of P-256 has about 500 characters. */
export const maxRequestCharacters = 4_000;

/**
 * The public key of a PKCS#10 request (RFC 2986), once its signature shows that who asks has the private one. Whatever names it asks
 * for are left aside: who it is, the token says.
 */
export async function requestedKey(pem: string): Promise<Result<PublicKey, 'invalid'>> {
  if (pem.length > maxRequestCharacters) return no(`has ${pem.length} characters, more than ${maxRequestCharacters}`);
  let request: Pkcs10CertificateRequest;
  let algorithm: { readonly name: string; readonly namedCurve?: string };
  try {
    request = new Pkcs10CertificateRequest(pem);
    // The key is parsed when it is asked for its kind.
    algorithm = request.publicKey.algorithm as typeof algorithm;
  } catch {
    return no('cannot be read: it is no PKCS#10 request in PEM, or for no key of a named curve');
  }
  if (algorithm.name !== 'ECDSA' || algorithm.namedCurve !== 'P-256')
    return no(`is for a key of ${algorithm.namedCurve ?? algorithm.name}; keys are of P-256`);
  const proven = await request.verify().catch(() => false);
  return proven ? { ok: true, value: request.publicKey } : no('is not signed by the key that it is for');
}

function no(say: string): Result<never, 'invalid'> {
  return { ok: false, reason: 'invalid', say: `certificateRequest: ${say}` };
}
