import { takesTwo } from '@tiepoint/protocol';
import type { CommandRecord } from '../store/store.ts';
import type { Selection } from './selections.ts';
import type { Twin } from './twins.ts';

export type TwoOperatorLimits = {
  /** So many devices may one operator disconnect within the window; what goes beyond takes two. */
  readonly groupSize: number;
  readonly windowMs: number;
};

type Done = { readonly operator: string; readonly deviceKey: string; readonly atMs: number };

/**
 * What takes two operators: letting a generator onto a live bus, and taking many off at once. Many single disconnects of one operator within
 * some minutes are a group, too; what a second operator approved is not counted.
 */
export class TwoOperators {
  readonly #limits: TwoOperatorLimits;
  #disconnects: readonly Done[] = [];

  constructor(limits: TwoOperatorLimits) {
    this.#limits = limits;
  }

  /** A command is under way now, or was when the head-end stopped. */
  took({ kind, operator, approver, targetKey, requestedAtMs }: CommandRecord): void {
    if (kind !== 'disconnect' || approver !== undefined) return;
    const since = requestedAtMs - this.#limits.windowMs;
    const kept = this.#disconnects.filter(({ atMs }) => atMs > since);
    this.#disconnects = [...kept, { operator, deviceKey: targetKey, atMs: requestedAtMs }];
  }

  /** Why these, together, take two; undefined: one does. `carrierOf`: the device that carries a selection out. */
  needOf(
    selections: readonly Selection[],
    carrierOf: (selection: Selection) => Twin | undefined,
    nowMs: number,
  ): string | undefined {
    for (const selection of selections) {
      const joins = takesTwo(selection.kind, carrierOf(selection)?.birth.capabilities ?? []);
      if (joins !== undefined) return joins;
    }
    const taken = selections.filter(({ kind }) => kind === 'disconnect');
    const [first] = taken;
    if (first === undefined) return undefined;
    const { groupSize, windowMs } = this.#limits;
    const lately = this.#disconnects.filter(
      ({ operator, atMs }) => operator === first.operator && atMs > nowMs - windowMs,
    );
    const devices = new Set([...lately.map(({ deviceKey }) => deviceKey), ...taken.map(({ targetKey }) => targetKey)]);
    if (devices.size <= groupSize) return undefined;
    const before = devices.size - taken.length;
    const within = before > 0 ? ` (${before} within the last ${windowMs / 60_000} minutes)` : '';
    return `With ${devices.size} devices${within} this is a group: above ${groupSize} a second operator approves it.`;
  }
}
