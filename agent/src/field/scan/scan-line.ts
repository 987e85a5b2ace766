import type { BusDeps, ModbusSettings } from '../../io/bus/bus.ts';
import { nextTrial, remainingTrials, settingText } from './scan-plan.ts';
import type { LineSetting, ScanPlan, Trial } from './scan-plan.ts';
import { UnitProbe } from './unit-probe.ts';
import type { Heard, Question } from './unit-probe.ts';

/** A unit that answered. `exceptionCode`: with a refusal, which is an answer as well. */
export type FoundUnit = {
  readonly unit: number;
  readonly setting: LineSetting;
  /** Absent where only a late or overheard answer was seen. */
  readonly roundTripMs?: number;
  readonly exceptionCode?: number;
  /** The answer came after its time was over. */
  readonly late: boolean;
  /** Seen before it was asked: another master speaks with it on this line. */
  readonly overheard: boolean;
};

export type LineScan = {
  readonly found: readonly FoundUnit[];
  readonly asked: number;
  readonly tookMs: number;
  /** False after an interrupt or when the port was lost. */
  readonly complete: boolean;
  /** What a person should know: noise, another master, a lost port. */
  readonly remarks: readonly string[];
};

export type LineScanOptions = ScanPlan & {
  /** The bus at a setting: the same for all but for baud rate and parity. */
  readonly busAt: (setting: LineSetting) => ModbusSettings;
  /** Asked of each unit in turn until one is answered. */
  readonly questions: readonly Question[];
  readonly marginMs: number;
  readonly deps: BusDeps;
  readonly signal: AbortSignal;
  readonly onFound: (found: FoundUnit) => void;
  readonly onProgress: (progress: { setting: LineSetting; unit: number; found: number; remainingMs: number }) => void;
};

/**
 * Asks every unit of a serial line. Never writes. A reply counts for the unit that it names, however late it comes; a unit that was
 * disturbed by one is asked again. Fails where the port does not open.
 */
export async function scanLine(
  options: LineScanOptions,
): Promise<({ ok: true } & LineScan) | { ok: false; say: string }> {
  const scan = new LineScanner(options);
  return scan.run();
}

class LineScanner {
  readonly #options: LineScanOptions;
  readonly #found = new Map<string, FoundUnit>();
  readonly #remarks = new Set<string>();
  readonly #done: Trial[] = [];
  readonly #answeredAt = new Set<LineSetting>();
  /** When each unit was asked last at the present setting. */
  #askedAtMs = new Map<number, number>();
  #asked = 0;
  #laterMs = 0;
  #setting: LineSetting | undefined;
  #probe: UnitProbe | undefined;

  constructor(options: LineScanOptions) {
    this.#options = options;
  }

