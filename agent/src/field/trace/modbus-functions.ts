import type { Table } from '../../io/bus/bus.ts';

/** What a function code is called, and how long its frames are. Lengths are of RTU frames with unit and CRC. */
export type ModbusFunction = {
  readonly name: string;
  /** Of reads and writes of one table. */
  readonly table?: Table;
  readonly writes?: true;
  /** `undefined`: not told by the bytes so far. `0`: no frame of this function. */
  readonly requestBytes?: (frame: Uint8Array) => number | undefined;
  readonly replyBytes?: (frame: Uint8Array) => number | undefined;
};

const counted = (frame: Uint8Array): number | undefined => (frame[2] === undefined ? undefined : 5 + frame[2]);
const fixed = (bytes: number) => (): number => bytes;
const word = (frame: Uint8Array, at: number): number | undefined =>
  frame[at + 1] === undefined ? undefined : (frame[at]! << 8) | frame[at + 1]!;

/** A read's request of 1 to `most`; anything else is none. */
const readRequest =
  (most: number) =>
  (frame: Uint8Array): number | undefined => {
    const quantity = word(frame, 4);
    return quantity === undefined || (quantity >= 1 && quantity <= most) ? 8 : 0;
  };

const writeRequest =
  (bytesOf: (quantity: number) => number) =>
  (frame: Uint8Array): number | undefined => {
    const [quantity, count] = [word(frame, 4), frame[6]];
    if (quantity === undefined || count === undefined) return undefined;
    return quantity >= 1 && bytesOf(quantity) === count && count <= 246 ? 9 + count : 0;
  };

const coilValue = (frame: Uint8Array): number => {
  const value = word(frame, 4);
  return value === undefined || value === 0 || value === 0xff00 ? 8 : 0;
};

/** Modbus Application Protocol 1.1b3, 6. */
export const modbusFunctions: Readonly<Record<number, ModbusFunction>> = {
  1: { name: 'read coils', table: 'coil', requestBytes: readRequest(2000), replyBytes: counted },
  2: { name: 'read discrete inputs', table: 'discrete', requestBytes: readRequest(2000), replyBytes: counted },
  3: { name: 'read holding registers', table: 'holding', requestBytes: readRequest(125), replyBytes: counted },
  4: { name: 'read input registers', table: 'input', requestBytes: readRequest(125), replyBytes: counted },
  5: { name: 'write single coil', table: 'coil', writes: true, requestBytes: coilValue, replyBytes: coilValue },
  6: { name: 'write single register', table: 'holding', writes: true, requestBytes: fixed(8), replyBytes: fixed(8) },
  7: { name: 'read exception status', requestBytes: fixed(4), replyBytes: fixed(5) },
  8: { name: 'diagnostics', requestBytes: fixed(8), replyBytes: fixed(8) },
  11: { name: 'get comm event counter', requestBytes: fixed(4), replyBytes: fixed(8) },
  12: { name: 'get comm event log', requestBytes: fixed(4), replyBytes: counted },
  15: {
    name: 'write multiple coils',
    table: 'coil',
    writes: true,
    requestBytes: writeRequest((quantity) => Math.ceil(quantity / 8)),
    replyBytes: fixed(8),
  },
  16: {
    name: 'write multiple registers',
    table: 'holding',
    writes: true,
    requestBytes: writeRequest((quantity) => 2 * quantity),
    replyBytes: fixed(8),
  },
  17: { name: 'report server id', requestBytes: fixed(4), replyBytes: counted },
  20: { name: 'read file record', requestBytes: counted, replyBytes: counted },
  21: { name: 'write file record', requestBytes: counted, replyBytes: counted },
  22: { name: 'mask write register', requestBytes: fixed(10), replyBytes: fixed(10) },
  23: {
    name: 'read and write registers',
    requestBytes: (frame) => (frame[10] === undefined ? undefined : 13 + frame[10]),
    replyBytes: counted,
  },
  24: { name: 'read fifo queue', requestBytes: fixed(6) },
  43: { name: 'encapsulated interface', requestBytes: fixed(7) },
};

/** The reply that a request must have; `undefined` where its length is not told by the request. */
export function replyBytesTo(request: Uint8Array): number | undefined {
  const [, functionCode = 0] = request;
  const quantity = word(request, 4);
  if (functionCode === 1 || functionCode === 2) return quantity === undefined ? undefined : 5 + Math.ceil(quantity / 8);
  if (functionCode === 3 || functionCode === 4) return quantity === undefined ? undefined : 5 + 2 * quantity;
  return [5, 6, 8, 15, 16].includes(functionCode) ? 8 : undefined;
}
