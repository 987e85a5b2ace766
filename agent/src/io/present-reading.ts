import { decodePoints, noHoles, readsFor, WordImage } from '@tiepoint/hardware-profiles';
import type { DeviceModel, Span } from '@tiepoint/hardware-profiles';
import type { PointName, Reading } from '@tiepoint/protocol';
import type { Clock } from './clock.ts';
import { readSpans } from './device-reader.ts';
import type { ReadTarget } from './device-reader.ts';

export type PresentValues = Pick<
  Reading,
  'activePowerW' | 'currentA' | 'voltageV' | 'importedEnergyWh' | 'exportedEnergyWh'
>;
export type PresentRead =
  | { readonly ok: true; readonly timeMs: number; readonly values: PresentValues }
  | { readonly ok: false; readonly say: string };

const names = [
  'activePowerW',
  'currentA',
  'voltageV',
  'importedEnergyWh',
  'exportedEnergyWh',
] as const satisfies readonly PointName[];

/** Reads what a meter measures now, over its bus, in the time that its polls leave. What it learns and plans is apart from theirs. */
export class PresentReader {
  readonly #clock: Clock;
  #of:
    | { readonly model: DeviceModel; readonly spans: readonly Span[]; readonly learned: ReadTarget['learned'] }
    | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async read(target: Omit<ReadTarget, 'learned'>): Promise<PresentRead> {
    const { model } = target;
    if (this.#of?.model !== model) this.#of = { model, spans: readsFor(model, names), learned: { holes: noHoles } };
    const { spans, learned } = this.#of;
    const image = new WordImage();
    const options = { priority: 'spare', nowMs: () => this.#clock.monotonicMs() } as const;
    const { answered, failure } = await readSpans({ ...target, learned }, spans, image, options);
    if (!answered) return { ok: false, say: failure ?? 'It has no register of what was asked for.' };
    const { measured } = decodePoints(model, image);
    const { activePowerW, currentA, voltageV, importedEnergyWh, exportedEnergyWh } = measured;
    const values = { activePowerW, currentA, voltageV, importedEnergyWh, exportedEnergyWh };
    return { ok: true, timeMs: this.#clock.nowMs(), values };
  }
}
