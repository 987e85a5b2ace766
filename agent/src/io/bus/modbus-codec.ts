import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { isBitTable, type WireRequest } from './expectation.ts';

export type Answer =
  | { kind: 'value'; words: readonly number[] }
  | { kind: 'exception'; code: number }
  | { kind: 'unreadable'; say: string };

/**
 * Requests and replies in bytes, by modbus-serial. The library gets a port that is no port: what it writes comes out of
 * `encode`, and it only ever sees frames that already match the request by unit, function, length, CRC and echo. So its
 * defects (no time-out, replies taken for each other, ports left open) have nothing to act on.
 */
export class ModbusCodec {
  readonly #port = new FramePort();
  readonly #client: Client;
  #answer: Answer | undefined;

  constructor(library: ModbusLibrary) {
    this.#client = new library(this.#port);
    // Only registers the library's listeners: the port's `open` does nothing.
    this.#client.open(() => undefined);
  }

  /** Unit, PDU and CRC of the request. The reply to it, and to no earlier one, may then be given to `decode`. */
  encode(request: WireRequest): Uint8Array {
    const next: Next = (error, result) => {
      this.#answer = error ? failure(error) : { kind: 'value', words: wordsOf(request, result) };
    };
    this.#answer = undefined;
    this.#port.written = undefined;
    ask(this.#client, request, next);
    if (this.#port.written === undefined) throw new Error(`modbus-serial sent nothing for ${JSON.stringify(request)}`);
    return this.#port.written;
  }

  decode(frame: Uint8Array): Answer {
    this.#port.emit('data', Buffer.from(frame));
    return this.#answer ?? { kind: 'unreadable', say: 'modbus-serial gave no result' };
  }
}

/** Loads modbus-serial when the first bus starts, and without the part that would load the serial port's native code. */
export function loadModbusLibrary(): ModbusLibrary {
  const require = createRequire(import.meta.url);
  // modbus-serial loads its own serial ports whether they are used or not: 8 MB for nothing on a gateway with TCP only.
  for (const unused of ['modbus-serial/ports/rtubufferedport.js', 'modbus-serial/servers/serverserial.js']) {
    const file = require.resolve(unused);
    require.cache[file] ??= Object.assign(Object.create(null), { id: file, filename: file, loaded: true, exports: {} });
  }
  return require('modbus-serial') as ModbusLibrary;
}

type Next = (error: (Error & { modbusCode?: number }) | null, result: { data?: readonly (number | boolean)[] }) => void;

interface Client {
  open(done: () => void): void;
  writeFC1(unit: number, address: number, quantity: number, next: Next): void;
  writeFC2(unit: number, address: number, quantity: number, next: Next): void;
  writeFC3(unit: number, address: number, quantity: number, next: Next): void;
  writeFC4(unit: number, address: number, quantity: number, next: Next): void;
  writeFC5(unit: number, address: number, on: boolean, next: Next): void;
  writeFC6(unit: number, address: number, word: number, next: Next): void;
  writeFC15(unit: number, address: number, on: readonly boolean[], next: Next): void;
  writeFC16(unit: number, address: number, words: readonly number[], next: Next): void;
}

export type ModbusLibrary = new (port: EventEmitter) => Client;

function ask(client: Client, request: WireRequest, next: Next): void {
  const { unit, address } = request;
  if (request.kind === 'read') {
    switch (request.table) {
      case 'coil':
        return client.writeFC1(unit, address, request.quantity, next);
      case 'discrete':
        return client.writeFC2(unit, address, request.quantity, next);
      case 'holding':
        return client.writeFC3(unit, address, request.quantity, next);
      case 'input':
        return client.writeFC4(unit, address, request.quantity, next);
    }
  }
  switch (request.functionCode) {
    case 5:
      return client.writeFC5(unit, address, request.words[0] === 1, next);
    case 6:
      return client.writeFC6(unit, address, request.words[0]!, next);
    case 15:
      return client.writeFC15(
        unit,
        address,
        request.words.map((word) => word === 1),
        next,
      );
    case 16:
      return client.writeFC16(unit, address, request.words, next);
  }
}

function wordsOf(request: WireRequest, result: { data?: readonly (number | boolean)[] }): readonly number[] {
  if (request.kind === 'write') return [];
  const data = result.data ?? [];
  // Bit replies come in whole bytes: the bits after the last one asked for mean nothing.
  return isBitTable(request.table) ? data.slice(0, request.quantity).map(Number) : (data as readonly number[]);
}

function failure(error: Error & { modbusCode?: number }): Answer {
  return error.modbusCode === undefined
    ? { kind: 'unreadable', say: error.message }
    : { kind: 'exception', code: error.modbusCode };
}

/** Stands where modbus-serial expects a port. */
class FramePort extends EventEmitter {
  readonly isOpen = true;
  written: Uint8Array | undefined;

  open(done: () => void): void {
    done();
  }

  write(frame: Uint8Array): void {
    this.written = frame;
  }
}
