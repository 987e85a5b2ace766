import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { signerOf, verifyingKey } from '@tiepoint/protocol/envelope';
import type { Signer } from '@tiepoint/protocol/envelope';
import type { KeyFolder } from './key-folder.ts';

/**
 * Where keys that sign live. Nobody asks for the key itself, only for its signature, so that a PKCS#11 token can stand here in place of
 * files. Everything throws an Error for people where a key cannot be used.
 */
export type KeyVault = {
  /** Makes a key that stays here. */
  create(): Signer;
  /** `kid`: the thumbprint in hex. Undefined: it is not here. */
  signer(kid: string): Signer | undefined;
  erase(kid: string): void;
};

/** A file each, for the head-end's user alone: PKCS #8, as `openssl pkey` reads it. */
export function fileVault(folder: KeyFolder): KeyVault {
  return {
    create: () => {
      const pem = newKeyPem();
      const signer = signerOfPem(pem);
      folder.write(fileOf(kidOf(signer)), pem);
      return signer;
    },
    signer: (kid) => {
      const signer = signerIn(folder, fileOf(kid));
      if (signer === undefined || kidOf(signer) === kid) return signer;
      throw new Error(`${folder.fileOf(fileOf(kid))} holds another key than it is named after: ${putBack}`);
    },
    erase: (kid) => folder.erase(fileOf(kid)),
  };
}

export function newKeyPem(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

export const putBack = 'put the folder of keys back from a backup';

/** What lies there. Throws an Error for people where it is no key. */
export function signerIn(folder: KeyFolder, name: string): Signer | undefined {
  const pem = folder.read(name);
  try {
    return pem === undefined ? undefined : signerOfPem(pem);
  } catch (error) {
    const say = error instanceof Error ? error.message : String(error);
    throw new Error(`${folder.fileOf(name)} is damaged (${say}): ${putBack}`, { cause: error });
  }
}

/** Throws where it is no private key of Ed25519. */
export function signerOfPem(pem: string): Signer {
  const { kty, crv, d } = createPrivateKey(pem).export({ format: 'jwk' });
  if (kty !== 'OKP' || crv !== 'Ed25519' || d === undefined) throw new Error('it is no private key of Ed25519');
  return signerOf(Buffer.from(d, 'base64url'));
}

export function kidOf({ publicKey }: Pick<Signer, 'publicKey'>): string {
  const kid = verifyingKey(publicKey)?.kid;
  if (kid === undefined) throw new Error('a key of the vault is no key of Ed25519');
  return kid;
}

const fileOf = (kid: string): string => `command-${kid.slice(0, 32)}.pem`;
