import type { Meters } from './meters.ts';
import { settleDay, unsettledDays } from './settling.ts';
import type { Sessions } from './sessions.ts';

export type SettlerParts = {
  readonly sessions: Sessions;
  readonly folder: string;
  readonly meters: Meters;
  readonly nowMs: () => number;
  readonly log: (level: 'info' | 'warn', say: string) => void;
};

/** Landings that come one after the other are written into files together, when nothing came for so long. */
const quietMs = 20_000;
/** Or when so many rows wait, though they go on coming. */
const maxLandings = 400;

/** Writes what was landed into the files of its days: by itself when landing pauses, and when it is asked to. */
export class Settler {
  readonly #parts: SettlerParts;
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
    if (this.#landings >= maxLandings) {
      this.#landings = 0;
      this.#settleByItself();
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#settleByItself(), quietMs);
  }

  async settle(days?: readonly string[]): Promise<readonly string[]> {
    const mine = this.#last.then(async () => await this.#settle(days));
    this.#last = mine.catch(() => undefined);
    return await mine;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#last;
  }

  #settleByItself(): void {
    this.settle().catch((error: unknown) =>
      this.#parts.log(
        'warn',
        `intervals could not be written into files: ${error instanceof Error ? error.message : String(error)}`,
      ),
    );
  }

  async #settle(only: readonly string[] | undefined): Promise<readonly string[]> {
    const { sessions, folder, meters, nowMs } = this.#parts;
    await meters.list();
    const waiting = await sessions.read(unsettledDays);
    const settled: string[] = [];
    for (const { day } of waiting) {
      if (this.#stopped) break;
      if (only !== undefined && !only.includes(day)) continue;
      if (await settleDay(sessions, folder, day, nowMs())) settled.push(day);
    }
    return settled;
  }
}
