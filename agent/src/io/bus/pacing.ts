import type { BusSettings } from './bus.ts';
import type { Pacing } from './exchange.ts';

/**
 * Time-outs and silences of one bus. t3.5 is 3.5 characters of 11 bits, and fixed at 1.75 ms above 19 200 baud (Modbus over
 * Serial Line 1.02, 2.5.1.1). Where a gateway keeps the line and its baud rate is not told, only the shortest one is kept.
 */
export function pacingOf(settings: BusSettings): Pacing {
  const { timeoutMs = 1_000 } = settings;
  if (settings.kind === 'tcp' || settings.kind === 'p1' || settings.kind === 'p1-over-tcp')
    return { timeoutMs, silenceMs: undefined, characterMs: 0 };
  const { baudRate, turnaroundMs = 0 } = settings;
  const characterMs = baudRate === undefined ? 0 : 11_000 / baudRate;
  const t35Ms = baudRate === undefined || baudRate > 19_200 ? 1.75 : 3.5 * characterMs;
  return { timeoutMs, silenceMs: t35Ms + turnaroundMs, characterMs };
}
