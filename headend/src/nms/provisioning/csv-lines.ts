import { CsvError, parse } from 'csv-parse/sync';
import { columnNamed, columns } from './csv-columns.ts';
import type { Column } from './csv-columns.ts';

/** `line` counts from 1, the heading included; `column` as the file calls it. */
export type FileFault = { readonly line: number; readonly column?: string; readonly say: string };
export type CsvLine = { readonly line: number; readonly cells: ReadonlyMap<Column, string> };
export type CsvFile = { readonly headings: ReadonlyMap<Column, string>; readonly lines: readonly CsvLine[] };

/** More would keep the head-end from its gateways for seconds. */
const maxLines = 10_000;
const maxCellLength = 400;

/**
 * Reads CSV of comma, semicolon or tab, as spreadsheets write it. Every fault of the file's form, not only the first; `value` is what
 * could be read in spite of them, the lines with a fault left out.
 */
export function csvLines(text: string): { faults: readonly FileFault[]; value?: CsvFile } {
  const long = endlessLine(text);
  if (long !== undefined) return { faults: [long] };
  const read = records(text);
  if (!read.ok) return { faults: [read.fault] };
  const [heading, ...rest] = read.value;
  if (heading === undefined) return failed(1, 'the file is empty: its first line names the columns');
  if (rest.length > maxLines) return failed(maxLines + 2, `the file has more than ${maxLines} lines: split it`);
  const { headings, faults } = readHeading(heading);
  const inOrder = [...headings.keys()];
  if (faults.length > 0) return { faults };
  const lines: CsvLine[] = [];
  for (const { line, cells } of rest) {
    if (cells.every((cell) => cell.trim() === '')) continue;
    if (cells.length !== inOrder.length) {
      faults.push({
        line,
        say: `has ${cells.length === 1 ? '1 cell' : `${cells.length} cells`}, and the heading ${inOrder.length}: is one missing, or a text with a comma not in quotes?`,
      });
      continue;
    }
    const read = new Map<Column, string>();
    for (const [index, column] of inOrder.entries()) {
      const cell = (cells[index] ?? '').normalize('NFC').trim();
      const say = unfit(cell);
      if (say === undefined) read.set(column, cell);
      else faults.push({ line, column: headings.get(column) ?? column.name, say });
    }
    if (read.size === inOrder.length) lines.push({ line, cells: read });
  }
  return { faults, value: { headings, lines } };
}

type RawLine = { readonly line: number; readonly cells: readonly string[] };

function records(text: string): { ok: true; value: readonly RawLine[] } | { ok: false; fault: FileFault } {
  try {
    const parsed = parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: 100_000,
      to: maxLines + 2,
    }) as unknown as readonly { record: readonly string[]; info: { lines: number } }[];
    const value = parsed.map(({ record, info }) => ({ cells: record, line: info.lines - breaksIn(record) }));
    return { ok: true, value };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number(error['lines'] ?? 1);
    return { ok: false, fault: { line, say: wordsOf(error) } };
  }
}

/** Before anything is made of it: what is no table may be millions of cells in one line. */
const endless = /^(?:[^,;\t\r\n]*[,;\t]){2001}/m;

function endlessLine(text: string): FileFault | undefined {
  const at = text.search(endless);
  if (at === -1) return undefined;
  const line = text.slice(0, at).split('\n').length;
  return { line, say: 'this line has more than 2,000 commas, semicolons or tabs: is this a table?' };
}

/** The one with which the heading has the most known columns. */
function delimiterOf(text: string): string {
  const heading = /^\uFEFF?[^\r\n]*/.exec(text)?.[0] ?? '';
  const known = (delimiter: string): number =>
    heading.split(delimiter).filter((each) => columnNamed(each) !== undefined).length;
  return [',', ';', '\t'].toSorted((a, b) => known(b) - known(a))[0] ?? ',';
}

/** A record is counted at its last line. */
function breaksIn(cells: readonly string[]): number {
  return cells.reduce((sum, cell) => sum + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0);
}

function wordsOf({ code, message }: CsvError): string {
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quotation mark opened on this line or before it is never closed';
  if (code === 'INVALID_OPENING_QUOTE' || code === 'CSV_INVALID_CLOSING_QUOTE')
    return 'a quotation mark stands in the middle of a cell: put the whole cell in quotes and double the mark ("")';
  if (code === 'CSV_MAX_RECORD_SIZE')
    return 'this line is longer than 100,000 characters: is a quotation mark not closed?';
  return `cannot be read as CSV (${message})`;
}

function readHeading({ line, cells }: RawLine): { headings: Map<Column, string>; faults: FileFault[] } {
  const headings = new Map<Column, string>();
  const faults: FileFault[] = [];
  for (const heading of cells) {
    const column = columnNamed(heading);
    if (column === undefined) {
      const say = heading.trim() === '' ? 'a column has no heading' : `'${heading.slice(0, 60)}' is no column`;
      faults.push({ line, say: `${say}; these are: ${columns.map(({ name }) => name).join(', ')}` });
    } else if (headings.has(column)) faults.push({ line, column: heading, say: 'is there twice' });
    else headings.set(column, heading.trim());
  }
  return { headings, faults };
}

function unfit(cell: string): string | undefined {
  if (cell.includes('\uFFFD')) return 'holds a character that is not UTF-8: save the file as "CSV UTF-8"';
  if (/\p{Cc}/u.test(cell)) return 'holds a line break or another control character';
  return cell.length > maxCellLength ? `has ${cell.length} characters, more than ${maxCellLength}` : undefined;
}

function failed(line: number, say: string): { faults: readonly FileFault[] } {
  return { faults: [{ line, say }] };
}
