import { columnOf, columns } from './csv-columns.ts';
import type { Column } from './csv-columns.ts';
import { csvLines } from './csv-lines.ts';
import type { CsvFile, CsvLine, FileFault } from './csv-lines.ts';
import { bookFaults, withChanges } from './order-book.ts';
import type { EnteredChange, EnteredKind, OrderBook } from './order-book.ts';

/** What a file would change, record by record; `same`: it says what is so already. Values are as the file writes them. */
export type ImportedRecord = {
  readonly kind: EnteredKind;
  readonly id: string;
  readonly line: number;
  readonly change: 'new' | 'changed' | 'same';
  readonly fields: readonly { readonly column: string; readonly from?: string; readonly to?: string }[];
};
export type ReadImport =
  | { readonly ok: true; readonly records: readonly ImportedRecord[]; readonly changes: readonly EnteredChange[] }
  | { readonly ok: false; readonly faults: readonly FileFault[]; readonly more: number };

const maxFaults = 200;

/**
 * Reads a file of sites, devices and contracts against what is entered already. A line says as much as its columns do: one file may
 * hold everything, or one each. An absent column leaves a field as it is, an empty cell clears it; what a file does not name
 * stays. All faults with line and column; then nothing is changed.
 */
export function readImport(text: string, book: OrderBook): ReadImport {
  const file = csvLines(text);
  const csv = file.value;
  if (csv === undefined) return refused(file.faults);
  const { spoken, faults: unreadCells } = gather(csv);
  const faults = [...file.faults, ...unreadCells];
  const written = [...spoken.values()].map((each) => ({ said: each, ...composed(each, book, csv) }));
  const changes = written.map(({ change }) => change);
  const byRecord = new Map(written.map(({ said }) => [`${said.kind} ${said.id}`, said]));
  const bad = bookFaults(withChanges(book, changes), changes).flatMap(({ kind, id, field, say }): FileFault[] => {
    const said = byRecord.get(`${kind} ${id}`);
    const column = columnOf(kind, field);
    // What could not be read is told as that; and what another record lacks, it may have lost to a line that could not be read.
    if (faults.length > 0 && (betweenRecords.has(field) || (column !== undefined && said?.unread.has(column) === true)))
      return [];
    // What a record lacks, a line that could not be read may say.
    if (file.faults.length > 0 && (column === undefined || said?.cells.has(column) !== true)) return [];
    const at = column === undefined ? undefined : said?.cells.get(column)?.line;
    const heading = column === undefined ? undefined : (csv.headings.get(column) ?? column.name);
    return [{ line: at ?? said?.line ?? 1, ...(heading === undefined ? {} : { column: heading }), say }];
  });
  if (faults.length + bad.length > 0) return refused([...faults, ...bad]);
  const records = written.map(({ record }) => record);
  return { ok: true, records, changes: changes.filter((_change, index) => records[index]?.change !== 'same') };
}

/** Fields that are held against other records. */
const betweenRecords: ReadonlySet<string> = new Set(['siteId', 'gatewayId', 'switchedBy', 'deviceKey']);

/** What all lines of a file say of one record. */
type Spoken = {
  readonly kind: EnteredKind;
  readonly id: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly line: number;
  readonly cells: Map<Column, { readonly value: unknown; readonly text: string; readonly line: number }>;
  /** Cells that say something, and nobody can tell what. */
  readonly unread: Set<Column>;
};

const kinds: readonly EnteredKind[] = ['site', 'device', 'contract'];
const byKind = <T>(of: (kind: EnteredKind) => T): Readonly<Record<EnteredKind, T>> => ({
  site: of('site'),
  device: of('device'),
  contract: of('contract'),
});
/** The columns that say something of a record, beside its names. */
const contentOf = byKind((kind) => columns.filter(({ of, key }) => of === kind && key !== true));
/** What is shown of a change. The site is a field of a device, and its name stands in the column of sites. */
const fieldsOf = byKind((kind) =>
  columns.flatMap((column) => {
    if (kind === 'device' && column.name === 'site') return [{ column, field: 'siteId' }];
    return column.of === kind && (kind === 'device' || column.key !== true) ? [{ column, field: column.field }] : [];
  }),
);
const namesOf: Readonly<Record<EnteredKind, string>> = { site: 'site', device: 'device', contract: 'contract' };

