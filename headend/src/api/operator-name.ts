import type { FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from './errors.ts';

/** Who acts, by the header `X-Operator`; undefined: refused already. Nobody has proven the name. */
export function operatorOf(request: FastifyRequest, reply: FastifyReply): string | undefined {
  const name = operatorName(request.raw.headersDistinct['x-operator'] ?? []);
  if (name !== undefined) return name;
  refuse(reply, {
    reason: 'no-operator',
    say: 'Who does this? Give one name of 1 to 120 printable characters in the header X-Operator; head-end and agent are taken.',
    path: 'headers.x-operator',
  });
  return undefined;
}

/** What cannot be seen or changes what is seen: two names that look the same would be two owners of tags. */
const unseen = /[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]/u;
/** As the audit calls the head-end itself and the gateways. */
const taken = /^(head-end|agent( of .*)?)$/i;

/** The name as it is kept; undefined: it is none. `headers`: each `X-Operator` of the request, as of `encodeURIComponent`. */
export function operatorName(headers: readonly string[]): string | undefined {
  const [header, ...more] = headers;
  if (header === undefined || more.length > 0) return undefined;
  const text = decoded(header);
  if (unseen.test(text)) return undefined;
  const name = text.normalize('NFC').replaceAll(/\s+/g, ' ').trim();
  return name === '' || name.length > 120 || taken.test(name) ? undefined : name;
}

function decoded(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch {
    return header;
  }
}
