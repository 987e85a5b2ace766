import type { DeviceKind } from '@tiepoint/protocol';
import type { FoundModel, ResolvedSource, Span } from './device-model.ts';
import type { FixedSource, Point, SunSpecSource, WordType } from './profile.ts';
import { wordsOf } from './raw-words.ts';
import { findModel } from './sunspec/models.ts';
import type { SunSpecType } from './sunspec/notation.ts';

/** How SunSpec's types lie in words, and which raw values mean "not implemented". Floats are so when not finite, texts when empty. */
const sunspecTypes: Record<SunSpecType, { type: WordType; notImplemented: readonly bigint[] }> = {
  int16: { type: 'int16', notImplemented: [0x8000n] },
  sunssf: { type: 'int16', notImplemented: [0x8000n] },
  pad: { type: 'int16', notImplemented: [0x8000n] },
  uint16: { type: 'uint16', notImplemented: [0xffffn] },
  count: { type: 'uint16', notImplemented: [0xffffn] },
  enum16: { type: 'uint16', notImplemented: [0xffffn] },
  bitfield16: { type: 'uint16', notImplemented: [0xffffn] },
  int32: { type: 'int32', notImplemented: [0x8000_0000n] },
  uint32: { type: 'uint32', notImplemented: [0xffff_ffffn] },
  enum32: { type: 'uint32', notImplemented: [0xffff_ffffn] },
  bitfield32: { type: 'uint32', notImplemented: [0xffff_ffffn] },
  acc32: { type: 'uint32', notImplemented: [0n] },
  float32: { type: 'float32', notImplemented: [] },
  int64: { type: 'int64', notImplemented: [0x8000_0000_0000_0000n] },
  uint64: { type: 'uint64', notImplemented: [0xffff_ffff_ffff_ffffn] },
  acc64: { type: 'uint64', notImplemented: [0n] },
  string: { type: 'text', notImplemented: [] },
};

export const isSunSpec = (source: FixedSource | SunSpecSource): source is SunSpecSource => 'models' in source;

export function asList<T extends object>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/** Where the point lies in this device, or `undefined` where the device lacks it. `written`: some command writes it. */
export function resolveSource(
  kind: DeviceKind,
  point: Point,
  chain: readonly FoundModel[],
  written: boolean,
): ResolvedSource | undefined {
  const lie = isSunSpec(point.source) ? lieInChain(point.source, chain, written) : lieFixed(point, point.source);
  if (lie === undefined) return undefined;
  const { codes, bit, bitCount, alarmBits, alarmCodes, plausible, singleWrite } = point;
  const optional = { codes, bit, bitCount, alarmBits, alarmCodes, plausible, singleWrite };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { ...lie, ...given, scale: point.scale ?? 1, sign: signOf(kind, point), wordOrder: point.wordOrder ?? 'big' };
}

// Export is positive at an alternative source, import at everything else.
function signOf(kind: DeviceKind, { positive }: Point): 1 | -1 {
  if (positive === undefined) return 1;
  return (kind === 'aas') === (positive === 'export') ? 1 : -1;
}

type Lie = Span & Pick<ResolvedSource, 'type' | 'notImplemented' | 'scaleFactorAddress'>;

function lieFixed(point: Point, { table, address }: FixedSource): Lie {
  const type = point.type ?? (table === 'coil' || table === 'discrete' ? 'bit' : 'uint16');
  const words = wordsOf(type, point.length);
  return { table, address, words, type, notImplemented: fixedNotImplemented(point, words) };
}

function fixedNotImplemented({ notImplemented }: Point, words: number): readonly bigint[] {
  if (notImplemented === undefined || notImplemented === 'nan') return [];
  const values = typeof notImplemented === 'number' ? [notImplemented] : notImplemented;
  return values.map((value) => BigInt.asUintN(16 * words, BigInt(value)));
}

function lieInChain(
  { models, point: name }: SunSpecSource,
  chain: readonly FoundModel[],
  written: boolean,
): Lie | undefined {
  const found = models.map((id) => chain.find((model) => model.id === id)).find((model) => model !== undefined);
  const definition = found === undefined ? undefined : findModel(found.id);
  const point = definition?.points.get(name);
  if (found === undefined || definition === undefined || point === undefined) return undefined;
  // Older layouts are shorter: a point past the end is absent. Nothing is written into a layout that is not exactly the known one.
  if (point.offset + point.size > found.length + 2) return undefined;
  if (written && found.length !== definition.length) return undefined;
  const scaleFactor = point.scaleFactor === undefined ? undefined : definition.points.get(point.scaleFactor);
  if (scaleFactor !== undefined && scaleFactor.offset + 1 > found.length + 2) return undefined;
  return {
    table: 'holding',
    address: found.address + point.offset,
    words: point.size,
    ...sunspecTypes[point.type],
    ...(scaleFactor === undefined ? {} : { scaleFactorAddress: found.address + scaleFactor.offset }),
  };
}

/** The spans that a source needs: itself and its scale factor. */
export function spansOf(source: ResolvedSource): readonly Span[] {
  const { table, address, words, scaleFactorAddress } = source;
  const own: Span = { table, address, words };
  return scaleFactorAddress === undefined ? [own] : [own, { table, address: scaleFactorAddress, words: 1 }];
}
