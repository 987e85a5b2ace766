import type { ImportProgress } from '../network/importing/aside.ts';
import type { ImportView } from './interval-contract.ts';

const kept = 20;

/** Imports of one kind of files since the start, and how far the one is that is under way: each takes memory and a processor, so one at a time. */
export class FileImports {
  readonly #now: () => number;
  #views: readonly ImportView[] = [];
  #lastId = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  views(): readonly ImportView[] {
    return this.#views;
  }

  get isBusy(): boolean {
    return this.#views.some(({ endedAtMs }) => endedAtMs === undefined);
  }

  /** Gives its number. */
  begin(of: Pick<ImportView, 'file' | 'who' | 'dryRun'>): number {
    this.#lastId += 1;
    const begun = { ...of, id: this.#lastId, startedAtMs: this.#now(), state: 'reading', done: 0, total: 0 } as const;
    this.#views = [begun, ...this.#views].slice(0, kept);
    return begun.id;
  }

  progress(id: number, at: ImportProgress): void {
    this.#change(id, at);
  }

  end(id: number, how: { readonly ok: boolean; readonly say: string }): void {
    this.#change(id, { state: how.ok ? 'done' : 'refused', say: how.say, endedAtMs: this.#now() });
  }

  #change(id: number, change: Partial<ImportView>): void {
    this.#views = this.#views.map((view) => (view.id === id ? { ...view, ...change } : view));
  }
}
