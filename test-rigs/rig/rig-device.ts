import type { CommandKind } from '@tiepoint/protocol';
import { unitOf } from '@tiepoint/agent/field/unit-of.ts';
import type { LayOut, Profile } from '@tiepoint/hardware-profiles';
import { changedFaults, type DeviceFaults, type FaultName } from '../devices/behaviours/device-faults.ts';
import type { ControlledDevice, PointShown } from '../devices/behaviours/fault-control.ts';
import { WireFaults, wireFaultNames } from '../devices/behaviours/wire-faults.ts';
import type { EmulatedDevice } from '../devices/emulated-device.ts';
import type { FaultPlan } from '../devices/faults.ts';
import { isBitTable, type ExceptionCode, type RegisterImage } from '../devices/register-image.ts';
import { readRange } from '../devices/register-range.ts';
import { telegramOf } from '../devices/p1-telegram.ts';
import { p1Objects } from '../devices/p1-objects.ts';
import { seededRandom } from '../devices/seeded-random.ts';
import { profiledDevice } from './profiled-device.ts';
import type { Series } from './series-file.ts';

/** A device on a rig: served on a port, and turned at by hand or by a script. */
export type RigDevice = EmulatedDevice &
  ControlledDevice & {
    readonly title: string;
    override(values: unknown): { ok: true } | { ok: false; say: string };
    prepareFor(kind: CommandKind): boolean;
    /** Of a meter that pushes: what it says now; `undefined` where a fault keeps it back. */
    readonly telegram?: (at: Date) => Uint8Array | undefined;
  };

export type RigDeviceOptions = {
  readonly id: string;
  readonly unit: number;
  readonly wire: FaultPlan;
  readonly seed: number;
  /** Where it is served, as configured. */
  readonly place?: string;
  readonly layOut?: LayOut;
  readonly ratedW?: number | undefined;
};

/** A device that behaves, from its profile. */
export function deviceOfProfile(profile: Profile, options: RigDeviceOptions): RigDevice {
  const { device, behaviour } = profiledDevice({ ...options, profile });
  const random = seededRandom(options.seed);
  const pushes = {
    telegram: (at: Date) =>
      spoilt(
        Buffer.from(
          telegramOf(p1Objects(device.decoded().measured, { serialNumber: device.serialNumber ?? '', at })),
          'latin1',
        ),
        device.faults,
        random,
      ),
  };
  return {
    ...(profile.port === 'p1' ? pushes : {}),
    id: device.id,
    unit: device.unit,
    image: device.image,
    title: `${profile.make} ${profile.model}`,
    profile: profile.name,
    get serialNumber() {
      return device.serialNumber;
    },
    commands: device.model.commands,
    get faults() {
      return device.faults;
    },
    knownFaults: device.knownFaults,
    step: (nowMs) => device.step(nowMs),
    change: (change) => device.change(change),
    override: (values) => device.override(values),
    prepareFor: (kind) => behaviour.prepareFor(kind),
    points: () => {
      const { measured, setpoints } = device.decoded();
      const read: Record<string, unknown> = { ...measured, ...setpoints };
      return device.model.points
        .filter(({ sources: [first] }) => first?.orders === undefined)
        .map(({ name, sources }): PointShown => {
          const words = [...new Set(sources.flatMap(({ codes }) => Object.values(codes ?? {})))];
          return {
            name,
            value: read[name] ?? null,
            held: device.overrides.has(name),
            ...(unitOf(name) === undefined ? {} : { unit: unitOf(name) ?? '' }),
            ...(words.length === 0 ? {} : { words }),
          };
        });
    },
  };
}

/** What becomes of a telegram on its way; a share of them each. */
function spoilt(
  telegram: Uint8Array,
  { dead, lostReplies = 0, noise = 0, badChecksums = 0 }: DeviceFaults,
  random: ReturnType<typeof seededRandom>,
): Uint8Array | undefined {
  if (dead === true || random.next() < lostReplies) return undefined;
  if (random.next() < noise) return Uint8Array.of(...random.bytes(40), ...telegram);
  // The first digit of the checksum, which stands before three more and the end of the line.
  if (random.next() < badChecksums)
    return telegram.map((byte, index) => (index === telegram.length - 6 ? (byte === 0x30 ? 0x31 : 0x30) : byte));
  return telegram;
}

/** A device that is its registers, as they were recorded; a series lets them change as they did. It takes writes and does nothing. */
export class ImageDevice implements RigDevice {
  readonly id: string;
  readonly unit: number;
  readonly image: RegisterImage;
  readonly title: string;
  readonly commands: readonly CommandKind[] = [];
  readonly knownFaults: readonly FaultName[] = ['refuseWrites', ...wireFaultNames];
  readonly #wire: WireFaults;
  readonly #series: Series | undefined;
  readonly #held = new Map<string, number>();
  #faults: DeviceFaults = {};
  #startMs: number | undefined;
  #shown = -1;

  constructor(
    { id, unit, wire }: RigDeviceOptions,
    { image, title, series }: { image: RegisterImage; title: string; series?: Series },
  ) {
    this.id = id;
    this.unit = unit;
    this.image = image;
    this.title = title;
    this.#wire = new WireFaults(wire, unit);
    this.#series = series;
  }

  /** Registers are its own before it is served. */
  prepare(): void {
    this.image.onWrite(() => this.#faults.refuseWrites ?? ('ok' satisfies 'ok' | ExceptionCode));
  }

  get faults(): DeviceFaults {
    return this.#faults;
  }

  step(nowMs: number): void {
    const series = this.#series;
    if (series === undefined) return;
    this.#startMs ??= nowMs;
    const lastS = series.frames.at(-1)?.atS ?? 0;
    // After the last frame it begins anew, when another period has passed.
    const atS = ((nowMs - this.#startMs) / 1000) % (lastS + series.periodS);
    const due = series.frames.findLastIndex((frame) => frame.atS <= atS);
    if (due < this.#shown) this.#shown = -1;
    for (let index = this.#shown + 1; index <= due; index++) series.frames[index]?.apply(this.image);
    this.#shown = Math.max(this.#shown, due);
    for (const [name, word] of this.#held) this.#set(name, word);
  }

  change(change: unknown): { ok: true; faults: DeviceFaults } | { ok: false; say: string } {
    const changed = changedFaults(this.#faults, change, this.knownFaults);
    if (!changed.ok) return changed;
    this.#faults = changed.faults;
    this.#wire.apply(changed.faults);
    return changed;
  }

  /** Values of single registers: `{"holding:40072": 123}`. */
  override(values: unknown): { ok: true } | { ok: false; say: string } {
    const wanted = Object.entries(values ?? {});
    for (const [name, word] of wanted) {
      const range = readRange(name);
      const most = range !== undefined && isBitTable(range.table) ? 1 : 0xffff;
      if (range === undefined || range.count !== 1)
        return { ok: false, say: `${name} is no register; write for example holding:40072` };
      if (word !== null && !(Number.isInteger(word) && word >= 0 && word <= most))
        return { ok: false, say: `${name} takes a whole number from 0 to ${most}` };
    }
    for (const [name, word] of wanted) {
      if (word === null) this.#held.delete(name);
      else {
        this.#held.set(name, Number(word));
        this.#set(name, Number(word));
      }
    }
    return { ok: true };
  }

  points(): readonly PointShown[] {
    return [...this.#held].map(([name, value]) => ({ name, value, held: true }));
  }

  prepareFor(): boolean {
    return false;
  }

  #set(name: string, word: number): void {
    const range = readRange(name);
    if (range !== undefined) this.image.set(range.table, range.address, word);
  }
}
