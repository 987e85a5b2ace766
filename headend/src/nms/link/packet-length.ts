/**
 * Follows the packets in an MQTT byte stream by their fixed headers alone, and says when one is longer than allowed before
 * it has been buffered: the codec has no bound of its own and would collect up to 256 MB a connection (MQTT 3.1.1, 2.2.3).
 */
export type PacketCursor = {
  /** Bytes of the current packet still to come. */
  remaining: number;
  /** Undefined outside the length field; else what has been read of it. */
  length: { value: number; shift: number } | undefined;
  /** How many have begun. */
  packets: number;
};

export const startOfStream: PacketCursor = { remaining: 0, length: undefined, packets: 0 };

export type LengthVerdict = 'fits' | 'too-long' | 'malformed';

/** Advances `cursor` in place over `chunk`; costs one step a packet, not a byte. `maxPacketBytes` bounds the remaining length. */
export function followPackets(cursor: PacketCursor, chunk: Uint8Array, maxPacketBytes: number): LengthVerdict {
  let at = 0;
  while (at < chunk.length) {
    if (cursor.length === undefined) {
      if (cursor.remaining > 0) {
        const step = Math.min(cursor.remaining, chunk.length - at);
        cursor.remaining -= step;
        at += step;
      } else {
        cursor.packets += 1;
        cursor.length = { value: 0, shift: 0 }; // the first byte, type and flags, is the codec's to judge
        at += 1;
      }
      continue;
    }
    const byte = chunk[at] ?? 0;
    at += 1;
    cursor.length.value += (byte & 0x7f) << cursor.length.shift;
    cursor.length.shift += 7;
    if ((byte & 0x80) === 0) {
      if (cursor.length.value > maxPacketBytes) return 'too-long';
      cursor.remaining = cursor.length.value;
      cursor.length = undefined;
    } else if (cursor.length.shift >= 28) return 'malformed'; // at most four bytes of length
  }
  return 'fits';
}
