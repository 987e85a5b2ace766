import type { FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from './errors.ts';

/** Who acts, by the header `X-Operator`; undefined: refused already. Nobody has proven the name. */
export function operatorOf(request: FastifyRequest, reply: FastifyReply): string | undefined {
  const name = decoded(request.headers['x-operator']);
  if (name !== undefined && name.length <= 120 && /^[^\p{C}]+$/u.test(name)) return name;
  refuse(reply, {
    reason: 'no-operator',
    say: 'Who does this? Give a name of 1 to 120 printable characters in the header X-Operator.',
    path: 'headers.x-operator',
  });
  return undefined;
}

function decoded(header: string | string[] | undefined): string | undefined {
  if (typeof header !== 'string') return undefined;
  try {
    return decodeURIComponent(header).trim();
  } catch {
    return header.trim();
  }
}
