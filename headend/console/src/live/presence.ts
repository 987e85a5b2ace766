/** For so long after a key or a pointer, what the console asks is asked because of somebody who is there. */
const atWorkMs = 10_000;

/** Whether somebody is at work in this page: a session that is only looked at by machines ends. */
export class Presence {
  #lastMs = Number.NEGATIVE_INFINITY;
  #toldMs = Number.NEGATIVE_INFINITY;

  note(nowMs: number): void {
    this.#lastMs = nowMs;
  }

  isAtWork(nowMs: number): boolean {
    return nowMs - this.#lastMs < atWorkMs;
  }

  /** Was somebody at work since this was asked last? The head-end has to hear of it where the page asks nothing else. */
  isNew(nowMs: number): boolean {
    const worked = this.#lastMs > this.#toldMs;
    this.#toldMs = nowMs;
    return worked;
  }
}
