import type { WireCost } from '@tiepoint/hardware-profiles';
import type { BusSettings } from './bus/bus.ts';

/** What a read takes on this bus, for the planner. Of RTU over TCP without a baud rate, 9600 is believed. */
export function wireCost(bus: BusSettings): WireCost {
  if (bus.kind === 'tcp') return { perTransactionMs: 3, perRegisterMs: 0.01 };
  // The telegram is here already.
  if (bus.kind === 'p1' || bus.kind === 'p1-over-tcp') return { perTransactionMs: 0.1, perRegisterMs: 0.001 };
  const baudRate = bus.baudRate ?? 9600;
  const characterMs = 11_000 / baudRate;
  // Eight bytes out and five around the data, t3.5 before both frames, and some turnaround of the device.
  return {
    perTransactionMs: 13 * characterMs + 2 * Math.max(1.75, 3.5 * characterMs) + 5,
    perRegisterMs: 2 * characterMs,
  };
}
