/** From to, milliseconds since 1970. */
export type Validity = { readonly notBeforeMs: number; readonly notAfterMs: number };

const firstPauseMs = 60_000;
const longestPauseMs = 6 * 3_600_000;
const dayMs = 86_400_000;

/**
 * In its last third a certificate is renewed: then there is time for many tries. `spread01`: gateways that were enrolled on one day do not
 * all come at one instant.
 */
export function isRenewalDue({ notBeforeMs, notAfterMs }: Validity, spread01: number, nowMs: number): boolean {
  return nowMs >= notBeforeMs + (notAfterMs - notBeforeMs) * (2 / 3 + spread01 / 30);
}

/** After so many tries that failed: with its jitter. */
export function renewalPauseMs(failures: number, random01: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, failures - 1)) * (0.5 + random01);
}

/** Has it failed for so long that somebody should look? */
export function isLongOverdue({ notBeforeMs, notAfterMs }: Validity, failingForMs: number): boolean {
  return failingForMs >= Math.min(dayMs, (notAfterMs - notBeforeMs) / 12);
}
