/** An RTU frame: unit, protocol data unit, CRC (low byte first). Source: Modbus over serial line V1.02, clause 2.5.1. */
export function rtuFrame(unit: number, pdu: Uint8Array): Uint8Array {
  const frame = new Uint8Array(pdu.length + 3);
  frame[0] = unit;
  frame.set(pdu, 1);
  const crc = crc16(frame.subarray(0, -2));
  frame[frame.length - 2] = crc & 0xff;
  frame[frame.length - 1] = crc >> 8;
  return frame;
}

/** The unit and PDU of a whole frame; `undefined` where it is too short or its CRC is wrong. */
export function parseRtuFrame(frame: Uint8Array): { unit: number; pdu: Uint8Array } | undefined {
  const [unit] = frame;
  if (unit === undefined || frame.length < 4 || frame.length > maxRtuFrameBytes) return undefined;
  const crc = crc16(frame.subarray(0, -2));
  if (frame.at(-2) !== (crc & 0xff) || frame.at(-1) !== crc >> 8) return undefined;
  return { unit, pdu: frame.subarray(1, -2) };
}

export const maxRtuFrameBytes = 256;

/** CRC-16/MODBUS: polynomial 0xA001 reflected, start 0xFFFF. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

/**
 * How long the request frame that begins with these bytes is, CRC included: a number of bytes, `more` where the bytes do not
 * tell yet, or `by-silence` for a function code whose length only the pause after it tells.
 */
export function requestFrameLength(bytes: Uint8Array): number | 'more' | 'by-silence' {
  const functionCode = bytes[1];
  if (functionCode === undefined) return 'more';
  if (functionCode >= 1 && functionCode <= 6) return 8;
  if (functionCode === 22) return 10;
  if (functionCode === 15 || functionCode === 16) return withByteCount(bytes, 6);
  if (functionCode === 23) return withByteCount(bytes, 10);
  return 'by-silence';
}

function withByteCount(bytes: Uint8Array, at: number): number | 'more' {
  const byteCount = bytes[at];
  return byteCount === undefined ? 'more' : at + 1 + byteCount + 2;
}

/** Start bit, eight data bits, parity or second stop bit, stop bit: 11 bits whatever the parity. */
export const bitsPerCharacter = 11;

export function characterMs(baudRate: number): number {
  return (bitsPerCharacter * 1000) / baudRate;
}

/** The silence between frames: 3.5 characters, and 1.75 ms above 19200 baud (Modbus over serial line, clause 2.5.1.1). */
export function t35Ms(baudRate: number): number {
  return baudRate > 19_200 ? 1.75 : 3.5 * characterMs(baudRate);
}

/** What an exchange costs on the wire at least: request, t3.5, turnaround, reply, t3.5. */
export function exchangeMs(baudRate: number, requestBytes: number, replyBytes: number, turnaroundMs = 0): number {
  return (requestBytes + replyBytes) * characterMs(baudRate) + 2 * t35Ms(baudRate) + turnaroundMs;
}
