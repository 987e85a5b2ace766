import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export const vaultKeyBytes = 32;

/**
 * A key that stands beside the database and not in it: whoever gets a copy of the database alone can neither search for passwords nor read
 * the secrets of authenticators.
 */
export class Vault {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** What password hashes are mixed with. */
  get pepper(): Buffer {
    return this.#key;
  }

  /** AES-256-GCM; `name` binds it to its place, so that one account's cannot be put into another's. */
  seal(text: string, name: string): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(Buffer.from(name));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** Undefined: sealed with another key, for another name, or damaged. */
  open(sealed: string, name: string): string | undefined {
    try {
      const bytes = Buffer.from(sealed, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, 12)).setAAD(Buffer.from(name));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }
}
