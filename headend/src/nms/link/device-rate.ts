export type RateLimits = {
  messagesPerS: number;
  /** So many at once, after as long a rest. */
  messagesBurst: number;
  bytesPerS: number;
  bytesBurst: number;
};

/**
 * How fast one gateway may send, over all of its connections. What came is always taken, on credit if need be, and then it has to wait until
 * that is made good: so no message is lost, and none is asked for its size before it is read.
 */
export class DeviceRate {
  readonly #limits: RateLimits;
  readonly #onSlowed: () => void;
  #messages: number;
  #bytes: number;
  #atMs: number;
  #told = false;

  /** `onSlowed` is called once, at the first wait. */
  constructor(limits: RateLimits, nowMs: number, onSlowed: () => void) {
    this.#limits = limits;
    this.#onSlowed = onSlowed;
    this.#messages = limits.messagesBurst;
    this.#bytes = limits.bytesBurst;
    this.#atMs = nowMs;
  }

  /** Until it may send again; 0: it may. */
  waitMs(nowMs: number): number {
    this.#refill(nowMs);
    const { messagesPerS, bytesPerS } = this.#limits;
    const waitMs = Math.ceil(Math.max(-this.#messages / messagesPerS, -this.#bytes / bytesPerS, 0) * 1_000);
    if (waitMs > 0 && !this.#told) {
      this.#told = true;
      this.#onSlowed();
    }
    return waitMs;
  }

  take(messages: number, bytes: number, nowMs: number): void {
    this.#refill(nowMs);
    this.#messages -= messages;
    this.#bytes -= bytes;
  }

  #refill(nowMs: number): void {
    const { messagesPerS, messagesBurst, bytesPerS, bytesBurst } = this.#limits;
    const passedS = Math.max(0, nowMs - this.#atMs) / 1_000;
    this.#atMs = nowMs;
    this.#messages = Math.min(messagesBurst, this.#messages + passedS * messagesPerS);
    this.#bytes = Math.min(bytesBurst, this.#bytes + passedS * bytesPerS);
  }
}
