import type { EnteredKind } from './order-book.ts';

export type CellRead = { ok: true; value: unknown } | { ok: false; say: string };

/** One column: what it is called, which field of which record it fills, and how its cells are read and written. */
export type Column = {
  readonly name: string;
  readonly of: EnteredKind;
  readonly field: string;
  /** Names the record; alone it says nothing of it. */
  readonly key?: true;
  read(text: string): CellRead;
  write(value: unknown): string;
};

const column = (of: EnteredKind, name: string, field: string, cells: Pick<Column, 'read' | 'write'>): Column => ({
  name,
  of,
  field,
  ...cells,
});
const key = (of: EnteredKind, name: string, field: string): Column => ({ ...column(of, name, field, text), key: true });

/** What spreadsheets would calculate stands behind an apostrophe, which they take for "this is text". */
const asText = (cell: string): string => (/^'*[=@+-]/.test(cell) ? `'${cell}` : cell);
const fromText = (cell: string): string => (/^'+[=@+-]/.test(cell) ? cell.slice(1) : cell);

const text: Pick<Column, 'read' | 'write'> = {
  read: (cell) =>
    /^[=@]/.test(cell)
      ? { ok: false, say: `begins with ${cell[0]}, which spreadsheets take for a formula` }
      : { ok: true, value: fromText(cell) },
  write: (value) => asText(String(value)),
};

/** `scale` turns the unit of the file into that of the record: 1000 for kW to W. */
const number = (scale = 1): Pick<Column, 'read' | 'write'> => ({
  read: (cell) => {
    if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(cell))
      return {
        ok: false,
        say: /^[\d.,]+$/.test(cell)
          ? `'${cell}' is no number: write it with a point and without separators, as 1250.5`
          : `'${cell}' is no number`,
      };
    // Rounded, for 0.07 kW is 70 W and not 70.00000000000001 W.
    const value = scale === 1 ? Number(cell) : Math.round(Number(cell) * scale * 1_000) / 1_000;
    return { ok: true, value };
  },
  write: (value) => String(Number(value) / scale),
});

const whole: Pick<Column, 'read' | 'write'> = {
  read: (cell) =>
    /^\d{1,9}$/.test(cell) ? { ok: true, value: Number(cell) } : { ok: false, say: `'${cell}' is no whole number` },
  write: String,
};

const yesNo: Pick<Column, 'read' | 'write'> = {
  read: (cell) => {
    const word = cell.toLowerCase();
    if (['yes', 'true', '1'].includes(word)) return { ok: true, value: true };
    if (['no', 'false', '0'].includes(word)) return { ok: true, value: false };
    return { ok: false, say: `'${cell}' is neither yes nor no` };
  },
  write: (value) => (value === true ? 'yes' : 'no'),
};

const list: Pick<Column, 'read' | 'write'> = {
  read: (cell) => ({
    ok: true,
    value: fromText(cell)
      .split(/[;|]/)
      .map((each) => each.replaceAll(/\s+/g, ' ').trim())
      .filter((each) => each !== ''),
  }),
  write: (value) => asText((value as readonly string[]).join('; ')),
};

const day: Pick<Column, 'read' | 'write'> = {
  read: (cell) =>
    /^\d{4}-\d{2}-\d{2}$/.test(cell)
      ? { ok: true, value: cell }
      : { ok: false, say: `'${cell}' is no day: write it as 2026-03-31` },
  write: String,
};

/** In the order in which an export has them. Power is in kW here, as contracts have it; W everywhere else. */
export const columns: readonly Column[] = [
  key('site', 'site', 'id'),
  column('site', 'site_title', 'title', text),
  column('site', 'area', 'area', text),
  column('site', 'critical', 'critical', text),
  column('site', 'address', 'address', text),
  column('site', 'latitude', 'latitude', number()),
  column('site', 'longitude', 'longitude', number()),
  column('site', 'feeder', 'feeder', text),
  column('site', 'transformer', 'transformer', text),
  key('device', 'gateway', 'gatewayId'),
  key('device', 'device', 'deviceId'),
  column('device', 'device_title', 'title', text),
  column('device', 'profile', 'profile', text),
  column('device', 'make', 'make', text),
  column('device', 'model', 'model', text),
  column('device', 'serial_number', 'serialNumber', text),
  column('device', 'connection', 'connection', text),
  column('device', 'unit', 'unit', whole),
  column('device', 'switched_by', 'switchedBy', text),
  column('device', 'read_only', 'readOnly', yesNo),
  column('device', 'rated_power_kw', 'ratedPowerW', number(1_000)),
  column('device', 'rated_current_a', 'ratedCurrentA', number()),
  column('device', 'switch_rating_a', 'switchRatingA', number()),
  key('contract', 'contract', 'id'),
  column('contract', 'contract_power_kw', 'ratedPowerW', number(1_000)),
  column('contract', 'contract_current_a', 'ratedCurrentA', number()),
  column('contract', 'max_power_kw', 'maxPowerW', number(1_000)),
  column('contract', 'commands', 'commands', list),
  column('contract', 'may_command', 'operators', list),
  column('contract', 'from', 'fromDay', day),
  column('contract', 'to', 'toDay', day),
];

/** A heading as a person writes it: capitals, spaces, hyphens and underscores do not matter. */
export function columnNamed(heading: string): Column | undefined {
  const plain = heading.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return columns.find(({ name }) => name.replaceAll('_', '') === plain);
}

/** The column of a field, for what is told of it. */
export function columnOf(of: EnteredKind, field: string): Column | undefined {
  if (field === 'siteId') return columns[0];
  if (of === 'contract' && field === 'deviceKey') return columns.find(({ name }) => name === 'device');
  return columns.find((each) => each.of === of && each.field === field);
}
