import { buildWrite, WordImage } from '@tiepoint/hardware-profiles';
import type { DeviceModel, WriteStep } from '@tiepoint/hardware-profiles';
import type { WriteBus } from './bus/bus.ts';
import type { Clock, EndTimer } from './clock.ts';
import type { Log } from './log.ts';

const everyMs = 1_000;
/** The register is unsigned and 32 bits wide in 715, 16 in 802; a count that starts anew is part of the definition. */
const countLimit = 0xfffe;

/**
 * Counts up a device's controller heartbeat once a second (SunSpec 715 ControllerHb, 802 CtrlHb), so that it sees that somebody is
 * there, and falls back by itself when the count stands still. Sent only where the site's configuration asks for it: a device that
 * has seen it once may stop when the gateway does.
 */
export class ControllerHeartbeat {
  readonly #bus: WriteBus;
  readonly #unit: number;
  readonly #log: Log;
  readonly #clock: Clock;
  #endTimer: EndTimer | undefined;
  #count = 0;
  #failing = false;
  #writing = false;

  constructor({ bus, unit, clock, log }: { bus: WriteBus; unit: number; clock: Clock; log: Log }) {
    this.#bus = bus;
    this.#unit = unit;
    this.#clock = clock;
    this.#log = log;
  }

  /** Begins, or goes on with what is known of the device now. A device without such a register is told once and left alone. */
  start(model: DeviceModel): void {
    this.stop();
    if (buildWrite(model, this.#step(), {}, new WordImage()).ok)
      this.#endTimer = this.#clock.every(everyMs, () => void this.#beat(model));
    else this.#log.warn({ point }, 'a controller heartbeat is configured, and the device has no register for it');
  }

  stop(): void {
    this.#endTimer?.();
    this.#endTimer = undefined;
  }

  async #beat(model: DeviceModel): Promise<void> {
    this.#count = this.#count >= countLimit ? 0 : this.#count + 1;
    const write = buildWrite(model, this.#step(), {}, new WordImage());
    // One that still waits for the bus says as much as two.
    if (this.#writing || !write.ok || write.value === undefined) return;
    this.#writing = true;
    const result = await this.#bus.write({ unit: this.#unit, ...write.value });
    this.#writing = false;
    if (!result.ok && !this.#failing) this.#log.warn({ say: result.say }, 'the controller heartbeat is not taken');
    this.#failing = !result.ok;
  }

  #step(): WriteStep {
    return { do: 'write', point, value: this.#count };
  }
}

const point = 'set:controllerHeartbeat';
