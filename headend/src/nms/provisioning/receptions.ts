/** When a message of a device was received: its own numbers, and the head-end's time. */
export type Reception = {
  readonly of: 'status' | 'event';
  readonly session: number;
  readonly seq: number;
  readonly sampleMs: number;
  readonly receivedMs: number;
};

const maxDevices = 2_000;
const maxOfDevice = 2_000;
const forgetAfterMs = 1_800_000;

type Noted = { sinceMs: number; askedAtMs: number; receptions: Reception[] };

/**
 * Notes receptions of those devices that a technician is looking at: from the first question on, until half an hour after the last. Of
 * the whole fleet it would be more than memory holds, and nobody asks.
 */
export class Receptions {
  readonly #noted = new Map<string, Noted>();

  /** Begins to note, or goes on; the device asked for longest ago gives way where there are too many. */
  watch(deviceKey: string, nowMs: number): void {
    const known = this.#noted.get(deviceKey);
    this.#noted.delete(deviceKey);
    this.#forget(nowMs);
    this.#noted.set(
      deviceKey,
      known === undefined || known.askedAtMs + forgetAfterMs < nowMs
        ? { sinceMs: nowMs, askedAtMs: nowMs, receptions: [] }
        : { ...known, askedAtMs: nowMs },
    );
  }

  note(deviceKey: string, reception: Reception): void {
    const noted = this.#noted.get(deviceKey);
    if (noted === undefined) return;
    noted.receptions.push(reception);
    if (noted.receptions.length > maxOfDevice) noted.receptions.shift();
  }

  of(deviceKey: string): { readonly sinceMs: number; readonly receptions: readonly Reception[] } | undefined {
    return this.#noted.get(deviceKey);
  }

  #forget(nowMs: number): void {
    for (const [key, { askedAtMs }] of this.#noted) {
      if (askedAtMs + forgetAfterMs >= nowMs && this.#noted.size < maxDevices) return;
      this.#noted.delete(key);
    }
  }
}

/** Numbers of a session that none of these messages has, between the first and the last of them. */
export function missedSeqs(receptions: readonly Reception[], session: number, atMost: number): readonly number[] {
  const seqs = new Set(receptions.filter((each) => each.session === session).map(({ seq }) => seq));
  if (seqs.size === 0) return [];
  const missed: number[] = [];
  const last = Math.max(...seqs);
  for (let seq = Math.min(...seqs); seq <= last && missed.length < atMost; seq += 1)
    if (!seqs.has(seq)) missed.push(seq);
  return missed;
}