  async run(): Promise<({ ok: true } & LineScan) | { ok: false; say: string }> {
    const { deps, signal } = this.#options;
    const beganMs = deps.nowMs();
    const onAbort = (): void => void this.#probe?.close();
    signal.addEventListener('abort', onAbort);
    try {
      const failure = await this.#trials();
      if (failure !== undefined && this.#asked === 0) return { ok: false, say: failure };
      if (failure !== undefined) this.#remarks.add(failure);
      return {
        ok: true,
        found: [...this.#found.values()],
        asked: this.#asked,
        tookMs: deps.nowMs() - beganMs,
        complete: failure === undefined && !signal.aborted,
        remarks: [...this.#remarks],
      };
    } finally {
      signal.removeEventListener('abort', onAbort);
      await this.#probe?.close();
    }
  }

  async #trials(): Promise<string | undefined> {
    for (;;) {
      const trial = nextTrial(this.#options, this.#done, this.#answeredAt);
      if (trial === undefined || this.#options.signal.aborted) return undefined;
      const failure = await this.#trial(trial);
      if (failure !== undefined) return failure;
      this.#done.push(trial);
    }
  }

  async #trial({ setting, units }: Trial): Promise<string | undefined> {
    const opened = await this.#openAt(setting);
    if (!opened.ok) return opened.say;
    const { probe } = opened;
    const { marginMs, signal, questions } = this.#options;
    const again = new Set<number>();
    let answering = -1;
    for (const [at, unit] of units.entries()) {
      if (signal.aborted) return undefined;
      if (answering !== this.#answeredAt.size) this.#estimate({ setting, units });
      answering = this.#answeredAt.size;
      this.#tell(setting, units, at);
      const heard = await this.#ask(probe, unit, marginMs);
      if (heard.kind === 'lost') return `${this.#name(setting)}: the port was lost at unit ${unit}`;
      if (heard.kind === 'disturbed') for (const each of this.#askedLately(unit)) again.add(each);
    }
    // Who answers later than all others are asked is heard here, and so is the answer to the last question.
    if (this.#found.size > 0 || again.size > 0) await probe.listen(Math.min(lateMs, marginMs * 3));
    for (const unit of [...again].slice(0, mostAgain)) {
      if (signal.aborted || this.#has(setting, unit)) continue;
      const heard = await this.#ask(probe, unit, Math.max(patientMs, marginMs), questions.slice(0, 1));
      if (heard.kind === 'disturbed' && heard.noise)
        this.#remarks.add(
          `${settingText(setting)}, unit ${unit}: something answers that is no correct reply. Two devices with one number, another parity, or noise?`,
        );
    }
    return undefined;
  }

  async #ask(probe: UnitProbe, unit: number, marginMs: number, questions = this.#options.questions): Promise<Heard> {
    let heard: Heard = { kind: 'silent' };
    for (const question of questions) {
      this.#asked++;
      this.#askedAtMs.set(unit, this.#options.deps.nowMs());
      heard = await probe.ask(unit, question, marginMs);
      if (heard.kind === 'answer') {
        const { roundTripMs, exceptionCode } = heard;
        this.#add(unit, {
          roundTripMs,
          late: false,
          overheard: false,
          ...(exceptionCode === undefined ? {} : { exceptionCode }),
        });
      }
      if (heard.kind !== 'silent' || this.#options.signal.aborted) return heard;
    }
    return heard;
  }

  #overheard(unit: number): void {
    const askedAtMs = this.#askedAtMs.get(unit);
    const { deps, units } = this.#options;
    const late = askedAtMs !== undefined && deps.nowMs() - askedAtMs < lateAtMostMs;
    if (!late && !units.includes(unit)) return;
    if (!late)
      this.#remarks.add(
        `unit ${unit} was heard answering a question that this scan did not ask: another master speaks on this line, and the two disturb each other`,
      );
    if (this.#setting !== undefined && !this.#has(this.#setting, unit)) this.#add(unit, { late, overheard: !late });
  }

  #add(unit: number, how: Omit<FoundUnit, 'unit' | 'setting'>): void {
    const setting = this.#setting;
    if (setting === undefined) return;
    const known = this.#found.get(keyOf(setting, unit));
    // A late answer is replaced by one in time, and never the other way round.
    if (known !== undefined && (how.late || how.overheard || !(known.late || known.overheard))) return;
    const found: FoundUnit = { unit, setting, ...how };
    this.#found.set(keyOf(setting, unit), found);
    this.#answeredAt.add(setting);
    if (known === undefined) this.#options.onFound(found);
  }

  #has(setting: LineSetting, unit: number): boolean {
    return this.#found.has(keyOf(setting, unit));
  }

  /** Units whose answer may have been what disturbed the line: this one, and those before it. */
  #askedLately(unit: number): readonly number[] {
    const nowMs = this.#options.deps.nowMs();
    const lately = [...this.#askedAtMs].filter(([, atMs]) => nowMs - atMs < lateMs).map(([each]) => each);
    return [unit, ...lately.slice(-suspects)];
  }

  async #openAt(setting: LineSetting): Promise<{ ok: true; probe: UnitProbe } | { ok: false; say: string }> {
    if (this.#probe !== undefined && this.#setting === setting) return { ok: true, probe: this.#probe };
    await this.#probe?.close();
    this.#setting = setting;
    this.#askedAtMs = new Map();
    const probe = new UnitProbe(this.#options.busAt(setting), {
      ...this.#options.deps,
      onOverheard: (unit) => this.#overheard(unit),
    });
    this.#probe = probe;
    const opened = await probe.open();
    return opened.ok ? { ok: true, probe } : opened;
  }

  #tell(setting: LineSetting, units: readonly number[], at: number): void {
    const { onProgress } = this.#options;
    const here = units.length - at;
    onProgress({
      setting,
      unit: units[at] ?? 0,
      found: this.#found.size,
      remainingMs: here * this.#eachMs(setting) + this.#laterMs,
    });
  }

  /** Of the trials after this one, as far as is known now. */
  #estimate(trial: Trial): void {
    const later = remainingTrials(this.#options, [...this.#done, trial], this.#answeredAt);
    this.#laterMs = later.reduce((sum, { setting, units }) => sum + units.length * this.#eachMs(setting), 0);
  }

  #eachMs({ baudRate }: LineSetting): number {
    const { marginMs, questions } = this.#options;
    const characterMs = 11_000 / baudRate;
    return questions.length * (12.5 * characterMs + marginMs + timerMs);
  }

  #name(setting: LineSetting): string {
    return this.#options.busAt(setting).name;
  }
}

const keyOf = (setting: LineSetting, unit: number): string => `${settingText(setting)} ${unit}`;

/** How late an answer may come and still be taken for one to this scan. */
const lateAtMostMs = 10_000;
const lateMs = 1_000;
/** For a unit that is asked again because the line was disturbed. */
const patientMs = 1_000;
const suspects = 4;
/** More disturbed units than this are a matter of the line, not of the units. */
const mostAgain = 24;
const timerMs = 1;
