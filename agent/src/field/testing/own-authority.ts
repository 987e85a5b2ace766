/** For tests of the agent: an authority made of its own few pieces of DER, and what it signs. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { join } from 'node:path';
import { gatewayUri } from '@tiepoint/protocol';
import { writeWhole } from '../../io/disk/whole-file.ts';
import { certificateRequest, pem } from '../../io/keys/certificate-request.ts';
import { bitString, element, integer, objectId, sequence, set, tagged, utf8 } from '../../io/keys/der.ts';
import { makeKeyFile } from '../../io/keys/key-file.ts';

export type Signed = { readonly key: string; readonly cert: string; readonly ca: string };

const dayMs = 86_400_000;
const ecdsa = sequence(objectId('1.2.840.10045.4.3.2'));
const octets = (bytes: Uint8Array): Buffer => element(0x04, bytes);
const boolTrue = element(0x01, Buffer.from([0xff]));
const time = (ms: number): Buffer =>
  element(0x18, Buffer.from(new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, ''), 'ascii'));
const nameOf = (text: string): Buffer => sequence(set(sequence(objectId('2.5.4.3'), utf8(text))));
const uri = (text: string): Buffer => element(0x86, Buffer.from(text, 'ascii'));
const address = (...bytes: number[]): Buffer => element(0x87, Buffer.from(bytes));
const altName = (...names: Buffer[]): Buffer => sequence(objectId('2.5.29.17'), octets(sequence(...names)));
const isAuthority = sequence(objectId('2.5.29.19'), boolTrue, octets(sequence(boolTrue)));

export class OwnAuthority {
  readonly #key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #name = `own authority ${randomBytes(4).toString('hex')}`;
  readonly ca: string;
  readonly fingerprint: string;

  constructor() {
    const publicKey = this.#key.publicKey.export({ format: 'der', type: 'spki' });
    this.ca = this.#signed(this.#name, publicKey, isAuthority);
    this.fingerprint = new X509Certificate(this.ca).fingerprint256.replaceAll(':', '').toLowerCase();
  }

  /** Of 127.0.0.1. */
  server(): Signed {
    return this.#made('server', altName(address(127, 0, 0, 1)));
  }

  /** Of a key that it has, as it asks (PKCS#10). Of the request only the key is read. */
  gateway(gatewayId: string, request: string, fromMs = Date.now() - dayMs, toMs = fromMs + 31 * dayMs): string {
    const der = Buffer.from(request.replace(/-----.*?-----|\s/g, ''), 'base64');
    const at = der.indexOf(Buffer.from('301306072a8648ce3d020106082a8648ce3d030107', 'hex'));
    // SubjectPublicKeyInfo of P-256 has 91 bytes; its algorithm stands after two of them.
    const publicKey = der.subarray(at - 2, at + 89);
    const own = altName(uri(gatewayUri(gatewayId)));
    return this.#signed(gatewayId, publicKey, own, [fromMs, toMs]) + this.ca;
  }

  /** An identity as enrolment leaves it. */
  async lay(folder: string, gatewayId: string, fromMs?: number, toMs?: number): Promise<void> {
    const request = await certificateRequest(makeKeyFile(join(folder, 'key.pem')));
    writeWhole(join(folder, 'certificate.pem'), this.gateway(gatewayId, request, fromMs, toMs), 0o600);
    writeWhole(join(folder, 'authority.pem'), this.ca, 0o600);
  }

  #made(commonName: string, extension: Buffer): Signed {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const publicKey = createPublicKey(createPrivateKey(key)).export({ format: 'der', type: 'spki' });
    return { key, cert: this.#signed(commonName, publicKey, extension) + this.ca, ca: this.ca };
  }

  #signed(
    commonName: string,
    publicKey: Buffer,
    extension: Buffer,
    [fromMs, toMs] = [Date.now() - 400 * dayMs, Date.now() + 30 * dayMs],
  ): string {
    const toBeSigned = sequence(
      tagged(0, integer(2)),
      integer(1 + (randomBytes(1)[0]! & 0x3f)),
      ecdsa,
      nameOf(this.#name),
      sequence(time(fromMs), time(toMs)),
      nameOf(commonName),
      publicKey,
      tagged(3, sequence(extension)),
    );
    const signature = sign('sha256', toBeSigned, this.#key.privateKey);
    return pem('CERTIFICATE', sequence(toBeSigned, ecdsa, bitString(signature)));
  }
}
