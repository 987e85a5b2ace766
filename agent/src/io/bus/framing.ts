import type { Expectation } from './expectation.ts';

/** How frames lie in the stream of bytes. One request is open at a time. */
export interface Framing {
  /** Opens a request: takes unit, PDU and CRC, returns the bytes for the wire. What was received before is forgotten. */
  ask(frame: Uint8Array, expected: Expectation): Uint8Array;
  /** Closes the request: what comes is no longer taken for its reply. */
  close(): void;
  /** Takes in bytes; returns what they completed, in order. */
  receive(bytes: Uint8Array): readonly Received[];
  /** Forgets everything received: the connection is a new one. */
  reset(): void;
  /** How many bytes are held that are no whole frame. */
  held(): number;
}

export type Received =
  /** The answer, with unit and CRC. */
  | { kind: 'answer'; frame: Uint8Array }
  /** Whole and correct, but no answer to the open request. */
  | { kind: 'stale'; unit: number; functionCode: number; rtuBytes: number; wrongEcho: boolean }
  /** An answer to the open request by its transaction id, with wrong content; `echo`: only the echoed address or value is wrong. */
  | { kind: 'wrong'; echo: boolean }
  /** The stream has lost its frame borders and cannot find them again. */
  | { kind: 'desynchronised' };
