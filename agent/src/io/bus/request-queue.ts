import type { Priority } from './bus.ts';

/** First in, first out, commands before polls. Each priority has its own bound, so that polls cannot crowd out a command. */
export class RequestQueue<T> {
  readonly #limit: number;
  readonly #waiting: Record<Priority, T[]> = { command: [], poll: [] };

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False at the bound: the item is not taken. */
  put(item: T, priority: Priority): boolean {
    if (this.#waiting[priority].length >= this.#limit) return false;
    this.#waiting[priority].push(item);
    return true;
  }

  /** Back to the head of the polls, for one that made way for a command; it had its place, so the bound does not count. */
  putBack(item: T): void {
    this.#waiting.poll.unshift(item);
  }

  take(): T | undefined {
    return this.#waiting.command.shift() ?? this.#waiting.poll.shift();
  }

  commandWaits(): boolean {
    return this.#waiting.command.length > 0;
  }

  size(): number {
    return this.#waiting.command.length + this.#waiting.poll.length;
  }
}
