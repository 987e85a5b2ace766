import type {
  BusLifecycle,
  BusResult,
  BusStats,
  ReadRequest,
  WriteBus,
  WriteRequest,
} from '@tiepoint/agent/io/bus/bus.ts';
import type { SeededRandom } from '../../devices/seeded-random.ts';
import type { SimDevice, Words } from './devices.ts';
import type { Life } from './life.ts';

/** What a gateway's wire does to requests and replies; changed while it runs. */
export type Wire = {
  /** Until then nobody answers. */
  silentUntilMs: number;
  /** Of 1: a request, or its reply, that is lost. */
  lostShare: number;
};

export type BusWitness = {
  read(unit: number, request: ReadRequest): void;
  /** When it goes onto the wire. `arrived` is called where and when the device takes it. */
  write(unit: number, request: WriteRequest): { arrived(): void };
};

export type SimBusParts = {
  readonly life: Life;
  readonly random: SeededRandom;
  readonly devices: ReadonlyMap<number, SimDevice>;
  readonly wire: Wire;
  readonly witness: BusWitness;
  /** Writes a second time what was not answered, as a careless driver would. */
  readonly repeats: boolean;
};

const timeoutMs = 1_000;

/** The bus as the product's interface has it, one transaction after the other, with the emulated devices at its other end. */
export class SimBus implements WriteBus, BusLifecycle {
  readonly #parts: SimBusParts;
  #freeAtMs = 0;

  constructor(parts: SimBusParts) {
    this.#parts = parts;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  stats(): BusStats {
    throw new Error('nobody asks the simulated bus for its figures');
  }

  read(request: ReadRequest): Promise<BusResult<readonly number[]>> {
    const { devices, witness, life } = this.#parts;
    return this.#exchange((device) => {
      witness.read(request.unit, request);
      return device.read(request.table, request.address, request.quantity, life.time.nowMs);
    }, devices.get(request.unit));
  }

  async write(request: WriteRequest, mayGo?: () => boolean): Promise<BusResult<void>> {
    const result = await this.#write(request, mayGo);
    return this.#parts.repeats && !result.ok && result.reason === 'timeout' ? await this.#write(request) : result;
  }

  async #write(request: WriteRequest, mayGo?: () => boolean): Promise<BusResult<void>> {
    const { devices, life, witness } = this.#parts;
    if (!life.alive || life.strikes('bus-write', 'before')) return await new Promise(() => undefined);
    let write: ReturnType<BusWitness['write']> | undefined;
    const serve = (device: SimDevice): Words => {
      write?.arrived();
      const answer = device.write(request.table, request.address, request.words, life.time.nowMs);
      life.strikes('bus-write', 'after');
      return answer === 'ok' ? [] : answer;
    };
    const result = await this.#exchange(serve, devices.get(request.unit), () => {
      if (mayGo?.() === false) return false;
      write = witness.write(request.unit, request);
      return true;
    });
    return result.ok ? { ok: true, value: undefined } : result;
  }

  /**
   * `goes` is asked when the wire is free. `serve` is called at the device, if it gets there. What was sent before a crash arrives all
   * the same.
   */
  #exchange(
    serve: (device: SimDevice) => Words,
    device: SimDevice | undefined,
    goes: () => boolean = () => true,
  ): Promise<BusResult<readonly number[]>> {
    const { life, random, wire } = this.#parts;
    if (!life.alive) return new Promise(() => undefined);
    const { time } = life;
    const beginMs = Math.max(life.nowMs, this.#freeAtMs);
    const thereMs = beginMs + 5 + random.below(20);
    const isLost = (): boolean => time.nowMs < wire.silentUntilMs || random.next() < wire.lostShare;
    this.#freeAtMs = thereMs + 10;
    return new Promise((resolve) => {
      const send = (): void => {
        if (!goes()) return resolve({ ok: false, reason: 'called-off', say: 'called off' });
        time.after(thereMs - time.nowMs, () => {
          const words = device === undefined || isLost() ? undefined : serve(device);
          if (words === undefined || isLost()) {
            this.#freeAtMs = Math.max(this.#freeAtMs, time.nowMs + timeoutMs);
            life.later(timeoutMs, () => resolve({ ok: false, reason: 'timeout', say: 'no reply in 1 s' }));
          } else life.later(5, () => resolve(resultOf(words)));
        });
      };
      if (beginMs > life.nowMs) life.later(beginMs - life.nowMs, send);
      else send();
    });
  }
}

function resultOf(words: Words): BusResult<readonly number[]> {
  return 'exception' in words
    ? { ok: false, reason: 'exception', code: words.exception, say: `exception ${words.exception}` }
    : { ok: true, value: words };
}
