import { fromCbor, toCbor } from '../schema/cbor.ts';
import { flags, integer, refuse, scaled, text, truth } from '../schema/field.ts';
import type { Decoded, Field, Wire } from '../schema/field.ts';
import { volts, wattHours } from './stamp.ts';

const schemaId = 20;
/** A month of hours; more is another message. */
export const maxIntervals = 744;
export const intervalLengthsS = [300, 600, 900, 1_200, 1_800, 3_600] as const;

/** What is to be known of an interval beyond its values; none: measured over the whole of it. Grows only at its end. */
export const intervalFlags = [
  /** The gateway has nothing of this interval. */
  'missing',
  /** Of a part of the interval only. */
  'partial',
  /** The meter was without voltage for a part of it. */
  'power-outage',
  /** The register was not read near a boundary: its value there is taken from the readings around it. */
  'interpolated',
  /** The gateway's clock was not known to be right. */
  'clock-unsynchronised',
  /** The clock was set within it, so that it was longer or shorter. */
  'clock-set',
  /** The register stood lower at the end than at the start: exchanged, reset or rolled over. */
  'register-reset',
  /** Summed up from power, for the meter has no such register. */
  'from-power',
  /** What a newer agent tells and this reader has no word for. */
  'doubtful',
] as const;
export type IntervalFlag = (typeof intervalFlags)[number];

/**
 * What a meter counted in an interval that ends at `endMs`, in energy imported and exported, net reactive energy (positive: consumed
 * like an inductance) and mean voltage. An absent value is unknown.
 */
export type MeterInterval = {
  readonly endMs: number;
  readonly flags: readonly IntervalFlag[];
  readonly importedWh?: number | undefined;
  readonly exportedWh?: number | undefined;
  readonly reactiveVarh?: number | undefined;
  readonly voltageV?: number | undefined;
};

/** Intervals of one length, aligned to the clock (UTC), each ending where the next begins. */
export type IntervalBlock = {
  /** The request that it answers; absent: sent unasked. */
  readonly requestId?: string | undefined;
  readonly intervalS: number;
  readonly intervals: readonly MeterInterval[];
  /** Nothing more answers this request for this meter. */
  readonly final: boolean;
  /** The registers at the end of the last interval, so that sums can be checked against them. */
  readonly importedRegisterWh?: number | undefined;
  readonly exportedRegisterWh?: number | undefined;
};

const requestId = text({ maxLength: 64 });
const flagSet = flags(intervalFlags, { otherwise: 'doubtful' });
const length = integer({ min: 300, max: 3_600, unit: 's' });
const isLength = (seconds: number): boolean => intervalLengthsS.some((each) => each === seconds);
/** One of `intervalLengthsS` and no other: each divides the hour, so that a change of it falls on a common boundary. */
export const intervalLength: Field<number> = {
  kind: 'integer',
  unit: 's',
  encode: (seconds) => (isLength(seconds) ? length.encode(seconds) : undefined),
  decode: (wire) => {
    const read = length.decode(wire);
    return read.ok && !isLength(read.value) ? refuse(`is none of ${intervalLengthsS.join(', ')} s`) : read;
  },
};
const endS = integer({ min: 0, max: 253_402_300_799, unit: 's' });
const energy = scaled({ step: 1, min: 0, max: 1e9, unit: 'Wh' });
const reactive = scaled({ step: 1, min: -1e9, max: 1e9, unit: 'varh' });

type Column = 'importedWh' | 'exportedWh' | 'reactiveVarh' | 'voltageV';
const columns: readonly (readonly [Column, Field<number>])[] = [
  ['importedWh', energy],
  ['exportedWh', energy],
  ['reactiveVarh', reactive],
  ['voltageV', volts],
];

/**
 * A positional array: schema, request, length in s, end of the first in s, whether it is the last, one set of flags an interval, then a
 * column a value (null where all of it is unknown), then the registers. It grows at its end. A value that cannot be carried travels as
 * unknown. Throws RangeError where there is no interval or more than `maxIntervals`, or where they do not follow each other, aligned.
 */
