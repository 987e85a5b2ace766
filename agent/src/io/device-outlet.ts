import type { Acknowledgement, Death, DeviceBirth, TimeQuality } from '@tiepoint/protocol';

/** Where a device's words go. `stamp` is asked at the moment of sending, so that a message carries the session it is sent in. */
export type DeviceOutlet = {
  readonly session: number;
  readonly timeQuality: TimeQuality;
  birth(birth: DeviceBirth): void;
  death(death: Omit<Death, 'session'>): void;
  status(bytes: Uint8Array): void;
  event(bytes: Uint8Array): void;
  acknowledgement(ack: Acknowledgement): void;
};
