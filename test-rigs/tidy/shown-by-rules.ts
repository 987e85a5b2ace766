import { posix } from 'node:path';
import { lineAt } from './source-text.ts';
import type { TreeFile, Violation } from './tree.ts';

/** One word of the last column: which tests, and by which pieces of their titles. */
type Reference = { readonly names: readonly string[]; readonly phrases: readonly string[] };

/**
 * Tables of a README whose last column says `Shown by` promise a test in each row: `name` is the file `name.test.ts`, a path stands in
 * backticks, and what stands between asterisks is a piece of a title in each of the files before it.
 */
export function unshownRows(files: readonly TreeFile[]): Violation[] {
  const tests = files.filter(({ path }) => /\.test\.tsx?$/.test(path));
  const titles = new Map(tests.map(({ path, text }) => [path, titlesOf(text)]));
  const pathsOf = (name: string): readonly string[] =>
    tests.flatMap(({ path }) =>
      name.includes('/') ? (path === name ? [path] : []) : posix.basename(path) === `${name}.test.ts` ? [path] : [],
    );
  return rowsOf(files).flatMap(({ file, line, cell }) => {
    const references = referencesIn(cell);
    if (references.length === 0) return [{ file, line, rule: 'names no test that shows it' }];
    return references.flatMap(({ names, phrases }) =>
      names.flatMap((name) => {
        const paths = pathsOf(name);
        if (paths.length === 0) return [{ file, line, rule: `is shown by ${name}, and there is no such test` }];
        return phrases
          .filter((phrase) => !paths.some((path) => titles.get(path)?.some((title) => title.includes(phrase))))
          .map((phrase) => ({ file, line, rule: `is shown by ${name}: *${phrase}*, and no title there says so` }));
      }),
    );
  });
}

type Row = { readonly file: string; readonly line: number; readonly cell: string };

function rowsOf(files: readonly TreeFile[]): Row[] {
  const tables = /^\|[^\n]*\| Shown by \|\n\|[-|: ]+\|\n(?<rows>(?:\|[^\n]*\|\n?)+)/gm;
  return files
    .filter(({ path }) => posix.basename(path) === 'README.md')
    .flatMap(({ path: file, text }) =>
      [...text.matchAll(tables)].flatMap((table) => {
        const rows = table.groups?.['rows'] ?? '';
        const first = lineAt(text, table.index + table[0].length - rows.length);
        return rows
          .trimEnd()
          .split('\n')
          .map((row, index) => ({ file, line: first + index, cell: row.split('|').at(-2)?.trim() ?? '' }));
      }),
    );
}

function referencesIn(cell: string): Reference[] {
  return cell.split(';').flatMap((piece) => {
    const phrases = [...piece.matchAll(/\*([^*]+)\*/g)].map((match) => match[1] ?? '');
    const named = piece.replaceAll(/\*[^*]+\*/g, '').split(':')[0] ?? '';
    const inBackticks = [...named.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
    const names =
      inBackticks.length > 0
        ? inBackticks.filter((name) => !name.startsWith('npm '))
        : named
            .split(',')
            .map((name) => name.trim())
            .filter((name) => name !== '');
    return names.length === 0 ? [] : [{ names, phrases }];
  });
}

/** First arguments, and first in the rows of tables, that are text followed by something that is none: `test('…', () =>`, `['…', bytes]`. */
function titlesOf(text: string): string[] {
  return [
    ...text.matchAll(/[([]\s*(?<quote>['"`])(?<title>(?:\\.|(?!\k<quote>).)+)\k<quote>,\s*(?=[A-Za-z_({])/gs),
  ].map(({ groups }) => (groups?.['title'] ?? '').replaceAll(/\\(.)/g, '$1'));
}
