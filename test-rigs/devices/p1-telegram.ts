/** Objects of a telegram by OBIS code, as they stand between the brackets: `{ '1-0:1.7.0': '00.428*kW' }`. */
export type P1Objects = Readonly<Record<string, string>>;

/** The bytes of one telegram, with the CRC counted by a table of its own. */
export function telegramOf(objects: P1Objects, checksum: 'crc16' | 'none' = 'crc16'): string {
  const lines = Object.entries(objects).map(([code, content]) => `${code}(${content})\r\n`);
  const body = `/TIE5\\Emulated P1 meter\r\n\r\n${lines.join('')}!`;
  return checksum === 'none' ? `${body}\r\n` : `${body}${crcText(body)}\r\n`;
}

const crcTable = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0xa001 : 0);
  return crc;
});

function crcText(body: string): string {
  const crc = Buffer.from(body, 'latin1').reduce((sum, byte) => (sum >>> 8) ^ crcTable[(sum ^ byte) & 0xff]!, 0);
  return crc.toString(16).toUpperCase().padStart(4, '0');
}
