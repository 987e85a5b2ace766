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

/** `files`: there are several, so that a line alone says too little. `rows`: it has no lines. */
type Named = { readonly files?: boolean; readonly rows?: boolean };

export function viewsOf(findings: readonly Finding[], named: Named = {}): readonly FileFinding[] {
  return findings
    .slice(0, toldFindings)
    .map(({ severity, place, say }) => ({ severity, ...placeOf(place, named), say }));
}

/** The file was not taken: why, and its faults by line. */
export function refuseFile(
  reply: FastifyReply,
  { say, findings }: { readonly say: string; readonly findings: readonly Finding[] },
  named: Named = {},
): FastifyReply {
  const faults = findings
    .filter(({ severity }) => severity === 'error')
    .slice(0, toldFindings)
    .map(({ place, say: what }) => ({ ...placeOf(place, named), say: what }));
  const [first] = faults;
  return refuse(reply, {
    reason: 'invalid',
    say: `${say}.${first === undefined ? '' : ` ${placeWords(first)}${first.say}.`}`,
    faults,
  });
}

type FaultPlace = { readonly file?: string; readonly line?: number; readonly row?: number };
const placeOf = (place: Finding['place'], { files, rows }: Named): FaultPlace => ({
  ...(place === undefined || files !== true ? {} : { file: place.file }),
  ...(place === undefined ? {} : { [rows === true ? 'row' : 'line']: place.line }),
});

function placeWords({ file, line, row }: FaultPlace): string {
  if (row !== undefined) return `Row ${row}: `;
  if (line === undefined) return '';
  return file === undefined ? `Line ${line}: ` : `${file}, line ${line}: `;
}

export const noFile = {
  reason: 'invalid',
  say: 'Send the file itself, with content-type: text/csv or application/atom+xml.',
} as const;
