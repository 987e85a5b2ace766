import type { DeviceKind } from '@tiepoint/protocol';
import type { FoundModel, ResolvedSource, Span } from './device-model.ts';
import type { FixedSource, Point, SunSpecSource, WordType } from './profile.ts';
import { wordsOf } from './raw-words.ts';
import { findModel } from './sunspec/models.ts';
import type { SunSpecPoint, SunSpecType } from './sunspec/notation.ts';
import { isExact, pointsAt } from './sunspec/placement.ts';

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

/**
 * Where the point lies in this device: nowhere where the device lacks it, and in several places where its path has `[*]` for every
 * repetition of a group. `written`: some command writes it.
 */
export function resolveSources(
  kind: DeviceKind,
  point: Point,
  chain: readonly FoundModel[],
  written: boolean,
): readonly ResolvedSource[] {
  const lies = isSunSpec(point.source) ? liesInChain(point.source, chain, written) : [lieFixed(point, point.source)];
  const { codes, bit, bitCount, alarmBits, alarmCodes, plausible, singleWrite, orders } = point;
  const optional = { codes, bit, bitCount, alarmBits, alarmCodes, plausible, singleWrite, orders };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  const rest = { scale: point.scale ?? 1, sign: signOf(kind, point), wordOrder: point.wordOrder ?? 'big' } as const;
  return lies.map((lie) => ({ ...lie, ...given, ...rest }));
}

// Export is positive at an alternative source, import at everything else.
function signOf(kind: DeviceKind, { positive }: Point): 1 | -1 {
  if (positive === undefined) return 1;
  return (kind === 'aas') === (positive === 'export') ? 1 : -1;
}

type Lie = Span & Pick<ResolvedSource, 'type' | 'notImplemented' | 'scaleFactorAddress'>;

function lieFixed(point: Point, { table, address }: FixedSource): Lie {
  const type = point.type ?? (table === 'coil' || table === 'discrete' ? 'bit' : 'uint16');
  const words = wordsOfPoint(point);
  return { table, address, words, type, notImplemented: fixedNotImplemented(point, words) };
}

/** Registers, or bits, that a point at a fixed address takes: of orders, those of the first. */
export function wordsOfPoint({ type = 'uint16', length, orders }: Point): number {
  return orders === undefined ? wordsOf(type, length) : (Object.values(orders)[0]?.length ?? 0);
}

function fixedNotImplemented({ notImplemented }: Point, words: number): readonly bigint[] {
  if (notImplemented === undefined || notImplemented === 'nan') return [];
  const values = typeof notImplemented === 'number' ? [notImplemented] : notImplemented;
  return values.map((value) => BigInt.asUintN(16 * words, BigInt(value)));
}

function liesInChain(
  { models, point: path }: SunSpecSource,
  chain: readonly FoundModel[],
  written: boolean,
): readonly Lie[] {
  const found = models.map((id) => chain.find((model) => model.id === id)).find((model) => model !== undefined);
  const definition = found === undefined ? undefined : findModel(found.id);
  if (found === undefined || definition === undefined) return [];
  // Nothing is written into a layout that is not exactly the known one.
  if (written && !isExact(definition, found)) return [];
  return pointsAt(definition, found, path).flatMap((point) => {
    const [scaleFactor] = point.scaleFactor === undefined ? [] : pointsAt(definition, found, point.scaleFactor);
    // Without its scale factor a value is no number.
    if (point.scaleFactor !== undefined && scaleFactor === undefined) return [];
    return [lieOf(found, point, scaleFactor)];
  });
}

function lieOf({ address }: FoundModel, point: SunSpecPoint, scaleFactor: SunSpecPoint | undefined): Lie {
  return {
    table: 'holding',
    address: address + point.offset,
    words: point.size,
    ...sunspecTypes[point.type],
    ...(scaleFactor === undefined ? {} : { scaleFactorAddress: address + scaleFactor.offset }),
  };
}

/** The spans that must be read for a source: itself and its scale factor; none where it takes orders. */
export function spansOf(source: ResolvedSource): readonly Span[] {
  if (source.orders !== undefined) return [];
  const { table, address, words, scaleFactorAddress } = source;
  const own: Span = { table, address, words };
  return scaleFactorAddress === undefined ? [own] : [own, { table, address: scaleFactorAddress, words: 1 }];
}