export function encodeIntervals(block: IntervalBlock): Uint8Array {
  const { intervals, intervalS, final } = block;
  const [first] = intervals;
  if (first === undefined || intervals.length > maxIntervals)
    throw new RangeError(`${intervals.length} intervals; 1 to ${maxIntervals} travel together`);
  if (length.encode(intervalS) === undefined) throw new RangeError(`${intervalS} s is no length of an interval`);
  const misplaced = intervals.find(({ endMs }, index) => endMs !== first.endMs + index * intervalS * 1_000);
  if (misplaced !== undefined || first.endMs % (intervalS * 1_000) !== 0)
    throw new RangeError(`intervals of ${intervalS} s follow each other, aligned to the clock`);
  const wire: Wire[] = [
    schemaId,
    block.requestId ?? null,
    intervalS,
    first.endMs / 1_000,
    final,
    intervals.map((each) => flagSet.encode(each.flags) ?? null),
    ...columns.map(([name, field]) => columnOf(intervals, name, field)),
    encoded(wattHours, block.importedRegisterWh),
    encoded(wattHours, block.exportedRegisterWh),
  ];
  while (wire.at(-1) === null) wire.pop();
  return toCbor(wire);
}

function columnOf(intervals: readonly MeterInterval[], name: Column, field: Field<number>): Wire {
  const values = intervals.map((each) => encoded(field, each[name]));
  return values.every((value) => value === null) ? null : values;
}

function encoded(field: Field<number>, value: number | undefined): Wire {
  return value === undefined ? null : (field.encode(value) ?? null);
}

/** Never throws. What is not aligned, or whose columns differ in length, is refused whole; a value out of range is unknown. */
export function decodeIntervals(bytes: Uint8Array): Decoded<IntervalBlock> {
  const wire = fromCbor(bytes);
  if (!wire.ok) return wire;
  if (!Array.isArray(wire.value) || wire.value[0] !== schemaId) return refuse('is no block of intervals');
  const [, request, lengthS, firstS, isFinal, sets, ...rest] = wire.value as readonly unknown[];
  const id = request === null || request === undefined ? undefined : requestId.decode(request);
  if (id?.ok === false) return { ...id, path: '.requestId' };
  const intervalS = length.decode(lengthS);
  if (!intervalS.ok) return { ...intervalS, path: '.intervalS' };
  const first = endS.decode(firstS);
  if (!first.ok) return { ...first, path: '.firstEndS' };
  if (first.value % intervalS.value !== 0) return refuse('is not aligned to the clock', '.firstEndS');
  const final = truth.decode(isFinal);
  if (!final.ok) return { ...final, path: '.final' };
  if (!Array.isArray(sets) || sets.length === 0 || sets.length > maxIntervals)
    return refuse(`is no list of 1 to ${maxIntervals}`, '.flags');
  const known = rest.slice(0, columns.length);
  const uneven = known.findIndex((each) => Array.isArray(each) && each.length !== sets.length);
  if (uneven !== -1) return refuse(`has not ${sets.length} values`, `.${columns[uneven]?.[0]}`);
  const intervals: MeterInterval[] = [];
  for (const [index, set] of (sets as readonly unknown[]).entries()) {
    // What is said of an interval in a way that cannot be read makes it doubtful, not sound.
    const said = flagSet.decode(set);
    const values = columns.flatMap(([name, field], column) => {
      const raw: unknown = (known[column] as readonly unknown[] | null | undefined)?.[index] ?? null;
      const value = raw === null ? undefined : read(field, raw);
      return value === undefined ? [] : [[name, value] as const];
    });
    const endMs = (first.value + index * intervalS.value) * 1_000;
    intervals.push({ endMs, flags: said.ok ? said.value : ['doubtful'], ...Object.fromEntries(values) });
  }
  const [importedRegisterWh, exportedRegisterWh] = rest.slice(columns.length).map((raw) => read(wattHours, raw));
  return {
    ok: true,
    value: {
      ...(id === undefined ? {} : { requestId: id.value }),
      intervalS: intervalS.value,
      intervals,
      final: final.value,
      ...(importedRegisterWh === undefined ? {} : { importedRegisterWh }),
      ...(exportedRegisterWh === undefined ? {} : { exportedRegisterWh }),
    },
  };
}

function read(field: Field<number>, raw: unknown): number | undefined {
  const decoded = field.decode(raw);
  return decoded.ok ? decoded.value : undefined;
}
