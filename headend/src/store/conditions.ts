export type ConditionId =
  | 'operations-disk'
  | 'telemetry-disk'
  | 'operations-damaged'
  | 'audit'
  | 'telemetry-set-aside'
  | 'warehouse'
  | 'warehouse-set-aside'
  | 'load-history'
  | 'estimates'
  | 'backup'
  | 'command-key'
  | 'clock'
  | 'authority'
  | 'own-certificate'
  | 'keys'
  | 'recovery-key'
  | 'restored';

/** What stands in the way of commands: it is told before all else. */
const first: readonly ConditionId[] = ['operations-damaged', 'operations-disk', 'restored', 'audit', 'keys', 'clock'];

/**
 * What is not well with the head-end itself, each with a sentence that says what to do: shown on the console, told in `/api/health`.
 * `onChange` hears each that begins or changes (with its sentence) and each that ends.
 */
export class Conditions {
  readonly #says = new Map<ConditionId, string>();
  readonly #onChange: (id: ConditionId, say: string | undefined) => void;

  constructor(onChange: (id: ConditionId, say: string | undefined) => void) {
    this.#onChange = onChange;
  }

  /** Without a sentence: it is well. */
  set(id: ConditionId, say: string | undefined): void {
    if (this.#says.get(id) === say) return;
    if (say === undefined) this.#says.delete(id);
    else this.#says.set(id, say);
    this.#onChange(id, say);
  }

  /** In the order in which they began. */
  get all(): ReadonlyMap<ConditionId, string> {
    return this.#says;
  }

  /** What stands in the way of commands first. */
  get says(): readonly string[] {
    const weighty = first.flatMap((id) => this.#says.get(id) ?? []);
    return [...weighty, ...[...this.#says].flatMap(([id, say]) => (first.includes(id) ? [] : [say]))];
  }
}
