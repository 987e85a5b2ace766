import { decodeStatus, encodeStatus, statusSchemas } from '@tiepoint/protocol';
import type { Status } from '@tiepoint/protocol';
import { Packr } from 'msgpackr';
import protobuf from 'protobufjs';
import type { Bench } from './bench.ts';

const limitBytes = 75;
const rounds = 9;
const messagesARound = 20_000;

type AasStatus = Extract<Status, { kind: 'aas' }>;
type Codec = {
  readonly name: string;
  encode(status: AasStatus): Uint8Array;
  decode(bytes: Uint8Array): unknown;
  /** What `decode` should give, that no codec wins by losing content. */
  holds(decoded: unknown, status: AasStatus): boolean;
};

/** A running 500 kW genset that tells all but the voltage of its bus, which only a set without a synchroniser of its own is asked for. */
const genset: AasStatus = {
  kind: 'aas',
  session: 3_135_420_011,
  seq: 81_234,
  timeMs: 1_790_000_000_123,
  timeQuality: 'synchronised',
  health: 'warning',
  alarms: ['device-alarm', 'low-fuel'],
  operatingState: 'running',
  activePowerW: 412_350,
  reactivePowerVar: 92_340,
  currentA: 508.3,
  voltageV: 480.1,
  frequencyHz: 60.012,
  availableCapacityPct: 17.5,
  availableCurrentA: 93.1,
  holdTimeS: 17_430,
  stateOfChargePct: 63.5,
  breakerState: 'closed',
  connection: 'connected',
  control: 'remote',
  synchroniser: 'idle',
  exportedEnergyWh: 8_123_456_700,
  missedCycles: 3,
  powerLimitPct: 80,
};

/** Bytes of one AAS status beside JSON and Sparkplug B, and how fast each codec writes and reads, in one process and interleaved. */
const bench: Bench = async ({ log }) => {
  const statuses = Array.from({ length: 64 }, (_, i) => varied(i));
  const codecs = [
    tiepoint,
    json,
    messagePack,
    typedProtobuf(),
    wordedProtobuf(),
    sparkplug('names'),
    sparkplug('aliases'),
    sparkplug('bare aliases'),
  ];
  for (const codec of codecs) {
    for (const status of statuses) {
      if (!codec.holds(codec.decode(codec.encode(status)), status))
        throw new Error(`${codec.name} does not give back what it was given`);
    }
  }
  const rates = measure(codecs, statuses);
  const results = codecs.map((codec, i) => ({
    name: codec.name,
    bytes: codec.encode(genset).length,
    encodeKps: median(rates[i]?.encode ?? []),
    decodeKps: median(rates[i]?.decode ?? []),
  }));
  for (const { name, bytes, encodeKps, decodeKps } of results) {
    log(
      `${name.padEnd(46)} ${String(bytes).padStart(5)} B  ${String(encodeKps).padStart(6)} k/s written ${String(decodeKps).padStart(6)} k/s read`,
    );
  }
  const value = tiepoint.encode(genset).length;
  const peer = results.find(({ name }) => name === sparkplug('aliases').name);
  if (peer === undefined) throw new Error('the peer was not measured');
  return {
    name: 'payload',
    value,
    unit: 'bytes of an AAS status with all fields but the voltage of its bus',
    withBusVoltageBytes: tiepoint.encode({ ...genset, busVoltageV: 478.6 }).length,
    limit: limitBytes,
    kept: value <= limitBytes,
    peer: peer.name,
    ratio: round3(value / peer.bytes),
    largestBytes: Math.max(...statuses.map((status) => tiepoint.encode(status).length)),
    codecs: results,
  };
};
export default bench;

const tiepoint: Codec = {
  name: 'Tiepoint (range-checked, words)',
  encode: (status) => encodeStatus(status).bytes,
  decode: decodeStatus,
  holds: (decoded, status) => same(told((decoded as { value: object }).value), status),
};

/** Without what is unknown. */
const told = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));

const utf8 = { write: new TextEncoder(), read: new TextDecoder() };
const json: Codec = {
  name: 'JSON, same names',
  encode: (status) => utf8.write.encode(JSON.stringify(status)),
  decode: (bytes) => JSON.parse(utf8.read.decode(bytes)),
  holds: same,
};

