import {
  type ExceptionCode,
  type RegisterImage,
  type RegisterTable,
  type WriteResult,
  isBitTable,
} from './register-image.ts';

/**
 * The answer of one device to one request, both as protocol data units (function code and data, no unit, no CRC).
 * Serves function codes 1–6, 15, 16, 22 and 23; every other gets exception 1. A request whose length does not fit its
 * function gets exception 3. Never throws on any bytes. Source: Modbus application protocol V1.1b3, clause 6.
 */
export function answerPdu(image: RegisterImage, request: Uint8Array): Uint8Array {
  const functionCode = request[0] ?? 0;
  const serve = services[functionCode];
  if (serve === undefined) return exceptionPdu(functionCode, 1);
  const answer = serve(image, new DataView(request.buffer, request.byteOffset, request.byteLength));
  if (typeof answer === 'number') return exceptionPdu(functionCode, answer);
  return Uint8Array.of(functionCode, ...answer);
}

export function exceptionPdu(functionCode: number, exception: ExceptionCode): Uint8Array {
  return Uint8Array.of((functionCode | 0x80) & 0xff, exception);
}

/** The addresses a request reads or writes, as far as its bytes tell; used to aim faults at registers. */
export function extentsOf(request: Uint8Array): readonly Extent[] {
  const view = new DataView(request.buffer, request.byteOffset, request.byteLength);
  const functionCode = request[0] ?? 0;
  const table = tableOf[functionCode];
  if (table === undefined || request.length < 5) return [];
  const counted = functionCode <= 4 || functionCode >= 15;
  const count = functionCode === 22 || !counted ? 1 : view.getUint16(3);
  const first = { table, address: view.getUint16(1), count };
  if (functionCode !== 23 || request.length < 9) return [first];
  return [first, { table, address: view.getUint16(5), count: view.getUint16(7) }];
}

export type Extent = { table: RegisterTable; address: number; count: number };

type Service = (image: RegisterImage, request: DataView) => (ArrayLike<number> & Iterable<number>) | ExceptionCode;

const tableOf: Readonly<Record<number, RegisterTable>> = {
  1: 'coil',
  2: 'discrete',
  3: 'holding',
  4: 'input',
  5: 'coil',
  6: 'holding',
  15: 'coil',
  16: 'holding',
  22: 'holding',
  23: 'holding',
};

const services: Readonly<Record<number, Service>> = {
  1: (image, request) => readTable(image, 'coil', request),
  2: (image, request) => readTable(image, 'discrete', request),
  3: (image, request) => readTable(image, 'holding', request),
  4: (image, request) => readTable(image, 'input', request),
  5: writeSingleCoil,
  6: writeSingleRegister,
  15: writeCoils,
  16: writeRegisters,
  22: maskWriteRegister,
  23: readWriteRegisters,
};

function readTable(image: RegisterImage, table: RegisterTable, request: DataView): number[] | ExceptionCode {
  if (request.byteLength !== 5) return 3;
  const result = image.read(table, request.getUint16(1), request.getUint16(3));
  if (!result.ok) return result.exception;
  const data = isBitTable(table) ? packBits(result.words) : wordBytes(result.words);
  return [data.length, ...data];
}

function writeSingleCoil(image: RegisterImage, request: DataView): number[] | ExceptionCode {
  if (request.byteLength !== 5) return 3;
  const value = request.getUint16(3);
  if (value !== 0x0000 && value !== 0xff00) return 3;
  return echo(image.write('coil', request.getUint16(1), [value === 0 ? 0 : 1]), request);
}

function writeSingleRegister(image: RegisterImage, request: DataView): number[] | ExceptionCode {
  if (request.byteLength !== 5) return 3;
  return echo(image.write('holding', request.getUint16(1), [request.getUint16(3)]), request);
}

function writeCoils(image: RegisterImage, request: DataView): number[] | ExceptionCode {
  if (request.byteLength < 6) return 3;
  const count = request.getUint16(3);
  const byteCount = request.getUint8(5);
  if (byteCount !== Math.ceil(count / 8) || request.byteLength !== 6 + byteCount) return 3;
  const bits = Array.from({ length: count }, (_, i) => (request.getUint8(6 + (i >> 3)) >> (i & 7)) & 1);
  return echo(image.write('coil', request.getUint16(1), bits), request);
}

function writeRegisters(image: RegisterImage, request: DataView): number[] | ExceptionCode {
  if (request.byteLength < 6) return 3;
  const words = countedWords(request, 3, 5);
  if (words === undefined) return 3;
  return echo(image.write('holding', request.getUint16(1), words), request);
}

function maskWriteRegister(image: RegisterImage, request: DataView): number[] | ExceptionCode {
  if (request.byteLength !== 7) return 3;
  const address = request.getUint16(1);
  const before = image.read('holding', address, 1);
  if (!before.ok) return before.exception;
  const andMask = request.getUint16(3);
  const orMask = request.getUint16(5);
  const after = ((before.words[0] ?? 0) & andMask) | (orMask & ~andMask & 0xffff);
  const result = image.write('holding', address, [after]);
  return result.ok ? requestBytes(request, 7) : result.exception;
}

/** Clause 6.17: the write is done before the read. Both are checked before the write, so a refusal has changed nothing. */
function readWriteRegisters(image: RegisterImage, request: DataView): number[] | ExceptionCode {
  if (request.byteLength < 10) return 3;
  const readAddress = request.getUint16(1);
  const readCount = request.getUint16(3);
  const words = countedWords(request, 7, 9);
  if (words === undefined || words.length > 121) return 3;
  const readable = image.read('holding', readAddress, readCount);
  if (!readable.ok) return readable.exception;
  const written = image.write('holding', request.getUint16(5), words);
  if (!written.ok) return written.exception;
  const result = image.read('holding', readAddress, readCount);
  if (!result.ok) return result.exception;
  return [result.words.length * 2, ...wordBytes(result.words)];
}

/** The words at the end of a request, whose count stands at `countAt` and byte count at `byteCountAt`. */
function countedWords(request: DataView, countAt: number, byteCountAt: number): number[] | undefined {
  const count = request.getUint16(countAt);
  const byteCount = request.getUint8(byteCountAt);
  const from = byteCountAt + 1;
  if (byteCount !== count * 2 || request.byteLength !== from + byteCount) return undefined;
  return Array.from({ length: count }, (_, i) => request.getUint16(from + i * 2));
}

/** Functions 5, 6, 15 and 16 answer with the first four data bytes of the request. */
function echo(result: WriteResult, request: DataView): number[] | ExceptionCode {
  return result.ok ? requestBytes(request, 5) : result.exception;
}

function requestBytes(request: DataView, end: number): number[] {
  return Array.from({ length: end - 1 }, (_, i) => request.getUint8(i + 1));
}

function packBits(bits: readonly number[]): number[] {
  const bytes = Array.from({ length: Math.ceil(bits.length / 8) }, () => 0);
  for (const [i, bit] of bits.entries()) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (bit << (i & 7));
  return bytes;
}

function wordBytes(words: readonly number[]): number[] {
  return words.flatMap((word) => [word >> 8, word & 0xff]);
}
