import { no, yes } from '@tiepoint/protocol';
import type { Verdict } from '@tiepoint/protocol';

/** What was chosen to be brought in. `first`: which of the files all begins with, where somebody says so. */
export type ChosenFiles = {
  readonly files: readonly File[];
  readonly first?: string | undefined;
  readonly customers?: File | undefined;
  readonly meters?: File | undefined;
};

const mostBytes = 64 * 1024 * 1024;

/** The script or CIM file that all begins with: unless told, the one that is called so. */
export function firstOf({ files, first }: ChosenFiles): File | undefined {
  const [only, another] = files;
  const named = (pattern: RegExp): File | undefined => files.find(({ name }) => pattern.test(name));
  return (
    files.find(({ name }) => name === first) ??
    (another === undefined ? only : (named(/\.(xml|rdf)$/i) ?? named(/master.*\.dss$/i) ?? named(/\.dss$/i) ?? only))
  );
}

export function maySend(chosen: ChosenFiles, at: string): Verdict {
  const { files, customers, meters } = chosen;
  if (files.length === 0) return no('precondition', 'Choose the files of a network first.');
  const bytes = [...files, customers, meters].reduce((sum, file) => sum + (file?.size ?? 0), 0);
  if (bytes > mostBytes)
    return no('precondition', 'They are more than 64 MB: headend network import takes them on the machine itself.');
  if (instantOf(at) === 'unreadable') return no('precondition', 'From when on: write it as 2026-03-31T12:00Z.');
  return yes;
}

/** Undefined: now. A time without its offset could be anybody's. */
export function instantOf(text: string): number | undefined | 'unreadable' {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const atMs = /T.*(Z|[+-]\d\d:\d\d)$/.test(trimmed) ? Date.parse(trimmed) : Number.NaN;
  return Number.isNaN(atMs) ? 'unreadable' : atMs;
}

/** As the head-end takes it. */
export function formOf(chosen: ChosenFiles): FormData {
  const form = new FormData();
  const first = firstOf(chosen);
  for (const file of chosen.files) form.append(file === first ? 'network' : 'include', file);
  if (chosen.customers !== undefined) form.append('customers', chosen.customers);
  if (chosen.meters !== undefined) form.append('meters', chosen.meters);
  return form;
}
