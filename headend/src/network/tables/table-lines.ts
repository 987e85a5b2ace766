import { CsvError, parse } from 'csv-parse/sync';
import { nearestName } from '../model/nearest-name.ts';
import type { Finding } from '../model/finding.ts';

/** A line of a table, by the columns that it was asked for. `line` counts from 1, the heading included. */
export type TableLine<C extends string> = { readonly line: number; readonly cells: Partial<Record<C, string>> };

export type TableRead<C extends string> = {
  readonly lines: readonly TableLine<C>[];
  readonly findings: readonly Finding[];
};

/** What a column may be called, the first name being its own; capitals, blanks, hyphens and underscores do not matter. */
export type Columns<C extends string> = Readonly<
  Record<C, { readonly names: readonly string[]; readonly required?: true }>
>;

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** More are no table, and would be read for many seconds before that is seen. */
const endless = /^(?:[^,;\t\r\n]*[,;\t]){2001}/m;

/** Reads CSV of comma, semicolon or tab. Faults are told by line; lines at fault are left out, the others are given. */
export function tableLines<C extends string>(file: string, text: string, columns: Columns<C>): TableRead<C> {
  const findings: Finding[] = [];
  const tell = (line: number, say: string, severity: Finding['severity'] = 'error'): void => {
    findings.push({ severity, code: 'table', say, place: { file, line } });
  };
  const at = text.search(endless);
  if (at !== -1) {
    tell(text.slice(0, at).split('\n').length, 'has more than 2,000 commas, semicolons or tabs: is this a table?');
    return { lines: [], findings };
  }
  const [heading] = recordsOf(text, tell, 1);
  if (heading === undefined) {
    if (findings.length === 0) tell(1, 'the file is empty: its first line names the columns');
    return { lines: [], findings };
  }
  const order = heading.cells.map((name) => columnNamed(name, columns));
  const known = Object.keys(columns) as C[];
  for (const [index, name] of heading.cells.entries())
    if (order[index] === undefined && name.trim() !== '') tell(heading.line, unknownColumn(name, known), 'warning');
  const missing = known.filter((column) => columns[column].required === true && !order.includes(column));
  if (missing.length > 0) {
    tell(heading.line, `there is no column ${missing.join(', nor ')}; these are: ${known.join(', ')}`);
    return { lines: [], findings };
  }
  const [, ...rest] = recordsOf(text, tell);
  const lines = rest.flatMap(({ line, cells }): TableLine<C>[] => {
    if (cells.every((cell) => cell.trim() === '')) return [];
    if (cells.length !== order.length) {
      tell(
        line,
        `has ${cells.length} cells, and the heading ${order.length}: is one missing, or a text with a comma not in quotes?`,
      );
      return [];
    }
    const found: Partial<Record<C, string>> = {};
    for (const [index, column] of order.entries()) {
      const cell = (cells[index] ?? '').normalize('NFC').trim();
      if (column !== undefined && cell !== '') found[column] = cell;
    }
    const empty = known.filter((column) => columns[column].required === true && found[column] === undefined);
    for (const column of empty) tell(line, `${column} is empty`);
    return empty.length > 0 ? [] : [{ line, cells: found }];
  });
  return { lines, findings };
}

function unknownColumn(name: string, known: readonly string[]): string {
  const near = nearestName(plain(name), known);
  const hint = near === undefined ? '' : `; is ${near} meant?`;
  return `'${name.trim()}' is no column that is known here and is passed over${hint} (these are: ${known.join(', ')})`;
}

function columnNamed<C extends string>(written: string, columns: Columns<C>): C | undefined {
  const asked = plain(written);
  const found = (Object.keys(columns) as C[]).find((column) =>
    [column, ...columns[column].names].some((name) => plain(name) === asked),
  );
  return asked === '' ? undefined : found;
}

type Raw = { readonly line: number; readonly cells: readonly string[] };

/** The first so many, or all. */
function recordsOf(text: string, tell: (line: number, say: string) => void, most?: number): readonly Raw[] {
  try {
    const parsed = parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      ...(most === undefined ? {} : { to: most }),
    }) as unknown as readonly {
      record: readonly string[];
      info: { lines: number };
    }[];
    // A record is counted at its last line.
    return parsed.map(({ record, info }) => ({ cells: record, line: info.lines - breaksIn(record) }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const say =
      error.code === 'CSV_QUOTE_NOT_CLOSED'
        ? 'a quotation mark opened on this line or before it is never closed'
        : `cannot be read as CSV (${error.message})`;
    tell(Number(error['lines'] ?? 1), say);
    return [];
  }
}

const breaksIn = (cells: readonly string[]): number =>
  cells.reduce((sum, cell) => sum + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0);

function delimiterOf(text: string): string {
  const heading = /^\uFEFF?[^\r\n]*/.exec(text)?.[0] ?? '';
  const count = (delimiter: string): number => heading.split(delimiter).length;
  return [',', ';', '\t'].toSorted((one, other) => count(other) - count(one))[0] ?? ',';
}
