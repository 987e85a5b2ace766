/** Where the values of an interval come from; the number is stored, so the list grows only at its end. */
export const intervalSources = ['meter', 'file', 'profile', 'estimate', 'edited'] as const;
export type IntervalSource = (typeof intervalSources)[number];

/**
 * What a meter counted from `startS` on for `lengthS`; import is positive, unknown is absent. `meter` is the warehouse's own number, `flags`
 * are the bits of the protocol's `intervalFlags`, with validation's own from bit 16 up. The key is (meter, startS).
 */
export type IntervalRow = {
  readonly meter: number;
  readonly startS: number;
  readonly lengthS: number;
  readonly importWh?: number | undefined;
  readonly exportWh?: number | undefined;
  readonly reactiveVarh?: number | undefined;
  /** In steps of 0.1 V. */
  readonly voltageV?: number | undefined;
  readonly flags: number;
  readonly source: IntervalSource;
  /** When it was read, or estimated, or edited. */
  readonly readS: number;
};

/** Rows as columns: how thousands of them travel to the worker. Unknown is the lowest value of a column, of voltage the highest. */
export type IntervalColumns = {
  readonly meter: Uint32Array;
  readonly startS: Uint32Array;
  readonly lengthS: Uint16Array;
  readonly importWh: Int32Array;
  readonly exportWh: Int32Array;
  readonly reactiveVarh: Int32Array;
  readonly voltageDv: Uint16Array;
  readonly flags: Uint32Array;
  readonly source: Uint8Array;
  readonly readS: Uint32Array;
};

export const unknownEnergy = -0x8000_0000;
export const unknownVoltage = 0xffff;

const u32 = 0xffff_ffff;
const ranges = {
  meter: [1, u32],
  startS: [0, u32],
  lengthS: [1, 0xffff],
  importWh: [-0x7fff_ffff, 0x7fff_ffff],
  exportWh: [-0x7fff_ffff, 0x7fff_ffff],
  reactiveVarh: [-0x7fff_ffff, 0x7fff_ffff],
  voltageV: [0, 6_553.4],
  flags: [0, u32],
  readS: [0, u32],
} as const;

/** Energies are rounded to whole Wh. Throws RangeError where a value cannot be carried: that row is a mistake of its maker. */
export function columnsOf(rows: readonly IntervalRow[]): IntervalColumns {
  const columns = emptyColumns(rows.length);
  for (const [index, row] of rows.entries()) {
    const misfit = misfitOf(row);
    if (misfit !== undefined) throw new RangeError(`interval ${index}: ${misfit}`);
    columns.meter[index] = row.meter;
    columns.startS[index] = row.startS;
    columns.lengthS[index] = row.lengthS;
    columns.importWh[index] = row.importWh === undefined ? unknownEnergy : Math.round(row.importWh);
    columns.exportWh[index] = row.exportWh === undefined ? unknownEnergy : Math.round(row.exportWh);
    columns.reactiveVarh[index] = row.reactiveVarh === undefined ? unknownEnergy : Math.round(row.reactiveVarh);
    columns.voltageDv[index] = row.voltageV === undefined ? unknownVoltage : Math.round(row.voltageV * 10);
    columns.flags[index] = row.flags;
    columns.source[index] = intervalSources.indexOf(row.source);
    columns.readS[index] = row.readS;
  }
  return columns;
}

/** What of a row cannot be carried. */
export function misfitOf(row: Partial<IntervalRow>): string | undefined {
  for (const [name, [min, max]] of Object.entries(ranges)) {
    const value = row[name as keyof typeof ranges];
    if (value !== undefined && !(value >= min && value <= max)) return `${name} is ${value}, not ${min} to ${max}`;
  }
  return undefined;
}

function emptyColumns(count: number): IntervalColumns {
  return {
    meter: new Uint32Array(count),
    startS: new Uint32Array(count),
    lengthS: new Uint16Array(count),
    importWh: new Int32Array(count),
    exportWh: new Int32Array(count),
    reactiveVarh: new Int32Array(count),
    voltageDv: new Uint16Array(count),
    flags: new Uint32Array(count),
    source: new Uint8Array(count),
    readS: new Uint32Array(count),
  };
}
