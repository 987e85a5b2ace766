import { crc16 } from '../crc16.ts';

/**
 * A Modbus slave as bytes: takes one request (unit and PDU, with CRC), returns its reply likewise. Every register holds its
 * address's low byte and the generation, which grows with each request: so a reply to another read, or to the same read
 * earlier, shows in its values.
 */
export class FakeDevice {
  generation = 0;
  readonly writes: { functionCode: number; address: number; words: number[] }[] = [];
  /** Reads that touch a register from here on are answered with exception 2. */
  endAddress = 65_536;
  maxQuantity = 125;
  /** Registers of one value, from address 0 on: a read of half a value is answered with exception 2. */
  valueWords = 1;

  /** The reply, or undefined to a function it does not know. */
  answer(frame: Uint8Array): Uint8Array | undefined {
    const [unit = 0, functionCode = 0] = frame;
    const address = word(frame, 2);
    const quantity = word(frame, 4);
    this.generation++;
    if (functionCode === 3 || functionCode === 4) {
      if (quantity > this.maxQuantity) return withCrc([unit, functionCode | 0x80, 3]);
      if (address + quantity > this.endAddress) return withCrc([unit, functionCode | 0x80, 2]);
      if ((address + quantity) % this.valueWords !== 0) return withCrc([unit, functionCode | 0x80, 2]);
      const words = Array.from({ length: quantity }, (_, n) => registerOf(address + n, this.generation));
      return withCrc([unit, functionCode, quantity * 2, ...words.flatMap((w) => [w >> 8, w & 0xff])]);
    }
    if (functionCode === 1 || functionCode === 2) {
      const bytes = Array.from({ length: Math.ceil(quantity / 8) }, (_, n) => (address + n) & 0xff);
      return withCrc([unit, functionCode, bytes.length, ...bytes]);
    }
    if (functionCode === 5 || functionCode === 6) {
      this.writes.push({ functionCode, address, words: [quantity] });
      return withCrc([...frame.subarray(0, 6)]);
    }
    if (functionCode === 15 || functionCode === 16) {
      const words = functionCode === 16 ? Array.from({ length: quantity }, (_, n) => word(frame, 7 + 2 * n)) : [];
      this.writes.push({ functionCode, address, words });
      return withCrc([...frame.subarray(0, 6)]);
    }
    return withCrc([unit, functionCode | 0x80, 1]);
  }
}

export const registerOf = (address: number, generation: number): number =>
  ((address & 0xff) << 8) | (generation & 0xff);

export function withCrc(bytes: readonly number[]): Uint8Array {
  const crc = crc16(Uint8Array.from(bytes));
  return Uint8Array.from([...bytes, crc & 0xff, crc >> 8]);
}

/** A read reply of `words`. */
export const readReply = (unit: number, functionCode: number, words: readonly number[]): Uint8Array =>
  withCrc([unit, functionCode, words.length * 2, ...words.flatMap((w) => [w >> 8, w & 0xff])]);

const word = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
