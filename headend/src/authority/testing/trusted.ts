import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/** For tests and rigs: `fetch` in this process trusts the authority (PEM) of this head-end, too. */
export function trusted<T extends { readonly authority: string }>(headend: T): T {
  const known = getCACertificates('default');
  if (!known.includes(headend.authority)) setDefaultCACertificates([...known, headend.authority]);
  return headend;
}
