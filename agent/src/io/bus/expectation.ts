import type { Table } from './bus.ts';

/** One request as it goes on the wire. */
export type WireRequest =
  | { kind: 'read'; unit: number; table: Table; address: number; quantity: number }
  | { kind: 'write'; unit: number; functionCode: 5 | 6 | 15 | 16; address: number; words: readonly number[] };

/** What the reply to one request must look like. `rtuBytes` counts the whole RTU frame with unit and CRC. */
export type Expectation = {
  unit: number;
  functionCode: number;
  rtuBytes: number;
  /** Reads: the count of data bytes in the reply. */
  byteCount?: number;
  /** Writes: the four bytes after the function code. */
  echo?: readonly [number, number];
};

/** What `request` must be answered with: unit, function, length; of a write also address and value (or quantity). */
export function expectationOf(request: WireRequest): Expectation {
  const { unit, address } = request;
  if (request.kind === 'read') {
    const byteCount = replyByteCount(request.table, request.quantity);
    return { unit, functionCode: readFunction[request.table], rtuBytes: 5 + byteCount, byteCount };
  }
  const { functionCode, words } = request;
  const second = functionCode === 5 ? (words[0] ? 0xff00 : 0) : functionCode === 6 ? words[0]! : words.length;
  return { unit, functionCode, rtuBytes: 8, echo: [address, second] };
}

/** FC1–FC4. */
export const readFunction = { coil: 1, discrete: 2, holding: 3, input: 4 } satisfies Record<Table, number>;

export const isBitTable = (table: Table): boolean => table === 'coil' || table === 'discrete';

/** Two reads are told apart by this alone: a reply carries no address. */
export function replyByteCount(table: Table, quantity: number): number {
  return isBitTable(table) ? Math.ceil(quantity / 8) : quantity * 2;
}

/** Bytes of the RTU frame that carries `request`. */
export function requestRtuBytes(request: WireRequest): number {
  if (request.kind === 'read' || request.functionCode === 5 || request.functionCode === 6) return 8;
  return 9 + (request.functionCode === 15 ? Math.ceil(request.words.length / 8) : request.words.length * 2);
}

/** Whether the frame (unit and PDU, without CRC) answers. `wrong-echo`: a write's own function, another address or value. */
export function judge(expected: Expectation, frame: Uint8Array): 'reply' | 'exception' | 'wrong-echo' | 'other' {
  if (frame[0] !== expected.unit) return 'other';
  if (frame[1] === (expected.functionCode | 0x80)) return frame.length === 3 ? 'exception' : 'other';
  if (frame[1] !== expected.functionCode || frame.length !== expected.rtuBytes - 2) return 'other';
  if (expected.byteCount !== undefined) return frame[2] === expected.byteCount ? 'reply' : 'other';
  const [address, second] = expected.echo!;
  const echoed = ((frame[2]! << 8) | frame[3]!) === address && ((frame[4]! << 8) | frame[5]!) === second;
  return echoed ? 'reply' : 'wrong-echo';
}
