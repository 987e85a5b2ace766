/** In its last third a certificate is renewed: then there is time for many tries. */
export function isInLastThird(notBeforeMs: number, notAfterMs: number, nowMs: number): boolean {
  return nowMs >= notBeforeMs + ((notAfterMs - notBeforeMs) * 2) / 3;
}
