import type { TimeQuality } from '@tiepoint/protocol';
import type { Clock } from '../clock.ts';
import type { Database } from './gateway-database.ts';

type Kept = { readonly atMs: number; readonly marginMs: number; readonly sure: boolean };

/** As far as two clocks may differ that are called synchronised. */
const toleranceMs = 2_000;

/**
 * Since when the journal remembers. What was issued before may have been carried out, and nothing here would know it. The instant is
 * told by the head-end's clock, for that is what commands are stamped with: a gateway that starts with a wrong clock, as one without
 * a battery does, knows it only once both agree, and until then nobody can say what came before.
 */
export class Beginning {
  readonly #database: Database;
  readonly #clock: Clock;
  #sureMs: number | undefined;
  #marginMs = 0;
  /** On the monotonic clock. */
  #seenMs: number;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.#seenMs = clock.monotonicMs();
  }

  /**
   * At the start and when the database was exchanged. A beginning that nobody was sure of moves on to now, the safe side. `setAside`:
   * the one before was in use until this moment, so that it matters how far the clocks may differ.
   */
  load({ setAside }: { setAside: boolean }): void {
    this.#sureMs = undefined;
    this.#seenMs = this.#clock.monotonicMs();
    const row = this.#database.prepare(`SELECT value FROM setting WHERE name = 'beginning'`).get();
    const kept = row && (JSON.parse(new TextDecoder().decode(row['value'] as Uint8Array)) as Kept);
    this.#marginMs = kept?.marginMs ?? (setAside ? toleranceMs : 0);
    if (kept?.sure === true) this.#sureMs = kept.atMs + kept.marginMs;
    else this.#keep({ atMs: this.#clock.nowMs(), marginMs: this.#marginMs, sure: false });
  }

  /** What was issued until then may have been seen before. `undefined`: not known on the head-end's clock yet. Throws where the disk fails. */
  instantMs(timeQuality: TimeQuality): number | undefined {
    if (this.#sureMs !== undefined || timeQuality !== 'synchronised') return this.#sureMs;
    const atMs = Math.round(this.#clock.nowMs() - (this.#clock.monotonicMs() - this.#seenMs));
    this.#keep({ atMs, marginMs: this.#marginMs, sure: true });
    return (this.#sureMs = atMs + this.#marginMs);
  }

  #keep(kept: Kept): void {
    this.#database
      .prepare(`INSERT INTO setting VALUES ('beginning', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`)
      .run(new TextEncoder().encode(JSON.stringify(kept)));
  }
}
