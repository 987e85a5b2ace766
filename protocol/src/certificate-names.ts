import { isName } from './topics.ts';

/**
 * How a certificate names who holds it: one URI as its only subject alternative name (RFC 5280, 4.2.1.6). The common name says the same
 * for brokers that know no other.
 */
export const headEndUri = 'urn:tiepoint:head-end';
export const gatewayUri = (gatewayId: string): string => `${gatewayPrefix}${gatewayId}`;

export type CertificateHolder = { of: 'gateway'; gatewayId: string } | { of: 'head-end' };

const gatewayPrefix = 'urn:tiepoint:gateway:';

/** `altName`: all the alternative names of a certificate as Node writes them. One that has other names besides is none of ours. */
export function certificateHolder(altName: string | undefined): CertificateHolder | undefined {
  if (altName === undefined || !altName.startsWith('URI:')) return undefined;
  const uri = altName.slice('URI:'.length);
  if (uri === headEndUri) return { of: 'head-end' };
  const gatewayId = uri.startsWith(gatewayPrefix) ? uri.slice(gatewayPrefix.length) : '';
  return isName(gatewayId) ? { of: 'gateway', gatewayId } : undefined;
}
