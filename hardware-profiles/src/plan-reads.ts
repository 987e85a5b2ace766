import type { ReadRequest, Span } from './device-model.ts';
import { isForbidden, isInHole, isOnProbation } from './holes.ts';
import type { Holes } from './holes.ts';
import type { Table } from './profile.ts';

/**
 * What a read costs: request, frame of the reply, silences and the time the device takes to answer; and each register of the reply. A
 * bit costs a sixteenth of it. The longer a device takes to answer, the more bridging pays.
 */
export type WireCost = { readonly perTransactionMs: number; readonly perRegisterMs: number };
export type PlanOptions = {
  /** Largest number of registers in one read; of bits sixteen times as many, at most 2000. */
  readonly maxRegisters: number;
  readonly wireCost: WireCost;
  readonly holes: Holes;
  readonly nowMs: number;
};

const tables: readonly Table[] = ['coil', 'discrete', 'input', 'holding'];

/**
 * The reads of least wire time that cover all spans. Gaps are bridged where that is cheaper than another transaction. A span is
 * never split, no read touches a hole, and a hole that is due to be tried again is read alone. Spans in holes, and spans larger
 * than one read may be, are left out.
 */
export function planReads(spans: readonly Span[], options: PlanOptions): readonly ReadRequest[] {
  return tables.flatMap((table) => planTable(table, inOrder(spans, table), options));
}

/** Spans of one table by address, without doubles. */
function inOrder(spans: readonly Span[], table: Table): readonly Span[] {
  const unique = new Map<number, Span>();
  for (const span of spans) if (span.table === table) unique.set(span.address * 0x1_0000 + span.words, span);
  return [...unique].sort(([a], [b]) => a - b).map(([, span]) => span);
}

function planTable(table: Table, ordered: readonly Span[], options: PlanOptions): readonly ReadRequest[] {
  const { holes, nowMs } = options;
  const limit = quantityLimit(table, options.maxRegisters);
  const readable = ordered.filter((span) => span.words <= limit && !isInHole(holes, span, nowMs));
  const alone = readable.filter((span) => isOnProbation(holes, span, nowMs));
  const together = readable.filter((span) => !alone.includes(span));
  return [...leastTime(together, limit, options), ...alone.map((span) => request([span]))];
}

function quantityLimit(table: Table, maxRegisters: number): number {
  return table === 'coil' || table === 'discrete' ? Math.min(2000, 16 * maxRegisters) : maxRegisters;
}

/** Cuts the ordered spans into runs of least total cost, by dynamic programming over the run that ends at each span. */
function leastTime(spans: readonly Span[], limit: number, options: PlanOptions): readonly ReadRequest[] {
  const best: { costMs: number; from: number; read: ReadRequest }[] = [];
  for (let last = 0; last < spans.length; last++) {
    let chosen: (typeof best)[number] | undefined;
    for (let from = last; from >= 0; from--) {
      const read = request(spans.slice(from, last + 1));
      if (read.quantity > limit) break;
      if (from !== last && blocked(read, options)) break;
      const costMs = (best[from - 1]?.costMs ?? 0) + costOf(read, options.wireCost);
      if (chosen === undefined || costMs <= chosen.costMs) chosen = { costMs, from, read };
    }
    if (chosen !== undefined) best[last] = chosen;
  }
  const reads: ReadRequest[] = [];
  for (let last = spans.length - 1; last >= 0;) {
    const chosen = best[last];
    if (chosen === undefined) break;
    reads.unshift(chosen.read);
    last = chosen.from - 1;
  }
  return reads;
}

const blocked = (read: ReadRequest, { holes, nowMs }: PlanOptions): boolean => isForbidden(holes, read, nowMs);

/** Wire time of one read in this model of the wire. */
export function costOf({ table, quantity }: ReadRequest, { perTransactionMs, perRegisterMs }: WireCost): number {
  const registers = table === 'coil' || table === 'discrete' ? Math.ceil(quantity / 16) : quantity;
  return perTransactionMs + registers * perRegisterMs;
}

function request(spans: readonly Span[]): ReadRequest {
  const [first] = spans;
  if (first === undefined) throw new Error('a read of nothing');
  const end = Math.max(...spans.map(({ address, words }) => address + words));
  return { table: first.table, address: first.address, quantity: end - first.address };
}
