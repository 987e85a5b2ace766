import type { BusSettings, ReadRequest, WriteRequest } from './bus.ts';
import { mostOf } from './reply-sync.ts';
import type { WireRequest } from './expectation.ts';

/** Throws RangeError on a read that Modbus cannot express: the caller's bug, nothing that a device could answer. */
export function checkRead(request: ReadRequest, kind: BusSettings['kind']): void {
  checkUnit(request.unit, kind);
  whole('address', request.address, 0, 65_535);
  whole('quantity', request.quantity, 1, mostOf(request));
}

/** The write as it goes on the wire. Throws RangeError on one that Modbus cannot express. */
export function wireWrite(request: WriteRequest, kind: BusSettings['kind']): WireRequest & { kind: 'write' } {
  const { unit, table, address, words } = request;
  checkUnit(unit, kind);
  const single = request.single ?? (table === 'coil' && words.length === 1);
  whole('address', address, 0, 65_535);
  whole('count of words', words.length, 1, Math.min(single ? 1 : table === 'coil' ? 1968 : 123, 65_536 - address));
  for (const word of words) whole(table === 'coil' ? 'coil' : 'word', word, 0, table === 'coil' ? 1 : 0xffff);
  const functionCode = table === 'coil' ? (single ? 5 : 15) : single ? 6 : 16;
  return { kind: 'write', unit, functionCode, address, words: [...words] };
}

// Unit 0 is the broadcast of a serial line: nobody answers it, so nothing could be confirmed.
function checkUnit(unit: number, kind: BusSettings['kind']): void {
  whole('unit', unit, kind === 'tcp' ? 0 : 1, kind === 'tcp' ? 255 : 247);
}

function whole(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`Modbus request: ${what} is ${value}, must be a whole number from ${least} to ${most}`);
}
