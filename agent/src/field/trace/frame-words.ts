import type { Table } from '../../io/bus/bus.ts';
import { exceptionNames } from '../../io/bus/failure-words.ts';
import { modbusFunctions } from './modbus-functions.ts';

/** What a frame says. `address` is the 0-based protocol address; of a reply to a read it is that of its request. */
export type FrameWords = {
  readonly unit: number;
  readonly functionCode: number;
  readonly function: string;
  readonly role: FrameRole;
  readonly table?: Table;
  readonly address?: number;
  readonly quantity?: number;
  /** Registers, or 0 and 1 for bits; absent where the frame carries none. */
  readonly values?: readonly number[];
  readonly exception?: { readonly code: number; readonly name: string };
  /** All of it, for people. */
  readonly say: string;
};

export type FrameRole = 'request' | 'reply' | 'exception';

/**
 * A frame in words. `frame` is unit and PDU, without CRC or TCP header. `request`: the frame that a reply answers, which alone knows
 * the address. A frame too short for what it claims to be says so; nothing is made up.
 */
export function frameWords(frame: Uint8Array, role: 'request' | 'reply', request?: Uint8Array): FrameWords {
  const [unit = 0, code = 0] = frame;
  const functionCode = code & 0x7f;
  const known = modbusFunctions[functionCode];
  const name = known?.name ?? `function ${functionCode}`;
  const common = { unit, functionCode, function: name };
  if (code > 0x80) return exceptionWords(common, frame);
  const content = contentOf(frame, role, request);
  if (content === undefined)
    return { ...common, role, say: `unit ${unit} ${name}${known?.table === undefined ? '' : ', cut short'}` };
  const table = known?.table;
  const { address, quantity, values } = content;
  return {
    ...common,
    role,
    ...(table === undefined ? {} : { table }),
    ...(address === undefined ? {} : { address }),
    ...(quantity === undefined ? {} : { quantity }),
    ...(values === undefined ? {} : { values }),
    say: [`unit ${unit} ${name}`, placeWords(content), valueWords(values)].filter((part) => part !== '').join(' '),
  };
}

type Content = { address?: number; quantity?: number; values?: readonly number[] };

function exceptionWords(common: Pick<FrameWords, 'unit' | 'functionCode' | 'function'>, frame: Uint8Array): FrameWords {
  const code = frame[2];
  const exception = code === undefined ? undefined : { code, name: exceptionNames[code] ?? 'not in the standard' };
  const said = exception === undefined ? 'cut short' : `${exception.code} (${exception.name})`;
  return {
    ...common,
    role: 'exception',
    ...(exception === undefined ? {} : { exception }),
    say: `unit ${common.unit} ${common.function}: exception ${said}`,
  };
}

function contentOf(frame: Uint8Array, role: 'request' | 'reply', request: Uint8Array | undefined): Content | undefined {
  const functionCode = frame[1] ?? 0;
  switch (functionCode) {
    case 1:
    case 2:
    case 3:
    case 4:
      return role === 'request' ? addressed(frame) : readReply(frame, request);
    case 5:
    case 6: {
      const [address, value] = [word(frame, 2), word(frame, 4)];
      if (address === undefined || value === undefined) return undefined;
      return { address, quantity: 1, values: [functionCode === 5 ? Number(value === 0xff00) : value] };
    }
    case 15:
    case 16:
      return role === 'request' ? writeRequest(frame) : addressed(frame);
    default:
      return undefined;
  }
}

function addressed(frame: Uint8Array): Content | undefined {
  const [address, quantity] = [word(frame, 2), word(frame, 4)];
  return address === undefined || quantity === undefined ? undefined : { address, quantity };
}

function readReply(frame: Uint8Array, request: Uint8Array | undefined): Content | undefined {
  const [, functionCode = 0, count] = frame;
  if (count === undefined || frame.length < 3 + count) return undefined;
  const bytes = frame.subarray(3, 3 + count);
  const asked = request?.[1] === functionCode && request[0] === frame[0] ? addressed(request) : undefined;
  const bits = functionCode <= 2;
  const inReply = bits ? 8 * count : Math.floor(count / 2);
  const isAnswer =
    asked?.quantity !== undefined && (bits ? Math.ceil(asked.quantity / 8) === count : asked.quantity === inReply);
  const quantity = isAnswer ? asked.quantity! : inReply;
  const values = bits ? bitsOf(bytes, quantity) : wordsOf(bytes, quantity);
  return { quantity, values, ...(isAnswer ? { address: asked.address! } : {}) };
}

function writeRequest(frame: Uint8Array): Content | undefined {
  const place = addressed(frame);
  const count = frame[6];
  if (place?.quantity === undefined || count === undefined || frame.length < 7 + count) return undefined;
  const bytes = frame.subarray(7, 7 + count);
  return { ...place, values: frame[1] === 15 ? bitsOf(bytes, place.quantity) : wordsOf(bytes, place.quantity) };
}

const word = (frame: Uint8Array, at: number): number | undefined =>
  frame[at + 1] === undefined ? undefined : (frame[at]! << 8) | frame[at + 1]!;

const wordsOf = (bytes: Uint8Array, quantity: number): number[] =>
  Array.from({ length: Math.min(quantity, Math.floor(bytes.length / 2)) }, (_, n) => word(bytes, 2 * n)!);

const bitsOf = (bytes: Uint8Array, quantity: number): number[] =>
  Array.from({ length: Math.min(quantity, 8 * bytes.length) }, (_, n) => (bytes[n >> 3]! >> (n & 7)) & 1);

function placeWords({ address, quantity }: Content): string {
  if (address === undefined) return quantity === undefined ? '' : `(${quantity} values, of an unknown address)`;
  return quantity === undefined || quantity === 1 ? `${address}` : `${address}–${address + quantity - 1}`;
}

const shownAtMost = 16;

function valueWords(values: readonly number[] | undefined): string {
  if (values === undefined) return '';
  const more = values.length > shownAtMost ? ` … ${values.length - shownAtMost} more` : '';
  return `= ${values.slice(0, shownAtMost).join(' ')}${more}`;
}
