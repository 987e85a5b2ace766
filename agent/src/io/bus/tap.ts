import type { Outcome } from './exchange.ts';

/**
 * What passes a port, as it happens, and how the bus judged it: for a technician's trace and for figures of single requests. A gateway
 * taps nothing. The bytes may be used anew after the call.
 */
export type Tapped =
  | { readonly kind: 'opened' | 'lost' }
  /** As it went on the wire: of RTU with CRC, of Modbus TCP with header. */
  | { readonly kind: 'sent'; readonly wire: Uint8Array }
  /** As it came, before it was judged: parts of frames, several frames, noise. */
  | { readonly kind: 'received'; readonly bytes: Uint8Array }
  /** A frame found in what was received. `stale`: whole and correct, but no answer to what is being asked. */
  | {
      readonly kind: 'judged';
      readonly verdict: 'answer' | 'stale' | 'wrong-echo' | 'wrong' | 'desynchronised';
      /** Its length as an RTU frame; absent where only the order tells which frame it is. */
      readonly rtuBytes?: number;
    }
  /** The request is over. `waitedMs`: since it was sent. */
  | { readonly kind: 'settled'; readonly outcome: Outcome['kind']; readonly waitedMs: number };

export type Tap = (tapped: Tapped) => void;
