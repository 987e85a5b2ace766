import { done, no } from '@tiepoint/protocol';
import type { Result } from '@tiepoint/protocol';
import type { Table } from '../io/bus/bus.ts';
import { textOf } from './field-command.ts';
import type { FieldValues } from './field-command.ts';

const sizes = {
  uint16: 1,
  int16: 1,
  uint32: 2,
  int32: 2,
  float32: 2,
  uint64: 4,
  int64: 4,
  float64: 4,
  text: 0,
  hex: 1,
} as const;
type How = keyof typeof sizes;

export type RawRequest = {
  readonly table: Table;
  readonly address: number;
  /** Registers, or bits. */
  readonly quantity: number;
  readonly as: How;
  readonly order: 'big' | 'little';
};
export type RawValue = { readonly address: number; readonly hex: string; readonly value: number | string | undefined };

/** `--table holding 40000 10 --as float32`; addresses are the protocol's, from 0, also as 0x9C40. COUNT counts registers or bits. */
export function rawRequest(values: FieldValues, positionals: readonly string[]): Result<RawRequest> {
  const table = textOf(values, 'table') ?? '';
  if (table !== 'holding' && table !== 'input' && table !== 'coil' && table !== 'discrete')
    return no('invalid', `--table ${table}: must be holding, input, coil or discrete.`);
  const isBits = table === 'coil' || table === 'discrete';
  const as = textOf(values, 'as') ?? 'uint16';
  if (!isHow(as)) return no('invalid', `--as ${as}: is one of ${Object.keys(sizes).join(', ')}.`);
  const order = textOf(values, 'order') ?? 'big';
  if (order !== 'big' && order !== 'little') return no('invalid', `--order ${order}: is big or little.`);
  const address = whole(positionals[0] ?? '');
  if (address === undefined || address > 0xffff)
    return no(
      'invalid',
      `${positionals[0] ?? 'ADDRESS is missing'}: the address must be a number from 0 to 65535, as the protocol counts.`,
    );
  const quantity = positionals[1] === undefined ? Math.max(1, sizes[as]) : whole(positionals[1]);
  const most = Math.min(isBits ? 2000 : 125, 0x1_0000 - address);
  if (quantity === undefined || quantity < 1 || quantity > most)
    return no(
      'invalid',
      `${positionals[1]}: from 1 to ${most} ${isBits ? 'bits' : 'registers'} can be read at once from there.`,
    );
  if (!isBits && sizes[as] > 0 && quantity % sizes[as] !== 0)
    return no('invalid', `${quantity} registers are no whole number of ${as}, which takes ${sizes[as]}.`);
  return done({ table, address, quantity, as, order });
}

/** The words as values: `undefined` for a float that is no number. Bits are 0 and 1. */
export function rawValues({ table, address, as, order }: RawRequest, words: readonly number[]): readonly RawValue[] {
  if (table === 'coil' || table === 'discrete')
    return words.map((bit, at) => ({ address: address + at, hex: String(bit), value: bit }));
  const size = as === 'text' ? words.length : sizes[as];
  return Array.from({ length: words.length / size }, (_, at) => {
    const own = words.slice(at * size, (at + 1) * size);
    return {
      address: address + at * size,
      hex: own.map(hexOf).join(' '),
      value: valueOf(as, order === 'big' ? own : own.toReversed()),
    };
  });
}

function valueOf(as: How, words: readonly number[]): number | string | undefined {
  const bytes = new DataView(new ArrayBuffer(words.length * 2));
  words.forEach((word, at) => bytes.setUint16(at * 2, word));
  switch (as) {
    case 'uint16':
      return bytes.getUint16(0);
    case 'int16':
      return bytes.getInt16(0);
    case 'uint32':
      return bytes.getUint32(0);
    case 'int32':
      return bytes.getInt32(0);
    case 'uint64':
      return String(bytes.getBigUint64(0));
    case 'int64':
      return String(bytes.getBigInt64(0));
    case 'float32':
      return finite(bytes.getFloat32(0));
    case 'float64':
      return finite(bytes.getFloat64(0));
    case 'text':
      return words
        .flatMap((word) => [word >> 8, word & 0xff])
        .map(printable)
        .join('');
    case 'hex':
      return hexOf(words[0] ?? 0);
  }
}

/** A whole number as people write it, decimal or 0x…; `undefined` for anything else. */
export function whole(text: string): number | undefined {
  return /^(?:\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : undefined;
}

const isHow = (text: string): text is How => Object.hasOwn(sizes, text);
const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);
const hexOf = (word: number): string => word.toString(16).toUpperCase().padStart(4, '0');
const printable = (byte: number): string =>
  byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : byte === 0 ? '' : '.';
