/** The CRC of Modbus RTU over `bytes[from…to)`: polynomial 0xA001, start 0xFFFF. It travels low byte first. */
export function crc16(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = 0xffff;
  for (let at = from; at < to; at++) crc = (crc >> 8) ^ table[(crc ^ bytes[at]!) & 0xff]!;
  return crc;
}

/** Whether `bytes[from…from+length)` ends with its own CRC. */
export function crcFits(bytes: Uint8Array, from: number, length: number): boolean {
  const crcAt = from + length - 2;
  return crc16(bytes, from, crcAt) === (bytes[crcAt]! | (bytes[crcAt + 1]! << 8));
}

const table = Uint16Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  return crc;
});
