import type { Acknowledgement, Measured } from '@tiepoint/protocol';

/** Who looks on while the gateway works, as a commissioning does. */
export type GatewayWitness = {
  acknowledged(deviceId: string, ack: Acknowledgement): void;
  looked(deviceId: string, measured: Measured, atMs: number): void;
};