const packr = new Packr({ useRecords: false });
const messagePack: Codec = {
  name: 'msgpackr, map of names',
  encode: (status) => packr.pack(status),
  decode: (bytes) => packr.unpack(bytes),
  holds: same,
};

/** Every codec carries what the sample tells, and no more. */
const names = (Object.keys(statusSchemas.aas.fields) as (keyof typeof statusSchemas.aas.fields)[]).filter(
  (name) => genset[name] !== undefined,
);
const wholeNumbers: readonly string[] = ['session', 'seq', 'holdTimeS', 'missedCycles'];
const longNumbers: readonly string[] = ['timeMs', 'exportedEnergyWh'];

/** Peers carry words and alarms as the numbers that a schema would give them; the mapping is done before, not on their time. */
function numbersOf(status: AasStatus): Record<string, number> {
  const known = numbered.get(status);
  if (known !== undefined) return known;
  const numbers = Object.fromEntries(
    names.map((name) => {
      const wire = statusSchemas.aas.fields[name].field as { kind: string; encode(value: unknown): unknown };
      const value = status[name];
      return [name, typeof value === 'number' ? value : Number(wire.encode(value))];
    }),
  );
  numbered.set(status, numbers);
  return numbers;
}
const numbered = new WeakMap<AasStatus, Record<string, number>>();

function typeOf(name: keyof typeof statusSchemas.aas.fields): string {
  if (longNumbers.includes(name)) return 'uint64';
  return wholeNumbers.includes(name) || typeof genset[name] !== 'number' ? 'uint32' : 'float';
}

/** The fastest that protobufjs does: its program maps words to numbers itself, and nothing is checked. */
function typedProtobuf(): Codec {
  const type = new protobuf.Type('AasStatus');
  names.forEach((name, i) => type.add(new protobuf.Field(name, i + 1, typeOf(name))));
  new protobuf.Root().add(type);
  return {
    name: 'protobufjs, typed, words as numbers',
    encode: (status) => type.encode(numbersOf(status)).finish(),
    decode: (bytes) => type.decode(bytes),
    holds: (decoded, status) => near(decoded as Record<string, unknown>, numbersOf(status)),
  };
}

/** The same value in the program as ours: words and a list of alarms in, words and a list of alarms out. */
function wordedProtobuf(): Codec {
  const type = new protobuf.Type('AasStatus');
  names.forEach((name, i) => {
    const { choices } = statusSchemas.aas.fields[name].field;
    if (choices === undefined) {
      type.add(new protobuf.Field(name, i + 1, typeOf(name)));
      return;
    }
    type.add(new protobuf.Enum(`${name}Words`, Object.fromEntries(choices.map((word, number) => [word, number]))));
    type.add(new protobuf.Field(name, i + 1, `${name}Words`, name === 'alarms' ? 'repeated' : undefined));
  });
  new protobuf.Root().add(type);
  return {
    name: 'protobufjs, typed, words in and out',
    encode: (status) => type.encode(type.fromObject(status)).finish(),
    decode: (bytes) => type.toObject(type.decode(bytes), { enums: String, longs: Number, arrays: true }),
    holds: (decoded, status) =>
      near(numbersOf({ kind: 'aas', ...(decoded as Omit<AasStatus, 'kind'>) }), numbersOf(status)),
  };
}

/** The payload and metric of Sparkplug B (tahu's sparkplug_b.proto), with those of its fields that a plain metric uses. */
const sparkplugProto = `syntax = "proto2";
message Payload {
  message Metric {
    optional string name = 1;
    optional uint64 alias = 2;
    optional uint64 timestamp = 3;
    optional uint32 datatype = 4;
    optional bool is_historical = 5;
    optional bool is_transient = 6;
    optional bool is_null = 7;
    oneof value {
      uint32 int_value = 10;
      uint64 long_value = 11;
      float float_value = 12;
      double double_value = 13;
      bool boolean_value = 14;
      string string_value = 15;
      bytes bytes_value = 16;
    }
  }
  optional uint64 timestamp = 1;
  repeated Metric metrics = 2;
  optional uint64 seq = 3;
  optional string uuid = 4;
  optional bytes body = 5;
}`;

