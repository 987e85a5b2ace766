import type { BusStats } from '../../io/bus/bus.ts';

/** Of one bus between two looks. Errors are time-outs, spoilt replies and exceptions. */
export type BusRates = {
  readonly connected: boolean;
  readonly transactionsPerS: number;
  readonly errorsPerS: number;
  readonly errors: number;
  readonly reconnects: number;
};

type Counted = { readonly stats: BusStats; readonly atMs: number };

export function busRates(before: Counted, now: Counted): BusRates {
  const seconds = Math.max(0.001, (now.atMs - before.atMs) / 1000);
  const errors = errorsOf(now.stats);
  return {
    connected: now.stats.connected,
    transactionsPerS: (now.stats.requests - before.stats.requests) / seconds,
    errorsPerS: (errors - errorsOf(before.stats)) / seconds,
    errors,
    reconnects: now.stats.reconnects,
  };
}

const errorsOf = ({ timeouts, crcErrors, exceptions }: BusStats): number => timeouts + crcErrors + exceptions;
