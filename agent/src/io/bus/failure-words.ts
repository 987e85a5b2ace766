import type { BusFailure, BusResult, ModbusSettings } from './bus.ts';

/**
 * What became of the request that failed: read; write that never left; write that left, so that the device may have taken it.
 */
export type Fate = 'read' | 'write-unsent' | 'write-sent';

/** The failure with its sentence: what is wrong, where, what to do. */
export function failed(
  failure: BusFailure,
  { bus, kind, unit, fate, connectionSay }: FailedAt,
): BusResult<never> & { ok: false } {
  const where = `bus ${bus}, unit ${unit}`;
  return {
    ok: false,
    ...failure,
    say: `${where}: ${cause(failure, kind, connectionSay)}${consequence(failure, fate)}`,
  };
}

type FailedAt = {
  readonly bus: string;
  readonly kind: ModbusSettings['kind'];
  readonly unit: number;
  readonly fate: Fate;
  readonly connectionSay: string;
};

/** What may be wrong where nobody answers: a network has no baud rate, and its wiring carried the connection. */
const silences: Readonly<Record<ModbusSettings['kind'], string>> = {
  rtu: 'Wiring, power, unit number, baud rate or parity?',
  'rtu-over-tcp':
    'The serial server answers, the device does not: wiring, power, unit number, or the baud rate and parity that are set in the server?',
  tcp: 'The connection stands: is it the unit number (often 1 or 255), or a gateway whose device is off?',
};

const strangeReplies: Readonly<Record<ModbusSettings['kind'], string>> = {
  rtu: 'Two devices with one number, noise, missing termination, or parity?',
  'rtu-over-tcp': 'Two devices with one number, noise, missing termination, or parity?',
  tcp: 'Does it speak Modbus TCP, or RTU frames over TCP (a bus of kind rtu-over-tcp)?',
};

function cause(failure: BusFailure, kind: ModbusSettings['kind'], connectionSay: string): string {
  switch (failure.reason) {
    case 'timeout':
      return `no reply within the time-out. ${silences[kind]}`;
    case 'exception':
      return `the device answered with Modbus exception ${failure.code} (${exceptionNames[failure.code] ?? 'not in the standard'}).`;
    case 'backed-off':
      return 'no reply lately; it is asked again when its pause is over.';
    case 'disconnected':
      return `the port is not open${connectionSay === '' ? '' : ` (${connectionSay})`}; it is opened again by itself.`;
    case 'garbled':
      return `something came that is no correct reply. ${strangeReplies[kind]}`;
    case 'held-back':
      return 'not asked for up to two seconds: a reply of the same length was lost, and a late one could be taken for the new one.';
    case 'echo-mismatch':
      return 'the device echoed another address or value than was written.';
    case 'queue-full':
      return 'too many calls wait for this bus; fewer points, longer periods or another bus would help.';
    case 'called-off':
      return 'it was called off before its turn came.';
    case 'stopped':
      return 'the bus is stopped.';
    case 'read-only':
      return 'this bus is set to read only; nothing was written.';
  }
}

function consequence({ reason }: BusFailure, fate: Fate): string {
  if (reason === 'read-only' || fate === 'read') return '';
  if (fate === 'write-unsent') return ' Nothing was written.';
  return reason === 'exception' ? '' : ' The device may have taken the write: measure before it is repeated.';
}

/** The exception codes of Modbus (Application Protocol 1.1b3, 7). */
export const exceptionNames: Readonly<Record<number, string>> = {
  1: 'function not supported',
  2: 'no such address',
  3: 'value or quantity not allowed',
  4: 'device failure',
  5: 'accepted, still working on it',
  6: 'device busy',
  8: 'memory parity error',
  10: 'gateway has no path to it',
  11: 'gateway got no answer from it',
};
