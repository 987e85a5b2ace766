import { type FaultKind } from './faults.ts';
import { type RegisterImage } from './register-image.ts';

/** The devices behind one port, by unit number. A caller may add and remove devices while the port serves. */
export type Units = Map<number, RegisterImage>;

/** One request as a server saw it; given to `onExchange` when the device has answered, before the reply is on the wire. */
export type Exchange = {
  unit: number;
  request: Uint8Array;
  /** What the device answered, as a PDU; `undefined` where it stayed silent. Faults of the bytes come after this. */
  reply: Uint8Array | undefined;
  faults: readonly FaultKind[];
};
