/** One field of a record that people fill in. `scale`: the form's unit in units of the record, 1000 for kW. */
export type RecordField = {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly kind: 'text' | 'number' | 'list' | 'day';
  readonly scale?: number;
  readonly required?: true;
};
export type FieldTexts = Readonly<Record<string, string>>;

export const siteFields: readonly RecordField[] = [
  { name: 'title', label: 'Title', kind: 'text', required: true },
  { name: 'area', label: 'Area', kind: 'text', hint: 'whose operators see and command it' },
  {
    name: 'critical',
    label: 'Critical customer',
    kind: 'text',
    hint: 'why its supply is not taken with that of others',
  },
  { name: 'address', label: 'Address', kind: 'text' },
  { name: 'latitude', label: 'Latitude', kind: 'number', hint: 'degrees, north positive' },
  { name: 'longitude', label: 'Longitude', kind: 'number', hint: 'degrees, east positive' },
  { name: 'feeder', label: 'Feeder', kind: 'text' },
  { name: 'transformer', label: 'Transformer', kind: 'text' },
];

export const deviceFields: readonly RecordField[] = [
  { name: 'title', label: 'Title', kind: 'text' },
  { name: 'profile', label: 'Profile', kind: 'text', required: true, hint: 'as the agents call it' },
  { name: 'make', label: 'Make', kind: 'text' },
  { name: 'model', label: 'Model', kind: 'text' },
  { name: 'serialNumber', label: 'Serial number', kind: 'text', hint: 'empty: any' },
  { name: 'switchedBy', label: 'Switched by', kind: 'text', hint: 'the meter before it' },
  {
    name: 'connection',
    label: 'Connection',
    kind: 'text',
    hint: 'tcp HOST:PORT, or rtu PATH 9600 8E1; empty: found on site',
  },
  { name: 'unit', label: 'Unit', kind: 'number' },
  { name: 'ratedPowerW', label: 'Rated power, kW', kind: 'number', scale: 1_000 },
  { name: 'ratedCurrentA', label: 'Rated current, A', kind: 'number' },
  { name: 'switchRatingA', label: 'Switch rating, A', kind: 'number' },
];

export const contractFields: readonly RecordField[] = [
  { name: 'fromDay', label: 'From', kind: 'day', required: true },
  { name: 'toDay', label: 'To', kind: 'day', hint: 'that day included; empty: no end' },
  { name: 'operators', label: 'Who may command', kind: 'list', required: true, hint: 'names with ; between, or any' },
  { name: 'commands', label: 'Commands', kind: 'list', hint: 'as connect; limit-power. Empty: all' },
  { name: 'ratedPowerW', label: 'Rated power, kW', kind: 'number', scale: 1_000 },
  { name: 'ratedCurrentA', label: 'Rated current, A', kind: 'number' },
  { name: 'maxPowerW', label: 'Highest limit, kW', kind: 'number', scale: 1_000, hint: 'empty: the rated power' },
];

/** What the head-end has against a record, by the label of the form's field instead of the name in the record. */
export function saidOf(
  { say, path }: { readonly say: string; readonly path?: string },
  labelled: readonly { readonly name: string; readonly label: string }[],
): string {
  const field = path?.split('.')[1];
  const colon = say.indexOf(': ');
  // Gateway and device are entered by their names, and are ids in the record.
  const known = labelled.find(({ name }) => name === field || `${name}Id` === field);
  return known === undefined || colon < 0 ? say : `${known.label}: ${say.slice(colon + 2)}`;
}

export function textsOf(fields: readonly RecordField[], record: Readonly<Record<string, unknown>>): FieldTexts {
  return Object.fromEntries(
    fields.map(({ name, kind, scale = 1 }) => {
      const value = record[name];
      if (value === undefined) return [name, ''];
      if (kind === 'list') return [name, (value as readonly string[]).join('; ')];
      return [name, kind === 'number' ? String(Number(value) / scale) : (value as string)];
    }),
  );
}

/** The record that the texts make; or what cannot be read. An empty text is no value. */
export function recordOf(
  fields: readonly RecordField[],
  texts: FieldTexts,
): { ok: true; value: Record<string, unknown> } | { ok: false; say: string } {
  const value: Record<string, unknown> = {};
  for (const { name, label, kind, scale = 1, required } of fields) {
    const text = (texts[name] ?? '').trim();
    if (text === '') {
      if (required === true) return { ok: false, say: `${label} is empty.` };
      continue;
    }
    if (kind === 'number') {
      const read = Number(text);
      if (!Number.isFinite(read))
        return { ok: false, say: `${label}: '${text}' is no number. Write it with a point: 1250.5` };
      value[name] = scale === 1 ? read : Math.round(read * scale * 1_000) / 1_000;
    } else if (kind === 'list') {
      const items = text.split(';').map((each) => each.trim());
      value[name] = items.filter((each) => each !== '');
    } else value[name] = text;
  }
  return { ok: true, value };
}
