import { identify, readsEvery, WordImage } from '@tiepoint/hardware-profiles';
import type { DeviceModel, Profile, Span, WireCost } from '@tiepoint/hardware-profiles';
import type { DeviceLimits } from '@tiepoint/protocol';
import type { ReadBus } from '../../io/bus/bus.ts';
import { outcomeOf, readSpans } from '../../io/device-reader.ts';
import type { ReadTarget } from '../../io/device-reader.ts';

/** What a look needs to know of the device. */
export type WatchedSettings = {
  /** What the output calls it: its id in the configuration, or its unit. */
  readonly id: string;
  readonly unit: number;
  readonly profile: Profile;
  readonly limits: DeviceLimits;
  readonly confirmed: readonly string[];
};

export type Look = { readonly ok: true } | { readonly ok: false; readonly say: string };

/**
 * One device, identified once and then read again and again with the gateway's own planner: what moves at every look, what is slow
 * (counters, set-points) every `slowMs`.
 */
export class WatchedDevice {
  readonly settings: WatchedSettings;
  /** Every word with the time at which it was read, on `nowMs`'s clock. */
  readonly image = new WordImage();
  readonly #reader: ReadBus;
  readonly #wireCost: WireCost;
  readonly #nowMs: () => number;
  readonly #slowMs: number;
  readonly #learned: ReadTarget['learned'] = { holes: { entries: [] } };
  #model: DeviceModel | undefined;
  #quick: readonly Span[] = [];
  #all: readonly Span[] = [];
  #allReadAtMs: number | undefined;

  constructor(
    settings: WatchedSettings,
    deps: { reader: ReadBus; wireCost: WireCost; nowMs: () => number; slowMs: number },
  ) {
    this.settings = settings;
    this.#reader = deps.reader;
    this.#wireCost = deps.wireCost;
    this.#nowMs = deps.nowMs;
    this.#slowMs = deps.slowMs;
  }

  /** `undefined` until it was identified. */
  get model(): DeviceModel | undefined {
    return this.#model;
  }

  /** What a gateway reads of it at every look. */
  get cycleSpans(): readonly Span[] {
    return this.#quick;
  }

  /** Reads it once. A failure is in words; what was read before stays in the image with its age. */
  async look(signal: AbortSignal): Promise<Look> {
    const model = this.#model ?? (await this.#identify(signal));
    if (typeof model === 'string') return { ok: false, say: model };
    const nowMs = this.#nowMs();
    const isSlowDue = this.#allReadAtMs === undefined || nowMs - this.#allReadAtMs >= this.#slowMs;
    const target: ReadTarget = {
      reader: this.#reader,
      unit: this.settings.unit,
      model,
      wireCost: this.#wireCost,
      learned: this.#learned,
    };
    const spans = isSlowDue ? this.#all : this.#quick;
    // As a command: a person waits, and a unit that was silent is not left alone as the gateway would.
    const { answered, failure } = await readSpans(target, spans, this.image, {
      priority: 'command',
      nowMs: this.#nowMs,
    });
    if (answered && isSlowDue) this.#allReadAtMs = nowMs;
    if (answered) return { ok: true };
    return { ok: false, say: failure ?? 'nothing of this device can be read' };
  }

  async #identify(signal: AbortSignal): Promise<DeviceModel | string> {
    const { profile, limits, confirmed, unit } = this.settings;
    const steps = identify(profile, limits, confirmed);
    let step = steps.next();
    while (step.done !== true) {
      if (signal.aborted) return 'interrupted';
      const { table } = step.value;
      // Wider where the device allows it, so that a reply that was lost can be told from the next and no pause is needed after it.
      const maxQuantity = table === 'holding' || table === 'input' ? (profile.maxRegisters ?? 125) : 2000;
      step = steps.next(outcomeOf(await this.#reader.read({ unit, maxQuantity, ...step.value }, 'command')));
    }
    const result = step.value;
    if (!result.ok) return result.say;
    this.#model = result.value;
    this.#quick = readsEvery(result.value, ['cycle']);
    this.#all = readsEvery(result.value, ['cycle', 'minute', 'start']);
    return result.value;
  }
}