function gather(file: CsvFile): { spoken: ReadonlyMap<string, Spoken>; faults: readonly FileFault[] } {
  const spoken = new Map<string, Spoken>();
  const faults: FileFault[] = [];
  for (const line of file.lines) {
    const before = faults.length;
    let said = false;
    for (const kind of kinds) {
      const cells = contentOf[kind].filter((column) => (line.cells.get(column) ?? '') !== '');
      if (cells.length === 0) continue;
      said = true;
      const goesBy = keysOf(kind, line);
      if (typeof goesBy === 'string')
        faults.push({ line: line.line, column: goesBy, say: `is empty: which ${namesOf[kind]} is this line about?` });
      else faults.push(...speak(spoken, { kind, ...goesBy }, cells, line, file));
    }
    if (!said && faults.length === before)
      faults.push({
        line: line.line,
        say: 'names things and says nothing of them: fill in a column of site, device or contract',
      });
  }
  return { spoken, faults };
}

const named = new Map(columns.map((column) => [column.name, column]));
const cellOf = (line: CsvLine, name: string): string => {
  const column = named.get(name);
  return column === undefined ? '' : (line.cells.get(column) ?? '');
};

/** The names that a record of this kind goes by; or the column that is empty. */
function keysOf(kind: EnteredKind, line: CsvLine): { id: string; keys: Record<string, string> } | string {
  const [site, gateway, device, contract] = ['site', 'gateway', 'device', 'contract'].map((name) =>
    cellOf(line, name),
  ) as [string, string, string, string];
  if (kind === 'site') return site === '' ? 'site' : { id: site, keys: { id: site } };
  if (gateway === '') return 'gateway';
  if (device === '') return 'device';
  const key = `${gateway}.${device}`;
  if (kind === 'device') {
    const place = site === '' ? {} : { siteId: site };
    return { id: key, keys: { key, gatewayId: gateway, deviceId: device, ...place } };
  }
  return contract === '' ? 'contract' : { id: contract, keys: { id: contract, deviceKey: key } };
}

function speak(
  spoken: Map<string, Spoken>,
  { kind, id, keys }: Pick<Spoken, 'kind' | 'id' | 'keys'>,
  said: readonly Column[],
  { line, cells }: CsvLine,
  { headings }: CsvFile,
): readonly FileFault[] {
  const name = `${kind} ${id}`;
  const known = spoken.get(name);
  const record: Spoken = known ?? { kind, id, keys, line, cells: new Map(), unread: new Set() };
  const faults: FileFault[] = [];
  const other = Object.entries(keys).find(([key, value]) => (record.keys[key] ?? value) !== value);
  if (other !== undefined)
    faults.push({
      line,
      say: `${kind} ${id} belongs to ${other[1]} here, and to ${record.keys[other[0]]} on line ${record.line}`,
    });
  for (const column of said) {
    const text = cells.get(column) ?? '';
    const heading = headings.get(column) ?? column.name;
    const read = column.read(text);
    const before = record.cells.get(column);
    if (!read.ok) {
      faults.push({ line, column: heading, say: read.say });
      record.unread.add(column);
    } else if (before === undefined) record.cells.set(column, { value: read.value, text, line });
    else if (JSON.stringify(before.value) !== JSON.stringify(read.value))
      faults.push({
        line,
        column: heading,
        say: `is '${text}' here, and '${before.text}' on line ${before.line}, for the same ${kind} ${id}`,
      });
  }
  spoken.set(name, { ...record, keys: { ...record.keys, ...keys } });
  return faults;
}

/** The record as it would be, and how that differs from what is entered. */
function composed(
  said: Spoken,
  book: OrderBook,
  { headings }: CsvFile,
): { change: EnteredChange; record: ImportedRecord } {
  const { kind, id, keys, line, cells } = said;
  const before = book[kind].get(id) as Readonly<Record<string, unknown>> | undefined;
  const cleared = new Set<string>();
  const told: Record<string, unknown> = {};
  for (const column of contentOf[kind]) {
    if (!headings.has(column)) continue;
    const cell = cells.get(column);
    if (cell === undefined) cleared.add(column.field);
    else told[column.field] = cell.value;
  }
  const kept = Object.entries(before ?? {}).filter(([field]) => !cleared.has(field));
  const record: Record<string, unknown> = { ...Object.fromEntries(kept), ...keys, ...told };
  const fields = fieldsOf[kind].flatMap(({ column, field }) => {
    const [was, is] = [before?.[field], record[field]];
    const from = was === undefined ? undefined : column.write(was);
    const to = is === undefined ? undefined : column.write(is);
    if (from === to) return [];
    return [{ column: column.name, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }];
  });
  const moved = before !== undefined && kind === 'contract' && before['deviceKey'] !== record['deviceKey'];
  const change = before === undefined ? 'new' : fields.length > 0 || moved ? 'changed' : 'same';
  return { change: { kind, id, record } as unknown as EnteredChange, record: { kind, id, line, change, fields } };
}

function refused(faults: readonly FileFault[]): ReadImport {
  const sorted = faults.toSorted((a, b) => a.line - b.line);
  return { ok: false, faults: sorted.slice(0, maxFaults), more: Math.max(0, sorted.length - maxFaults) };
}
