import { RequestRate } from './request-rate.ts';

export type Attempt = {
  readonly name: string;
  readonly address: string;
  /** This account signed in from there lately. */ readonly known: boolean;
};

const freeFailures = 5;
const firstWaitMs = 2_000;
const longestWaitMs = 15 * 60_000;
const forgetMs = 60 * 60_000;
const maxKeys = 10_000;

/**
 * How long to wait after failed sign-ins. It doubles for an account from one address. An address that fails at many accounts, and an
 * account that is guessed at from many addresses, let strangers wait, but not who signed in from there lately: nobody can lock out
 * somebody else. It does not ask whether there is such an account, so it tells nothing about that.
 */
export class SignInThrottle {
  readonly #failures = new Map<string, { count: number; atMs: number }>();
  readonly #addresses = new RequestRate({ burst: 30, everyMs: 10_000 });
  readonly #names = new RequestRate({ burst: 40, everyMs: 30_000 });

  /** 0: now. */
  waitMs({ name, address, known }: Attempt, nowMs: number): number {
    const own = this.#failures.get(pairOf(name, address));
    // Where the clock was set back, no longer than a wait that begins now.
    const pairMs = own === undefined ? 0 : backOffMs(own.count) - Math.max(0, nowMs - own.atMs);
    const othersMs = known ? 0 : Math.max(this.#addresses.waitMs(address, nowMs), this.#names.waitMs(name, nowMs));
    return Math.max(0, pairMs, othersMs);
  }

  /** How long it has to wait now; 0: it may try again at once. */
  failed({ name, address, known }: Attempt, nowMs: number): number {
    const pair = pairOf(name, address);
    const before = this.#failures.get(pair);
    const count = before === undefined || nowMs - before.atMs > forgetMs ? 1 : before.count + 1;
    this.#failures.delete(pair);
    this.#failures.set(pair, { count, atMs: nowMs });
    const oldest = this.#failures.size > maxKeys ? this.#failures.keys().next().value : undefined;
    if (oldest !== undefined) this.#failures.delete(oldest);
    this.#addresses.take(address, nowMs);
    if (!known) this.#names.take(name, nowMs);
    return this.waitMs({ name, address, known }, nowMs);
  }

  succeeded({ name, address }: Attempt): void {
    this.#failures.delete(pairOf(name, address));
  }
}

const pairOf = (name: string, address: string): string => `${address} ${name}`;

function backOffMs(failures: number): number {
  if (failures < freeFailures) return 0;
  return Math.min(longestWaitMs, firstWaitMs * 2 ** (failures - freeFailures));
}
