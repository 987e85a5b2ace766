import {
  decodePoints,
  layOut,
  readPoint,
  WordImage,
  type Decoded,
  type DeviceModel,
  type LayOut,
  type NameplatePoint,
  type Profile,
  type ResolvedPoint,
  type ResolvedSource,
  type Span,
} from '@tiepoint/hardware-profiles';
import type { FaultPlan } from '../faults.ts';
import { RegisterImage, registerTables, type RegisterTable, type WriteVerdict } from '../register-image.ts';
import { refusedInLocal, type Behaviour, type Told } from './behaviour.ts';
import { changedFaults, type DeviceFaults, type FaultName } from './device-faults.ts';
import { overlap, Teller } from './teller.ts';
import { WireFaults, wireFaultNames } from './wire-faults.ts';

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
  /** Set-points that some command writes, and the controller's heartbeat; only these are writable at all. */
  readonly #writtenNames: ReadonlySet<string>;
  readonly #toldSetpoints = new Map<string, unknown>();
  readonly #teller: Teller;
  readonly #wire: WireFaults;
  #faults: DeviceFaults = {};
  /** Values that a person has set, whatever the device would tell. */
  readonly #overrides = new Map<string, NonNullable<Told[string]>>();
  readonly #hidden: Span[] = [];

  constructor(options: BehavingDeviceOptions) {
    const { image, model } = layOut(options.profile, options.layOut);
    this.id = options.id;
    this.unit = options.unit;
    this.model = model;
    this.image = new RegisterImage({ maxReadRegisters: model.maxRegisters, writes: 'where-allowed' });
    this.#options = options;
    this.#words = image;
    this.#teller = new Teller(model, image);
    this.#wire = new WireFaults(options.wire, options.unit);
    this.#writtenNames = new Set([
      'set:controllerHeartbeat',
      ...Object.values(options.profile.commands).flatMap(({ steps }) =>
        steps.flatMap((step) => (step.do === 'write' ? [step.point] : [])),
      ),
    ]);
    this.#points = new Map<string, ResolvedPoint | NameplatePoint>(
      [...model.points, ...model.nameplate].map((point) => [point.name, point]),
    );
  }

  /** Fills the registers and lets the wire write; once, before it is served. */
  prepare(): void {
    const { fill = [], nameplate = {} } = this.#options;
    for (const { table, address, count, word } of fill)
      this.image.set(
        table,
        address,
        Array.from({ length: count }, () => word),
      );
    for (const table of registerTables)
      for (const [address, word] of this.#words.entries(table)) this.image.set(table, address, word);
    this.#teller.tell(nameplate);
    const readable = this.#readSpans();
    for (const source of this.#writable()) {
      const isRead = source.orders === undefined || readable.some((span) => overlap(source, span));
      this.image.setAccess(source.table, source.address, source.words, isRead ? 'read-write' : 'write-only');
    }
    this.image.onWrite((table, address, words) => this.#written(table, address, words));
    this.#tellAll();
  }

  step(nowMs: number): void {
    this.#options.advance(nowMs);
    this.#tellAll();
  }

  /** As its nameplate says it now. */
  get serialNumber(): string | undefined {
    const point = this.#points.get('identity:serialNumber');
    const said = point === undefined ? undefined : readPoint(point, this.#words);
    return said === undefined ? undefined : String(said);
  }

  get faults(): DeviceFaults {
    return this.#faults;
  }

  get knownFaults(): readonly FaultName[] {
    return [...this.#options.behaviour.faults, 'unknownPoints', 'refuseWrites', ...wireFaultNames];
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
    this.#wire.apply(changed.faults);
    this.#tellAll();
    return changed;
  }

  /** What its registers say now, read as the profile reads them. */
  decoded(): Decoded {
    return decodePoints(this.model, this.#words);
  }

  get overrides(): ReadonlyMap<string, unknown> {
    return this.#overrides;
  }

  /** Holds points at values; `null` lets one go. Nothing is changed where one of them does not fit. */
  override(values: unknown): { ok: true } | { ok: false; say: string } {
    if (typeof values !== 'object' || values === null || Array.isArray(values))
      return { ok: false, say: 'expected an object of values, such as {"voltageV": 240}' };
    for (const [name, value] of Object.entries(values)) {
      const why = this.#whyNoValue(name, value);
      if (why !== undefined) return { ok: false, say: why };
    }
    for (const [name, value] of Object.entries(values as Record<string, NonNullable<Told[string]> | null>)) {
      if (value === null) this.#overrides.delete(name);
      else this.#overrides.set(name, value);
    }
    this.#tellAll();
    return { ok: true };
  }

  #whyNoValue(name: string, value: unknown): string | undefined {
    const point = this.#points.get(name);
    if (point === undefined) return `${this.id} has no point ${name}; it has ${[...this.#points.keys()].join(', ')}`;
    if (value === null) return undefined;
    const isList = Array.isArray(value) && value.every((each) => typeof each === 'string');
    const words = point.sources.flatMap(({ codes }) => Object.values(codes ?? {}));
    if (name === 'alarms') return isList ? undefined : 'alarms takes a list of alarms, such as ["low-fuel"]';
    if (words.length > 0)
      return words.some((word) => word === value)
        ? undefined
        : `${name} takes one of ${[...new Set(words)].join(', ')}`;
    const isText = point.sources[0]?.type === 'text';
    if (isText) return typeof value === 'string' ? undefined : `${name} takes a text`;
    return typeof value === 'number' && Number.isFinite(value) ? undefined : `${name} takes a number`;
  }

  #tellAll(): void {
    const { behaviour } = this.#options;
    const told: Record<string, Told[string]> = Object.fromEntries(this.#overrides);
    for (const [name, value] of Object.entries(behaviour.told(this.#faults))) {
      if (this.#overrides.has(name)) continue;
      if (this.#writtenNames.has(name)) {
        if (this.#toldSetpoints.has(name) && this.#toldSetpoints.get(name) === value) continue;
        this.#toldSetpoints.set(name, value);
      }
      told[name] = value;
    }
    this.#teller.tell(told);
    const silenced = new Set(this.#faults.unknownPoints ?? []);
    const mute = [...silenced].filter((name) => !this.#teller.silence(name));
    for (const { table, address, words } of behaviour.beside?.() ?? []) {
      this.#words.set(table, address, words, 0);
      this.#show({ table, address, words: words.length });
    }
    for (const point of this.#points.values()) for (const span of point.reads) this.#show(span);
    this.#hide(mute);
  }

  /** A register that has no value for "unknown" cannot be read while it is to be so. */
  #hide(names: readonly string[]): void {
    for (const { table, address, words } of this.#hidden.splice(0)) this.image.makeReadable(table, address, words);
    for (const name of names) {
      for (const { table, address, words } of this.#points.get(name)?.sources ?? []) {
        this.image.makeHole(table, address, words);
        this.#hidden.push({ table, address, words });
      }
    }
  }

  #show({ table, address, words }: Span): void {
    for (let at = address; at < address + words; at++) {
      const word = this.#words.get(table, at);
      if (word !== undefined && word !== this.image.get(table, at)) this.image.set(table, at, word);
    }
  }

  /** What somebody reads who knows the profile: points, nameplate, and what the device is recognised by. */
  #readSpans(): readonly Span[] {
    const { identify } = this.#options.profile;
    const probes = 'probes' in identify ? identify.probes : [];
    return [
      ...[...this.#points.values()].flatMap(({ reads }) => reads),
      ...probes.map(({ source, length = 1 }) => ({ ...source, words: length })),
    ];
  }

  #writable(): ResolvedSource[] {
    return this.model.points
      .filter(({ name }) => this.#writtenNames.has(name))
      .flatMap(({ sources: [first] }) => (first === undefined ? [] : [first]));
  }

  #written(table: 'coil' | 'holding', address: number, words: readonly number[]): WriteVerdict {
    const { behaviour } = this.#options;
    const faults = this.#faults;
    if (faults.refuseWrites !== undefined) return faults.refuseWrites;
    if (faults.local === true) return refusedInLocal;
    const span: Span = { table, address, words: words.length };
    if (behaviour.takes !== undefined) return this.#taken({ table, address, words });
    this.#words.set(table, address, words, 0);
    const verdict = behaviour.set?.(this.#setpointsIn(span), faults) ?? 2;
    if (verdict !== 'ok') this.#undo(span);
    return verdict;
  }

  #taken(write: { table: 'coil' | 'holding'; address: number; words: readonly number[] }): WriteVerdict {
    const { table, address, words } = write;
    const span: Span = { table, address, words: words.length };
    const before = new WordImage();
    for (const point of this.#points.values())
      for (const each of point.reads) before.set(each.table, each.address, this.#words.words(each) ?? [], 0);
    this.#words.set(table, address, words, 0);
    const verdict = this.#options.behaviour.takes?.(write, before, this.#words, this.#faults) ?? 2;
    if (verdict !== 'ok') this.#undo(span);
    // What was written stands in the register; what the device then says of it must be told anew.
    else for (const name of Object.keys(this.#setpointsIn(span))) this.#toldSetpoints.delete(name);
    return verdict;
  }

  #undo({ table, address, words }: Span): void {
    for (let at = address; at < address + words; at++) this.#words.set(table, at, [this.image.get(table, at) ?? 0], 0);
  }

  #setpointsIn(span: Span): Told {
    const { setpoints } = decodePoints(this.model, this.#words);
    const touched = this.model.points.filter(
      ({ name, sources: [first] }) => name.startsWith('set:') && first !== undefined && overlap(first, span),
    );
    return Object.fromEntries(touched.map(({ name }) => [name, setpoints[name]]));
  }
}
