import { Secret, TOTP } from 'otpauth';

const stepMs = 30_000;
/** A clock may be one step off, either way. */
const window = 1;

/** One-time codes by the clock, RFC 6238: six digits of SHA-1, every 30 s, as every authenticator application has them. */
export function drawTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** For the QR code that an authenticator application reads. */
export function totpUri(secret: string, account: string): string {
  return totpOf(secret, account).toString();
}

/**
 * The step that this code is of; undefined: of none that is near, or of one that was used already (`lastStep` or before), for whoever looked
 * over a shoulder must not use it again.
 */
export function totpStep(secret: string, code: string, lastStep: number, nowMs: number): number | undefined {
  const digits = code.replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(digits)) return undefined;
  const delta = totpOf(secret, '').validate({ token: digits, timestamp: nowMs, window });
  if (delta === null) return undefined;
  const step = Math.floor(nowMs / stepMs) + delta;
  return step > lastStep ? step : undefined;
}

function totpOf(secret: string, label: string): TOTP {
  return new TOTP({ issuer: 'Tiepoint', label, secret: Secret.fromBase32(secret), period: stepMs / 1_000, digits: 6 });
}
