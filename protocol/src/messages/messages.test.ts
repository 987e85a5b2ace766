import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codecs } from '../../vectors/messages.ts';
import { samples } from '../../vectors/samples.ts';
import * as protocol from '../index.ts';
import { fromCbor, toCbor } from '../schema/cbor.ts';
import type { Field, Wire } from '../schema/field.ts';

const {
  gatewayBirth,
  deviceBirth,
  death,
  event,
  command,
  acknowledgement,
  inquiry,
  hostState,
  configuration,
  tagList,
  gatewayEvent,
  readRequest,
  reading,
  fleetMode,
} = protocol;
const records = {
  gatewayBirth,
  deviceBirth,
  death,
  event,
  command,
  acknowledgement,
  inquiry,
  hostState,
  configuration,
  tagList,
  gatewayEvent,
  readRequest,
  reading,
  fleetMode,
};
const telemetries = protocol.statusSchemas;

/** What a field may find on the wire: mostly what it could mean, at times anything a number or a text can be. */
function wireOf(field: Field<unknown>): fc.Arbitrary<Wire> {
  switch (field.kind) {
    case 'integer':
    case 'scaled':
      return fc.oneof(
        { weight: 5, arbitrary: fc.nat(1_000) },
        fc.nat(),
        fc.maxSafeInteger().map((value) => value + 0),
      );
    case 'choice':
      return fc.nat((field.choices?.length ?? 1) - 1);
    case 'flags':
      return fc.nat(2 ** (field.choices?.length ?? 0) - 1);
    case 'text':
      return fc.string({ unit: 'grapheme', maxLength: 12 });
    case 'truth':
      return fc.boolean();
    case 'bytes':
      return fc.uint8Array({ maxLength: 12 });
    case 'list':
      return fc.array(wireOf(field.of!), { maxLength: 4 });
    case 'record':
      return mapOf((field as (typeof protocol)['death']).shape);
  }
}

function mapOf(
  shape: Readonly<Record<string, { key: number; field: Field<unknown>; required: boolean }>>,
): fc.Arbitrary<Wire> {
  const entries = Object.values(shape).map(({ key, field, required }) =>
    fc.tuple(fc.constant(key), required ? wireOf(field) : fc.option(wireOf(field), { nil: null })),
  );
  return fc.tuple(...entries).map((pairs) => new Map(pairs.filter(([, wire]) => wire !== null)));
}

describe('what is read is written and read the same', () => {
  test.each(Object.entries(records))('%s', (_, message) => {
    let read = 0;
    fc.assert(
      fc.property(mapOf(message.shape), (wire) => {
        const value = message.decode(wire);
        if (!value.ok) return;
        read += 1;
        expect(
          (message.fromBytes as (bytes: Uint8Array) => unknown)(
            (message.toBytes as (of: unknown) => Uint8Array)(value.value),
          ),
        ).toEqual(value);
      }),
      { numRuns: 1_000 },
    );
    expect(read).toBeGreaterThan(10);
  });

  test.each(Object.entries(telemetries))('status of %s', (kind, schema) => {
    const columns: readonly { field: Field<unknown>; required: boolean }[] = Object.values(schema.fields);
    const arbitrary = fc.tuple(
      ...columns.map(({ field, required }) => (required ? wireOf(field) : fc.option(wireOf(field), { nil: null }))),
    );
    let read = 0;
    fc.assert(
      fc.property(arbitrary, (wire) => {
        const value = protocol.decodeStatus(toCbor([schema.schemaId, ...wire]));
        if (!value.ok) return;
        read += 1;
        expect(value.value.kind).toBe(kind);
        const written = protocol.encodeStatus(value.value);
        expect(written.dropped).toEqual([]);
        expect(protocol.decodeStatus(written.bytes)).toEqual(value);
      }),
      { numRuns: 300 },
    );
    expect(read).toBeGreaterThan(10);
  });
});

