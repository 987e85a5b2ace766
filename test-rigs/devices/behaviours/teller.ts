import {
  decodePoints,
  encodePoint,
  judgeProbe,
  readImage,
  readOfProbe,
  readPoint,
  type Probe,
  type WordImage,
  type DeviceModel,
  type NameplatePoint,
  type ResolvedPoint,
  type ResolvedSource,
} from '@tiepoint/hardware-profiles';
import type { Told } from './behaviour.ts';

type Tellable = ResolvedPoint | NameplatePoint;
type Value = Told[string];

/**
 * Makes the registers of a device say what it tells. Points may share registers: what comes first keeps them, and a later point that
 * would change them stays as they make it read; of several codes for one word the one is taken that suits the other points best.
 */
export class Teller {
  readonly #model: DeviceModel;
  readonly #words: WordImage;
  readonly #points: ReadonlyMap<string, Tellable>;
  /** By what the device is recognised: no value that it tells may end that. */
  readonly #marks: readonly Probe[];

  constructor(model: DeviceModel, words: WordImage) {
    this.#model = model;
    this.#words = words;
    this.#points = new Map<string, Tellable>([...model.points, ...model.nameplate].map((point) => [point.name, point]));
    this.#marks = marksOf(model);
  }

  /** A point that this device lacks, and an alarm that it has no bit for, stay untold. */
  tell(told: Told): void {
    const { alarms } = told;
    if (alarms !== undefined) this.#tellAlarms(alarms);
    const round = new Round(this.#points, this.#words, told, this.#marks);
    for (const [name, value] of Object.entries(told)) {
      const point = this.#points.get(name);
      if (point !== undefined && name !== 'alarms') round.tell(point, value);
    }
  }

  /** Makes a point read unknown; false where the device has no value that says so. */
  silence(name: string): boolean {
    const point = this.#points.get(name);
    return point !== undefined && encodePoint(point, undefined, this.#words);
  }

  #tellAlarms(alarms: NonNullable<Value>): void {
    const point = this.#points.get('alarms');
    if (point === undefined) return;
    const { measured } = decodePoints({ ...this.#model, points: this.#model.points.filter(isAlarms) }, this.#words);
    if (JSON.stringify(measured.alarms) !== JSON.stringify(alarms)) encodePoint(point, alarms, this.#words);
  }
}

const isAlarms = ({ name }: ResolvedPoint): boolean => name === 'alarms';

/** One telling of everything: which bits are spoken for already. */
class Round {
  readonly #points: ReadonlyMap<string, Tellable>;
  readonly #words: WordImage;
  readonly #told: Told;
  readonly #marks: readonly Probe[];
  readonly #kept: ResolvedSource[] = [];

  constructor(points: ReadonlyMap<string, Tellable>, words: WordImage, told: Told, marks: readonly Probe[]) {
    this.#points = points;
    this.#words = words;
    this.#told = told;
    this.#marks = marks;
  }

  tell(point: Tellable, value: Value): void {
    for (const source of point.sources) {
      const read = readPoint({ sources: [source] }, this.#words);
      if (value !== undefined && read === value) {
        this.#kept.push(source);
        return;
      }
      const isKept = this.#kept.some((other) => shareBits(source, other)) || !this.#mayChange(source, value);
      // What is kept and tells something else stands; what is kept and tells nothing leaves it to the next source.
      if (isKept && read !== undefined) return;
      if (isKept) continue;
      if (value !== undefined && this.#encode(source, value)) {
        this.#kept.push(source);
        return;
      }
      if (!encodePoint({ name: point.name, sources: [source] }, undefined, this.#words)) return;
      this.#kept.push(source);
    }
  }

  /** Would the device still be recognised if this source said that? */
  #mayChange(source: ResolvedSource, value: Value): boolean {
    const marks = this.#marks.filter((probe) => overlap(source, spanOf(probe)));
    const before = this.#words.words(source);
    if (marks.length === 0 || before === undefined) return true;
    if (value === undefined) encodePoint({ name: 'set:any', sources: [source] }, undefined, this.#words);
    else this.#encode(source, value);
    const isStill = marks.every((probe) => judgeProbe(probe, readImage(this.#words, readOfProbe(probe))).met);
    this.#words.set(source.table, source.address, before, 0);
    return isStill;
  }

  #encode({ plausible: _plausible, ...source }: ResolvedSource, value: NonNullable<Value>): boolean {
    // What the reader does not believe, such as 0 Hz of a machine that stands, is in the register all the same.
    const named = { name: 'set:any', sources: [source] } as const;
    const choices = Object.entries(source.codes ?? {}).filter(([, word]) => word === value);
    if (choices.length < 2) return encodePoint(named, value, this.#words);
    const { table, address, words } = source;
    const others = [...this.#points.values()].filter(({ sources }) => sources.some((other) => overlap(source, other)));
    const before = this.#words.words(source);
    let best: { readonly suits: number; readonly words: readonly number[] } | undefined;
    for (const [code, word] of choices) {
      if (before !== undefined) this.#words.set(table, address, before, 0);
      const one = { ...source, codes: { [code]: word } };
      if (!encodePoint({ ...named, sources: [one] }, value, this.#words)) continue;
      const suits = others.filter((other) => readPoint(other, this.#words) === this.#told[other.name]).length;
      if (best === undefined || suits > best.suits) {
        best = { suits, words: this.#words.words({ table, address, words }) ?? [] };
      }
    }
    if (best !== undefined) this.#words.set(table, address, best.words, 0);
    return best !== undefined;
  }
}

export function overlap(
  a: { readonly table: string; readonly address: number; readonly words: number },
  b: { readonly table: string; readonly address: number; readonly words: number },
): boolean {
  return a.table === b.table && a.address < b.address + b.words && b.address < a.address + a.words;
}

/** Do two sources lie in the same bits? Two windows in one register need not. */
function shareBits(a: ResolvedSource, b: ResolvedSource): boolean {
  if (!overlap(a, b)) return false;
  const sameWords = a.address === b.address && a.words === b.words;
  if (!sameWords || a.bit === undefined || b.bit === undefined) return true;
  return a.bit < b.bit + (b.bitCount ?? 1) && b.bit < a.bit + (a.bitCount ?? 1);
}

function spanOf(probe: Probe): { table: string; address: number; words: number } {
  const { type, length = 1, source } = probe;
  return { ...source, words: type === 'text' ? length : type.endsWith('64') ? 4 : type.endsWith('32') ? 2 : 1 };
}

/** A range is no mark: what is measured there may leave it, as a voltage does that is off. */
function marksOf({ profile }: DeviceModel): readonly Probe[] {
  if (!('probes' in profile.identify)) return [];
  return profile.identify.probes.filter((probe) => !('within' in probe) && !('refused' in probe));
}
