import type { ApiParts } from './parts.ts';
import type { CertificateView, RevokedView } from './site-contract.ts';

/** The newest certificate of a gateway that was not revoked. */
export function certificateOf(
  { certificates }: Pick<ApiParts, 'certificates'>,
  gatewayId: string,
): { certificate?: CertificateView } {
  const newest = certificates.of(gatewayId).find(({ revoked }) => revoked === undefined);
  if (newest === undefined) return {};
  const { serial, notAfterMs, by } = newest;
  return { certificate: { serial, notAfterMs, by } };
}

/** Why its certificates were revoked, where it was not enrolled anew. */
export function revokedOf({ register }: Pick<ApiParts, 'register'>, gatewayId: string): { revoked?: RevokedView } {
  const revoked = register.of('identity').get(gatewayId)?.revoked;
  return revoked === undefined ? {} : { revoked };
}
