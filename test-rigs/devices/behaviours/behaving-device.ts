import {
  decodePoints,
  encodePoint,
  layOut,
  type DeviceModel,
  type LayOut,
  type NameplatePoint,
  type Profile,
  type ResolvedPoint,
  type Span,
  type WordImage,
} from '@tiepoint/hardware-profiles';
import { deadUnit, slowUnit, type FaultPlan } from '../faults.ts';
import { RegisterImage, registerTables, type RegisterTable, type WriteVerdict } from '../register-image.ts';
import { refusedInLocal, type Behaviour, type Told } from './behaviour.ts';
import { changedFaults, type DeviceFaults, type FaultName } from './device-faults.ts';

export type BehavingDeviceOptions = {
  readonly id: string;
  readonly unit: number;
  readonly profile: Profile;
  readonly behaviour: Behaviour;
  /** The plan of the port that it is served on. */
  readonly wire: FaultPlan;
  readonly layOut?: LayOut;
  /** Identity and ratings, by the names of the nameplate. */
  readonly nameplate?: Told;
  /** Runs of registers that answer although no point lies there, with the word that they hold. */
  readonly fill?: readonly {
    readonly table: RegisterTable;
    readonly address: number;
    readonly count: number;
    readonly word: number;
  }[];
  /** Where control keys are written. */
  readonly keys?: { readonly address: number; readonly count: number };
  /** Moves the plant to this time; called before the device looks at it. */
  readonly advance: (nowMs: number) => void;
};

/**
 * An emulated device: its profile read backwards. Every step it writes what it tells into its registers; what is written to it
 * goes, decoded by the same profile, to its behaviour.
 */
export class BehavingDevice {
  readonly id: string;
  readonly unit: number;
  readonly image: RegisterImage;
  readonly model: DeviceModel;
  readonly #options: BehavingDeviceOptions;
  readonly #words: WordImage;
  readonly #points: ReadonlyMap<string, ResolvedPoint | NameplatePoint>;
  /** Set-points that some command writes; only these are writable at all. */
  readonly #writtenNames: ReadonlySet<string>;
  readonly #toldSetpoints = new Map<string, unknown>();
  #faults: DeviceFaults = {};
  #wireRules: (() => void)[] = [];

