import { bitString, integer, objectId, sequence, set, tagged, utf8 } from './der.ts';
import type { GatewayKey } from './gateway-key.ts';

const commonName = objectId('2.5.4.3');
const ecdsaWithSha256 = sequence(objectId('1.2.840.10045.4.3.2'));

/**
 * A PKCS#10 request (RFC 2986) in PEM: this key, signed by it. The name in it says nothing, for who the gateway is the head-end knows by
 * its token.
 */
export async function certificateRequest(key: GatewayKey): Promise<string> {
  const subject = sequence(set(sequence(commonName, utf8('tiepoint gateway'))));
  const asked = sequence(integer(0), subject, key.publicKeyDer, tagged(0));
  const der = sequence(asked, ecdsaWithSha256, bitString(await key.sign(asked)));
  return pem('CERTIFICATE REQUEST', der);
}

export function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
