import { isFinal } from '@tiepoint/protocol';
import type { CommandRecord, OperationsStore } from '../store/store.ts';

/**
 * Which devices a command left in doubt: the list that somebody has to work off. Kept in memory, so that a row of the fleet
 * costs no query; the store is asked only where something changed.
 */
export class Unconfirmed {
  readonly #store: Pick<OperationsStore, 'unconfirmedKeys' | 'unconfirmedAt'>;
  readonly #open = new Map<string, CommandRecord>();

  constructor(store: Pick<OperationsStore, 'unconfirmedKeys' | 'unconfirmedAt'>) {
    this.#store = store;
  }

  load(): void {
    for (const key of this.#store.unconfirmedKeys()) this.look(key);
  }

  of(deviceKey: string): CommandRecord | undefined {
    return this.#open.get(deviceKey);
  }

  /** A command moved on. */
  moved({ state, targetKey, routeKey }: CommandRecord): void {
    if (isFinal(state)) for (const key of new Set([targetKey, routeKey])) this.look(key);
  }

  /** Something happened at this device that may begin or end the doubt: a command's end, or a tag. */
  look(deviceKey: string): void {
    const command = this.#store.unconfirmedAt(deviceKey);
    if (command === undefined) this.#open.delete(deviceKey);
    else this.#open.set(deviceKey, command);
  }
}