  constructor(options: BehavingDeviceOptions) {
    const { image, model } = layOut(options.profile, options.layOut);
    this.id = options.id;
    this.unit = options.unit;
    this.model = model;
    this.image = new RegisterImage({ maxReadRegisters: model.maxRegisters, writes: 'where-allowed' });
    this.#options = options;
    this.#words = image;
    this.#writtenNames = new Set(
      Object.values(options.profile.commands).flatMap(({ steps }) =>
        steps.flatMap((step) => (step.do === 'write' ? [step.point] : [])),
      ),
    );
    this.#points = new Map<string, ResolvedPoint | NameplatePoint>(
      [...model.points, ...model.nameplate].map((point) => [point.name, point]),
    );
  }

  /** Fills the registers and lets the wire write; once, before it is served. */
  prepare(): void {
    const { fill = [], keys, nameplate = {} } = this.#options;
    for (const { table, address, count, word } of fill)
      this.image.set(
        table,
        address,
        Array.from({ length: count }, () => word),
      );
    for (const table of registerTables)
      for (const [address, word] of this.#words.entries(table)) this.image.set(table, address, word);
    for (const [name, value] of Object.entries(nameplate)) this.#tell(name, value);
    for (const { table, address, words } of this.#writable()) this.image.setAccess(table, address, words, 'read-write');
    if (keys !== undefined) this.image.setAccess('holding', keys.address, keys.count, 'write-only');
    this.image.onWrite((table, address, words) => this.#written(table, address, words));
    this.#tellAll();
  }

  step(nowMs: number): void {
    this.#options.advance(nowMs);
    this.#tellAll();
  }

  get faults(): DeviceFaults {
    return this.#faults;
  }

  get knownFaults(): readonly FaultName[] {
    return [...this.#options.behaviour.faults, 'dead', 'unknownPoints', 'refuseWrites', 'slowRepliesMs', 'lostReplies'];
  }

  /** Sets the faults that are named, takes away those that are null or false, and leaves the others. */
  change(change: unknown): { ok: true; faults: DeviceFaults } | { ok: false; say: string } {
    const changed = changedFaults(this.#faults, change, this.knownFaults);
    if (!changed.ok) return changed;
    const strange = changed.faults.unknownPoints?.filter((name) => !this.#points.has(name)) ?? [];
    if (strange.length > 0)
      return {
        ok: false,
        say: `${this.id} has no point ${strange.join(', ')}; it has ${[...this.#points.keys()].join(', ')}`,
      };
    this.#faults = changed.faults;
    this.#spoilWire();
    this.#tellAll();
    return changed;
  }

  #spoilWire(): void {
    const { unit } = this;
    const { wire } = this.#options;
    const { dead, slowRepliesMs, lostReplies } = this.#faults;
    for (const heal of this.#wireRules.splice(0)) heal();
    if (dead === true) this.#wireRules.push(wire.add(deadUnit(unit)));
    if (slowRepliesMs !== undefined) this.#wireRules.push(wire.add(slowUnit(unit, slowRepliesMs)));
    if (lostReplies !== undefined)
      this.#wireRules.push(
        wire.add({ fault: { kind: 'lost' }, to: { units: [unit] }, when: { probability: lostReplies } }),
      );
  }

  #tellAll(): void {
    const { behaviour } = this.#options;
    for (const [name, value] of Object.entries(behaviour.told(this.#faults))) {
      if (this.#writtenNames.has(name)) {
        if (this.#toldSetpoints.has(name) && this.#toldSetpoints.get(name) === value) continue;
        this.#toldSetpoints.set(name, value);
      }
      this.#tell(name, value);
    }
    for (const { table, address, words } of behaviour.beside?.() ?? []) {
      this.#words.set(table, address, words, 0);
      this.#show({ table, address, words: words.length });
    }
    for (const name of this.#faults.unknownPoints ?? []) this.#tell(name, undefined);
  }

  /** A point that this device lacks, and an alarm that it has no bit for, stay untold. */
  #tell(name: string, value: Told[string]): void {
    const point = this.#points.get(name);
    if (point === undefined) return;
    encodePoint(point, value, this.#words, 0);
    for (const span of point.reads) this.#show(span);
  }

  #show({ table, address, words }: Span): void {
    for (let at = address; at < address + words; at++) {
      const word = this.#words.get(table, at);
      if (word !== undefined && word !== this.image.get(table, at)) this.image.set(table, at, word);
    }
  }

  #writable(): Span[] {
    return this.model.points
      .filter(({ name }) => this.#writtenNames.has(name))
      .flatMap(({ sources: [first] }) => (first === undefined ? [] : [first]));
  }

  #written(table: 'coil' | 'holding', address: number, words: readonly number[]): WriteVerdict {
    const { behaviour, keys } = this.#options;
    const faults = this.#faults;
    if (faults.refuseWrites !== undefined) return faults.refuseWrites;
    if (faults.local === true) return refusedInLocal;
    if (keys !== undefined && table === 'holding' && address >= keys.address && address < keys.address + keys.count) {
      return behaviour.keyed?.(words, faults) ?? 2;
    }
    this.#words.set(table, address, words, 0);
    const verdict = behaviour.set?.(this.#setpointsIn({ table, address, words: words.length }), faults) ?? 2;
    if (verdict !== 'ok')
      for (let at = address; at < address + words.length; at++)
        this.#words.set(table, at, [this.image.get(table, at) ?? 0], 0);
    return verdict;
  }

  #setpointsIn(span: Span): Told {
    const { setpoints } = decodePoints(this.model, this.#words);
    const touched = this.model.points.filter(
      ({ name, sources: [first] }) => name.startsWith('set:') && first !== undefined && overlap(first, span),
    );
    return Object.fromEntries(touched.map(({ name }) => [name, setpoints[name]]));
  }
}

function overlap(a: Span, b: Span): boolean {
  return a.table === b.table && a.address < b.address + b.words && b.address < a.address + a.words;
}
