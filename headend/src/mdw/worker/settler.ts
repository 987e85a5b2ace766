import type { KeptDays } from './kept-days.ts';
import { forgetOldDays } from './retention.ts';
import { settleDay, unsettledDays } from './settling.ts';
import type { Sessions } from './sessions.ts';

export type SettlerParts = {
  readonly sessions: Sessions;
  readonly folder: string;
  readonly kept: KeptDays;
  readonly nowMs: () => number;
  readonly log: (level: 'info' | 'warn', say: string) => void;
  readonly onWritten: () => void;
};

/** Landings that come one after the other are written into files together, when nothing came for so long. */
const quietMs = 20_000;
/** Or when so many came, though they go on coming: then only days of which much waits. */
const manyLandings = 400;
/** Rows that wait, at least, and as a share of those in files, so that a large day is not written anew for a few. */
const muchRows = 200_000;
const muchShare = 0.25;
/** A day of which little waits is written anew after so long. */
const agedMs = 3_600_000;

type Waiting = { readonly day: string; readonly waiting: number; readonly stored: number };

/** Writes what was landed into the files of its days: by itself when landing pauses, and when it is asked to. */
export class Settler {
  readonly #parts: SettlerParts;
  readonly #waitsSinceMs = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #landings = 0;
  #last: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(parts: SettlerParts) {
    this.#parts = parts;
  }

  /** What a worker before this one has left is written, too. */
  start(): void {
    this.landed();
  }

  landed(): void {
    this.#landings += 1;
    if (this.#landings >= manyLandings) this.#byItself(isMuch);
    else this.#later(quietMs);
  }

  /** These days, or all. Gives those that were written. */
  async settle(days?: readonly string[]): Promise<readonly string[]> {
    return await this.#inTurn(({ day }) => days === undefined || days.includes(day));
  }

  /** After what is being written. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#last;
  }

  #later(afterMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#byItself((waiting) => isMuch(waiting) || this.#isAged(waiting)), afterMs);
  }

  #isAged({ day }: Waiting): boolean {
    return this.#parts.nowMs() - (this.#waitsSinceMs.get(day) ?? 0) >= agedMs;
  }

  #byItself(wanted: (waiting: Waiting) => boolean): void {
    this.#landings = 0;
    this.#inTurn(wanted).then(
      () => {
        if (this.#waitsSinceMs.size > 0 && !this.#stopped) this.#later(agedMs);
      },
      (error: unknown) => {
        this.#parts.log('warn', `intervals could not be written into files: ${String(error)}`);
        if (!this.#stopped) this.#later(quietMs);
      },
    );
  }

  async #inTurn(wanted: (waiting: Waiting) => boolean): Promise<readonly string[]> {
    const mine = this.#last.then(async () => await this.#settle(wanted));
    this.#last = mine.catch(() => undefined);
    return await mine;
  }

  async #settle(wanted: (waiting: Waiting) => boolean): Promise<readonly string[]> {
    const { sessions, folder, kept, nowMs, log, onWritten } = this.#parts;
    const settled: string[] = [];
    for (const each of await sessions.read(unsettledDays)) {
      const { day } = each;
      if (this.#stopped) break;
      if (!this.#waitsSinceMs.has(day)) this.#waitsSinceMs.set(day, nowMs());
      if (!wanted(each) || !(await settleDay(sessions, folder, day, nowMs()))) continue;
      this.#waitsSinceMs.delete(day);
      settled.push(day);
      onWritten();
    }
    if (settled.length === 0 || this.#stopped) return settled;
    const forgotten = await forgetOldDays(sessions, folder, kept.days, nowMs());
    if (forgotten.length > 0)
      log(
        'info',
        `intervals of ${forgotten.length} days older than ${kept.days} days are forgotten, the last of ${forgotten.at(-1) ?? ''}`,
      );
    return settled;
  }
}

/** A day that is not in files at all is worth it at once. */
const isMuch = ({ waiting, stored }: Waiting): boolean =>
  stored === 0 || (waiting >= muchRows && waiting >= stored * muchShare) || waiting >= stored;