describe('never throws', () => {
  const real = Object.entries(samples).flatMap(([name, values]) =>
    Object.values(values).map((value) => codecs[name]!.toBytes(value)),
  );
  /** Every reader reads; what one believes can be told on; nobody changes what came. */
  const readByAll = (bytes: Uint8Array): string[] => {
    const before = bytes.slice();
    const faults = Object.entries(codecs).flatMap(([name, codec]) => {
      const read = codec.fromBytes(bytes);
      if (read.ok) return codec.toBytes(read.value).length > 0 ? [] : [`${name} wrote nothing`];
      return read.say === '' ? [`${name} refused without a word`] : [];
    });
    return Buffer.compare(before, bytes) === 0 ? faults : [...faults, 'the bytes were changed'];
  };
  /** The first failure with its seed; `undefined` where there is none. */
  const failureIn = (messages: fc.Arbitrary<Uint8Array>, numRuns: number): string | undefined =>
    fc.defaultReportMessage(
      fc.check(
        fc.property(messages, (bytes) => readByAll(bytes).length === 0),
        { numRuns },
      ),
    );

  test('on 6,000 random bytes', () => {
    expect(failureIn(fc.uint8Array({ maxLength: 120 }), 6_000)).toBeUndefined();
  });

  test('on every truncated message', () => {
    const cut = real.flatMap((bytes) => Array.from(bytes, (_, length) => bytes.slice(0, length)));
    expect(cut.length).toBeGreaterThan(1_000);
    expect(cut.flatMap(readByAll)).toEqual([]);
  });

  test('on 12,000 real messages with bytes changed, lost or added', () => {
    const change = fc.record({ at: fc.nat(), to: fc.nat(255), how: fc.constantFrom('change', 'lose', 'add') });
    const mutated = fc
      .tuple(fc.constantFrom(...real), fc.array(change, { minLength: 1, maxLength: 4 }))
      .map(([bytes, changes]) => {
        const list = [...bytes];
        for (const { at, to, how } of changes)
          list.splice(at % (list.length + 1), how === 'add' ? 0 : 1, ...(how === 'lose' ? [] : [to]));
        return Uint8Array.from(list);
      });
    expect(failureIn(mutated, 12_000)).toBeUndefined();
  });

  test('on 4,000 sound CBOR values of the wrong kind', () => {
    const wire = fc.letrec<{ any: Wire }>((tie) => ({
      any: fc.oneof(
        { depthSize: 'small', maxDepth: 3 },
        fc.maxSafeInteger(),
        fc.boolean(),
        fc.constant(null),
        fc.string(),
        fc.uint8Array({ maxLength: 9 }),
        fc.array(tie('any'), { maxLength: 12 }),
        fc
          .array(fc.tuple(fc.integer({ min: 1, max: 12 }), tie('any')), { maxLength: 12 })
          .map((pairs) => new Map(pairs)),
      ),
    })).any;
    expect(
      failureIn(
        wire.map((value) => toCbor(value)),
        4_000,
      ),
    ).toBeUndefined();
  });
});

