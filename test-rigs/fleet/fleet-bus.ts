import type {
  BusLifecycle,
  BusResult,
  BusStats,
  ReadRequest,
  WriteBus,
  WriteRequest,
} from '@tiepoint/agent/io/bus/bus.ts';
import type { SimDevice } from '../soak/faults/devices.ts';

/** A bus without a wire: the device behind it answers at once. */
export class FleetBus implements WriteBus, BusLifecycle {
  readonly #device: SimDevice;
  /** Writes that the device was given. */
  writes = 0;

  constructor(device: SimDevice) {
    this.#device = device;
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  async read({ table, address, quantity }: ReadRequest): Promise<BusResult<readonly number[]>> {
    const words = this.#device.read(table, address, quantity, performance.now());
    return 'exception' in words ? refused(words.exception) : { ok: true, value: words };
  }

  async write({ table, address, words }: WriteRequest): Promise<BusResult<void>> {
    this.writes += 1;
    const taken = this.#device.write(table, address, words, performance.now());
    return taken === 'ok' ? { ok: true, value: undefined } : refused(taken.exception);
  }

  stats(): BusStats {
    return {
      connected: true,
      requests: 0,
      ok: 0,
      timeouts: 0,
      crcErrors: 0,
      exceptions: 0,
      resyncs: 0,
      staleDiscarded: 0,
      reconnects: 0,
      refusedWrites: 0,
      queued: 0,
      lastRoundTripMs: undefined,
      busyMs: 0,
      units: {},
    };
  }
}

function refused(code: number): { ok: false; say: string; reason: 'exception'; code: number } {
  return { ok: false, say: `exception ${code}`, reason: 'exception', code };
}
