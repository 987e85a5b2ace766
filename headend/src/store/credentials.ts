import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** About 192 bits, in characters that a shell, YAML and a URL leave alone; not beginning with -, which a command line takes for an option. */
export function drawSecret(): string {
  for (;;) {
    const secret = randomBytes(24).toString('base64url');
    if (/^[A-Za-z0-9]/.test(secret)) return secret;
  }
}

/** Of a secret drawn here: there is too much of it to be searched for, so it needs no salt and no slow hash. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** In the same time, whatever the first difference. */
export function sameHash(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.byteLength === other.byteLength && timingSafeEqual(one, other);
}