describe('an older reader', () => {
  const birth = protocol.deviceBirth;
  const bytesWith = (key: number, wire: Wire): Uint8Array => {
    const whole = fromCbor(codecs['device-birth']!.toBytes(samples['device-birth']!['full']));
    return toCbor(new Map(whole.ok ? (whole.value as Map<number, Wire>) : []).set(key, wire));
  };

  test.each<[string, number, Wire, object]>([
    ['a command', 8, [0, 99, 1], { commands: ['connect', 'disconnect'] }],
    ['a capability', 7, [99], { capabilities: [] }],
    ['a manner of reporting', 11, 99, { reporting: 'periodic' }],
    ['a key', 99, 'x', {}],
  ])('keeps a birth with %s it does not know', (_, key, wire, value) => {
    expect(birth.fromBytes(bytesWith(key, wire))).toMatchObject({ ok: true, value });
  });

  test.each<[string, number, Wire, string]>([
    ['a kind of device it does not know', 4, 99, '.kind'],
    ['nonsense among the commands', 8, [0, 'connect'], '.commands[1]'],
    ['nonsense as a limit', 9, new Map([[1, 'much']]), '.limits.ratedPowerW'],
  ])('refuses a birth with %s', (_, key, wire, path) => {
    expect(birth.fromBytes(bytesWith(key, wire))).toMatchObject({ ok: false, path });
  });

  test.each<[string, string, number, Wire, object]>([
    ['believes a death of unknown cause', 'death/will', 2, 99, { ok: true, value: { cause: 'stopped' } }],
    [
      'keeps the place of an event of unknown kind',
      'event/switch',
      5,
      99,
      { ok: true, value: { kind: 'other', seq: 81_236 } },
    ],
    ['shows an unknown alarm as one', 'event/alarm', 8, 99, { ok: true, value: { alarm: 'device-alarm' } }],
    [
      'keeps an acknowledgement with an unknown reason',
      'acknowledgement/refused',
      4,
      999,
      { ok: true, value: { state: 'refused' } },
    ],
    ['believes no unknown state', 'acknowledgement/refused', 2, 99, { ok: false, path: '.state', newer: true }],
    ['refuses an unknown command', 'command/full', 3, 99, { ok: false, path: '.kind' }],
    ['refuses an unknown parameter', 'command/full', 8, new Map([[9, 1]]), { ok: false, path: '.parameters.9' }],
    [
      'refuses an unknown word of a parameter',
      'command/full',
      8,
      new Map([[3, 9]]),
      { ok: false, path: '.parameters.to' },
    ],
    ['refuses parameters that are none', 'command/full', 8, 5, { ok: false, path: '.parameters' }],
    [
      'refuses what it cannot configure',
      'configuration/full',
      2,
      [
        new Map<number, Wire>([
          [1, 'd'],
          [99, 1],
        ]),
      ],
      { ok: false, path: '.devices[0].99' },
    ],
  ])('%s', (_, of, key, wire, result) => {
    const [message = '', sample = ''] = of.split('/');
    const whole = fromCbor(codecs[message]!.toBytes(samples[message]![sample]));
    const map = new Map(whole.ok ? (whole.value as Map<number, Wire>) : []).set(key, wire);
    expect(codecs[message]!.fromBytes(toCbor(map))).toMatchObject(result);
  });

  test('never reads an alarm it cannot name as no alarm, nor a new clock quality as a good one', () => {
    expect(protocol.decodeStatus(toCbor([1, 1, 0, 1_000, 99, 0, 2 ** 30]))).toMatchObject({
      ok: true,
      value: { timeQuality: 'unknown', alarms: ['device-alarm'] },
    });
  });

  test('refuses a status of a kind to come', () => {
    expect(protocol.decodeStatus(toCbor([77, 1, 0]))).toMatchObject({ ok: false, path: '[0]' });
  });
});

describe('the largest of each fits into a message', () => {
  const word = 'w'.repeat(63);
  const { maxDevicesPerGateway, maxHistoryEntries } = protocol;
  const devices = Array.from(
    { length: maxDevicesPerGateway },
    (_, i) => `${word.slice(4)}${String(i).padStart(4, '0')}`,
  );

  test('birth of the largest gateway', () => {
    const value = {
      protocolVersion: 1,
      session: 1,
      timeMs: 1,
      firmware: word,
      deviceIds: devices,
      readOnly: false,
      configurationRevision: 1,
    };
    expect(protocol.gatewayBirth.fromBytes(protocol.gatewayBirth.toBytes(value))).toEqual({ ok: true, value });
  });

  test('its configuration', () => {
    const thresholdsPct = [10, 20, 30, 40, 50, 60, 70, 80.1];
    const each = {
      periodMs: 3_600_000,
      reporting: 'by-exception',
      heartbeatMs: 31_536_000_000,
      thresholdsPct,
      hysteresisPct: 50,
    } as const;
    const value = { revision: 1, devices: devices.map((deviceId) => ({ deviceId, ...each })) };
    expect(protocol.configuration.fromBytes(protocol.configuration.toBytes(value))).toEqual({ ok: true, value });
  });

  test('a history of the longest events; one more is refused', () => {
    const text = 't'.repeat(64);
    const event = {
      ...(samples['event']!['threshold'] as protocol.DeviceEvent),
      from: text,
      to: text,
      point: text,
      alarm: 'switch-failure',
    } as const;
    const entry = { of: 'event' as const, bytes: protocol.event.toBytes(event) };
    const entries = Array.from({ length: maxHistoryEntries }, () => entry);
    const read = protocol.decodeHistory(protocol.encodeHistory(entries));
    expect(read.ok && read.value.entries.length).toBe(maxHistoryEntries);
    expect(() => protocol.encodeHistory([...entries, entry])).toThrow(RangeError);
  });
});

test('a history counts what it cannot read', () => {
  const good = codecs['status-aas']!.toBytes(samples['status-aas']!['bare']);
  const wire: Wire = [10, 0, good, 0, Uint8Array.of(1, 2), 1, good, 7, good, 0, 'text', 0];
  expect(protocol.decodeHistory(toCbor(wire))).toMatchObject({
    ok: true,
    value: { unreadable: 5, entries: [{ of: 'status' }] },
  });
});
