import type { Priority } from './bus.ts';

/** So many polls go before one request that can wait; then it is let in, so that a crowded bus answers it some time. */
const pollsBeforeSpare = 10;

/**
 * First in, first out, commands before polls, and polls before what can wait. Each priority has its own bound, so that the lesser cannot
 * crowd out the greater.
 */
export class RequestQueue<T> {
  readonly #limit: number;
  readonly #waiting: Record<Priority, T[]> = { command: [], poll: [], spare: [] };
  #passedOver = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False at the bound: the item is not taken. */
  put(item: T, priority: Priority): boolean {
    if (this.#waiting[priority].length >= this.#limit) return false;
    this.#waiting[priority].push(item);
    return true;
  }

  /** Back to the head, for one that made way for something more urgent; it had its place, so the bound does not count. */
  putBack(item: T, priority: Priority): void {
    this.#waiting[priority].unshift(item);
  }

  take(): T | undefined {
    const { command, poll, spare } = this.#waiting;
    if (command.length > 0) return command.shift();
    if (spare.length > 0 && (poll.length === 0 || this.#passedOver >= pollsBeforeSpare)) {
      this.#passedOver = 0;
      return spare.shift();
    }
    if (spare.length > 0) this.#passedOver += 1;
    return poll.shift();
  }

  /** Does something wait that a request of this priority, under way, is to make way for? */
  isWaitingBefore(priority: Priority): boolean {
    const { command, poll } = this.#waiting;
    return priority !== 'command' && (command.length > 0 || (priority === 'spare' && poll.length > 0));
  }

  size(): number {
    const { command, poll, spare } = this.#waiting;
    return command.length + poll.length + spare.length;
  }
}