const flavours = {
  names: 'Sparkplug B, names (as in a birth)',
  aliases: 'Sparkplug B, aliases (as in data)',
  'bare aliases': 'Sparkplug B, aliases, no time a metric',
} as const;

/** Sparkplug keeps session and time in its own fields; sequence numbers are 8 bits there. Only `bare aliases` breaks its rules. */
function sparkplug(flavour: keyof typeof flavours): Codec {
  const type = protobuf.parse(sparkplugProto, { keepCase: true }).root.lookupType('Payload');
  const metrics = names.filter((name) => !['session', 'seq', 'timeMs'].includes(name));
  const head = (status: AasStatus, i: number, datatype: number): object => {
    if (flavour === 'names') return { name: metrics[i], timestamp: status.timeMs, datatype };
    return flavour === 'aliases' ? { alias: i, timestamp: status.timeMs } : { alias: i };
  };
  const metric = (status: AasStatus, name: string, i: number): object => {
    const value = numbersOf(status)[name];
    if (longNumbers.includes(name)) return { ...head(status, i, 8), long_value: value };
    if (wholeNumbers.includes(name) || typeof status[name as keyof AasStatus] !== 'number')
      return { ...head(status, i, 7), int_value: value };
    return { ...head(status, i, 9), float_value: value };
  };
  return {
    name: flavours[flavour],
    encode: (status) =>
      type
        .encode({
          timestamp: status.timeMs,
          seq: status.seq % 256,
          metrics: metrics.map((name, i) => metric(status, name, i)),
        })
        .finish(),
    decode: (bytes) => type.decode(bytes),
    holds: (decoded, status) => {
      const read = (decoded as { metrics: Record<string, unknown>[] }).metrics;
      const values = read.map((each, i) => [
        metrics[i],
        each['int_value'] || each['float_value'] || each['long_value'] || 0,
      ]);
      return near(
        Object.fromEntries(values) as Record<string, unknown>,
        Object.fromEntries(metrics.map((name) => [name, numbersOf(status)[name]])),
      );
    },
  };
}

function measure(codecs: readonly Codec[], statuses: readonly AasStatus[]): { encode: number[]; decode: number[] }[] {
  const rates = codecs.map(() => ({ encode: [] as number[], decode: [] as number[] }));
  // The first round warms up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    codecs.forEach((codec, i) => {
      const messages = statuses.map((status) => codec.encode(status));
      const encode = ratePerMs((n) => codec.encode(statuses[n % statuses.length] ?? genset));
      const decode = ratePerMs((n) => codec.decode(messages[n % messages.length] ?? new Uint8Array()));
      if (round === 0) return;
      rates[i]?.encode.push(encode);
      rates[i]?.decode.push(decode);
    });
  }
  return rates;
}

/** Messages a millisecond, which is thousands a second. */
function ratePerMs(work: (n: number) => unknown): number {
  let kept: unknown;
  const start = performance.now();
  for (let n = 0; n < messagesARound; n++) kept = work(n);
  const tookMs = performance.now() - start;
  if (kept === undefined) throw new Error('a codec gave nothing');
  return messagesARound / tookMs;
}

function median(values: readonly number[]): number {
  return Math.round(values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN);
}

function varied(i: number): AasStatus {
  return {
    ...genset,
    seq: genset.seq + i,
    timeMs: genset.timeMs + 4_000 * i,
    alarms: i % 4 === 0 ? [] : (genset.alarms ?? []),
    activePowerW: 412_350 - 3_000 * i,
    currentA: (5_083 - 37 * i) / 10,
    frequencyHz: (60_012 - i) / 1_000,
    exportedEnergyWh: 8_123_456_700 + 458 * i,
  };
}

function same(a: unknown, b: unknown): boolean {
  return sorted(a) === sorted(b);
}

function sorted(value: unknown): string {
  return JSON.stringify(Object.entries(value as object).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Floats of 32 bits and 64-bit integers come back in other shapes. */
function near(read: Record<string, unknown>, given: Record<string, number | undefined>): boolean {
  return Object.entries(given).every(
    ([name, value = 0]) => Math.abs(Number(read[name]) - value) <= 1e-6 * Math.abs(value),
  );
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
