import type { FastifyReply } from 'fastify';
import type { Finding } from '../network/model/finding.ts';
import { refuse } from './errors.ts';
import type { FileFinding } from './interval-contract.ts';

export const maxFileBytes = 16 * 1024 * 1024;
const toldFindings = 200;

/** A flag of a query. */
export const yes = { type: 'string', enum: ['true', 'false'], default: 'false' } as const;
/** What the file is called where it comes from: findings name it. */
export const fileName = { type: 'string', minLength: 1, maxLength: 200 } as const;
export const unnamed = 'the file';

export function viewsOf(findings: readonly Finding[]): readonly FileFinding[] {
  return findings.slice(0, toldFindings).map(({ severity, place, say }) => ({
    severity,
    ...(place === undefined ? {} : { line: place.line }),
    say,
  }));
}

/** The file was not taken: why, and its faults by line. */
export function refuseFile(
  reply: FastifyReply,
  { say, findings }: { readonly say: string; readonly findings: readonly Finding[] },
): FastifyReply {
  const faults = findings
    .filter(({ severity }) => severity === 'error')
    .slice(0, toldFindings)
    .map(({ place, say: what }) => ({ line: place?.line ?? 1, say: what }));
  const [first] = faults;
  const where = first === undefined ? '' : ` Line ${first.line}: ${first.say}.`;
  return refuse(reply, { reason: 'invalid', say: `${say}.${where}`, faults });
}

export const noFile = {
  reason: 'invalid',
  say: 'Send the file itself, with content-type: text/csv or application/atom+xml.',
} as const;
