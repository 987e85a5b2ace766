import type { NetworkStore } from '../store/network-store.ts';
import type { AuditEntry, NotRecorded } from '../store/store.ts';
import { NetworkHistory } from './connectivity/network-history.ts';
import type { SwitchOperation } from './connectivity/network-history.ts';
import type { NetworkView } from './connectivity/network-view.ts';
import type { ElementChange } from './model/network-change.ts';
import { editRecord, eventOf, operationRecord } from './network-register.ts';
import type { Recording } from './network-register.ts';

/** The network of a running head-end: what its store holds, kept in memory, and what is recorded from now on. */
export class LiveNetwork {
  readonly #store: NetworkStore;
  readonly #history = new NetworkHistory();
  #seq = 0;
  #listeners: readonly ((fromMs: number) => void)[] = [];

  constructor(store: NetworkStore) {
    this.#store = store;
  }

  /** From the instant that is told on, the network is another one than was known. */
  onChange(listener: (fromMs: number) => void): void {
    this.#listeners = [...this.#listeners, listener];
  }

  /** Takes in what the store has and this has not: at the start, and what was imported meanwhile. */
  refresh(): void {
    let earliestMs: number | undefined;
    for (const change of this.#store.changes(this.#seq)) {
      this.#history.record(eventOf(change));
      this.#seq = change.seq;
      earliestMs = Math.min(earliestMs ?? change.atMs, change.atMs);
    }
    if (earliestMs !== undefined) for (const tell of this.#listeners) tell(earliestMs);
  }

  get history(): NetworkHistory {
    return this.#history;
  }

  /** The number of the last change: another one means another network. */
  get revision(): number {
    return this.#seq;
  }

  at(atMs: number): NetworkView {
    return this.#history.at(atMs);
  }

  recordOperation(operation: SwitchOperation, recording: Recording, audit: AuditEntry): NotRecorded {
    return this.#recorded(this.#store.append(operationRecord(operation, recording), audit));
  }

  recordEdit(
    { changes, atMs }: { changes: readonly ElementChange[]; atMs: number },
    recording: Recording,
    audit: AuditEntry,
  ): NotRecorded {
    return this.#recorded(this.#store.append(editRecord(changes, atMs, recording), audit));
  }

  #recorded(outcome: NotRecorded): NotRecorded {
    if (outcome.ok) this.refresh();
    return outcome;
  }
}
