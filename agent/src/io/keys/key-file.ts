import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { writeWhole } from '../disk/whole-file.ts';
import type { GatewayKey } from './gateway-key.ts';

export type KeyRead = { readonly ok: true; readonly key: GatewayKey } | { readonly ok: false; readonly say: string };

/** Makes a new key in this file, for its user alone. Throws where it cannot be written. */
export function makeKeyFile(path: string): GatewayKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  writeWhole(path, pem, 0o600);
  return keyOf(pem);
}

export function readKeyFile(path: string): KeyRead {
  let pem: string;
  try {
    const { mode } = statSync(path);
    if ((mode & 0o077) !== 0 && process.platform !== 'win32')
      return {
        ok: false,
        say: `${path}: others can read this key (mode ${(mode & 0o777).toString(8)}). chmod 600 it; if anybody may have read it, have the certificate revoked and enrol anew.`,
      };
    pem = readFileSync(path, 'utf8');
  } catch (error) {
    return { ok: false, say: `${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})` };
  }
  try {
    return { ok: true, key: keyOf(pem) };
  } catch {
    return { ok: false, say: `${path}: is no private key of P-256 in PEM` };
  }
}

function keyOf(pem: string): GatewayKey {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('no key of P-256');
  return {
    publicKeyDer: createPublicKey(key).export({ format: 'der', type: 'spki' }),
    sign: (bytes) => Promise.resolve(sign('sha256', bytes, key)),
    tls: { key: pem },
  };
}
