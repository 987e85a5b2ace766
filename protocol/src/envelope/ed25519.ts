import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';

/** Who signs: a key in a file, or in a token that never gives it out. */
export type Signer = {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Ed25519 (RFC 8032) over these bytes: 64 bytes. Throws where the key cannot be used. */
  sign(bytes: Uint8Array): Uint8Array;
};

/** A public key that signatures are checked with. */
export type VerifyingKey = {
  /** Its thumbprint, in hex. */
  readonly kid: string;
  readonly publicKey: Uint8Array;
  verify(bytes: Uint8Array, signature: Uint8Array): boolean;
};

const keyBytes = 32;
const signatureBytes = 64;

/** `undefined`: these bytes are no public key of Ed25519. */
export function verifyingKey(publicKey: Uint8Array): VerifyingKey | undefined {
  if (publicKey.length !== keyBytes) return undefined;
  try {
    const x = Buffer.from(publicKey).toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return {
      kid: Buffer.from(thumbprint(publicKey)).toString('hex'),
      publicKey,
      verify: (bytes, signature) => signature.length === signatureBytes && verify(null, bytes, key, signature),
    };
  } catch {
    return undefined;
  }
}

// PKCS #8 of an Ed25519 key (RFC 8410, section 7) up to the 32 bytes of the key itself.
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');

/** `seed`: the 32 bytes of a private key (RFC 8032, section 5.1.5). Throws RangeError for any other number of them. */
export function signerOf(seed: Uint8Array): Signer {
  if (seed.length !== keyBytes)
    throw new RangeError(`a private key of Ed25519 has ${keyBytes} bytes, not ${seed.length}`);
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' });
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return {
    publicKey: new Uint8Array(Buffer.from(x ?? '', 'base64url')),
    sign: (bytes) => new Uint8Array(sign(null, bytes, key)),
  };
}

// The COSE_Key { 1: 1 (OKP), -1: 6 (Ed25519), -2: x } up to x.
const coseKeyHead = Buffer.from('a301012006215820', 'hex');

/** The COSE key thumbprint of RFC 9679: SHA-256 over the key's required parameters. */
export function thumbprint(publicKey: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(coseKeyHead).update(publicKey).digest());
}
