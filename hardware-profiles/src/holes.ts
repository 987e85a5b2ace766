import type { ReadOutcome, ReadRequest, Span } from './device-model.ts';

/**
 * What of one device cannot be read, learned from its exceptions. A `hole`: these registers. A `gap`, of any size and none: what
 * lies left and right of it can be read, but not in one read across it. Each is tried again when its time is over, later each time
 * it fails. Immutable.
 */
export type Holes = { readonly entries: readonly Hole[] };
export type Hole = Span & { readonly kind: 'hole' | 'gap'; readonly untilMs: number; readonly failures: number };

export const noHoles: Holes = { entries: [] };

type Unreadable = Pick<Hole, 'kind' | keyof Span>;

const firstRestMs = 10 * 60_000;
const longestRestMs = 24 * 3_600_000;
/** At the bound the hole that is due first is forgotten: it costs one more failed read. */
const maxHoles = 500;

/** What the device says of what was asked, not of its momentary state: illegal function, address or value, device failure. */
const lastingExceptions: readonly (number | undefined)[] = [1, 2, 3, 4];

/** Does this outcome tell of the registers asked for, so that asking the same again is in vain for now? */
export function isLasting(outcome: ReadOutcome): boolean {
  return !outcome.ok && outcome.reason === 'exception' && lastingExceptions.includes(outcome.code);
}

/**
 * What the outcome of a read teaches. After an exception on a read of several of `spans`, it is cut in two and `retry` holds both
 * halves; on a read of one, that span is a hole. Following every `retry` takes at most two reads a span. Time-outs and other
 * failures teach nothing about addresses.
 */
export function learn(
  holes: Holes,
  request: ReadRequest,
  outcome: ReadOutcome,
  { spans, nowMs }: { readonly spans: readonly Span[]; readonly nowMs: number },
): { readonly holes: Holes; readonly retry: readonly ReadRequest[] } {
  if (outcome.ok) {
    const entries = holes.entries.filter((hole) => !touches(hole, request));
    return { holes: entries.length === holes.entries.length ? holes : { entries }, retry: [] };
  }
  if (!isLasting(outcome)) return { holes, retry: [] };
  const covered = spans.filter((span) => isWithin(span, request));
  const cut = middleCut(covered);
  if (cut === undefined) {
    const hole: Unreadable = { kind: 'hole', table: request.table, address: request.address, words: request.quantity };
    return { holes: withHole(holes, hole, nowMs), retry: [] };
  }
  const gap: Unreadable = {
    kind: 'gap',
    table: request.table,
    address: cut.endOfLeft,
    words: cut.startOfRight - cut.endOfLeft,
  };
  const left: ReadRequest = { table: request.table, address: cut.start, quantity: cut.endOfLeft - cut.start };
  const right: ReadRequest = { table: request.table, address: cut.startOfRight, quantity: cut.end - cut.startOfRight };
  return { holes: withHole(holes, gap, nowMs), retry: [left, right] };
}

/** Are registers of this span known to be unreadable now? */
export function isInHole(holes: Holes, span: Span, nowMs: number): boolean {
  const request: ReadRequest = { table: span.table, address: span.address, quantity: span.words };
  return holes.entries.some((hole) => hole.kind === 'hole' && nowMs < hole.untilMs && touches(hole, request));
}

/** May this read of several spans not be sent now: does it touch a hole, or go across a gap? */
export function isForbidden(holes: Holes, request: ReadRequest, nowMs: number): boolean {
  return holes.entries.some((hole) => nowMs < hole.untilMs && touches(hole, request));
}

/** Does this span lie in a hole whose time is over? */
export function isOnProbation(holes: Holes, span: Span, nowMs: number): boolean {
  const request: ReadRequest = { table: span.table, address: span.address, quantity: span.words };
  return holes.entries.some((hole) => hole.kind === 'hole' && nowMs >= hole.untilMs && touches(hole, request));
}

function touches(hole: Unreadable, { table, address, quantity }: ReadRequest): boolean {
  if (hole.table !== table) return false;
  const end = address + quantity;
  const endOfHole = hole.address + hole.words;
  return hole.kind === 'gap' ? address < hole.address && endOfHole < end : address < endOfHole && hole.address < end;
}

const isWithin = (span: Span, { table, address, quantity }: ReadRequest): boolean =>
  span.table === table && span.address >= address && span.address + span.words <= address + quantity;

type Cut = { readonly start: number; readonly endOfLeft: number; readonly startOfRight: number; readonly end: number };

/** Where to cut nearest to the middle without splitting a span; `undefined` if the spans hang together as one. */
function middleCut(covered: readonly Span[]): Cut | undefined {
  const ordered = covered.toSorted((a, b) => a.address - b.address);
  const [first] = ordered;
  if (first === undefined) return undefined;
  const end = Math.max(...ordered.map(({ address, words }) => address + words));
  let best: Cut | undefined;
  let endOfLeft = first.address;
  for (const span of ordered) {
    if (span.address >= endOfLeft && span.address > first.address) {
      const cut: Cut = { start: first.address, endOfLeft, startOfRight: span.address, end };
      if (best === undefined || imbalance(cut) < imbalance(best)) best = cut;
    }
    endOfLeft = Math.max(endOfLeft, span.address + span.words);
  }
  return best;
}

const imbalance = ({ start, endOfLeft, startOfRight, end }: Cut): number =>
  Math.abs(endOfLeft - start - (end - startOfRight));

function withHole(holes: Holes, unreadable: Unreadable, nowMs: number): Holes {
  const { kind, table, address, words } = unreadable;
  const isSame = (hole: Hole): boolean =>
    hole.kind === kind && hole.table === table && hole.address === address && hole.words === words;
  const failures = (holes.entries.find(isSame)?.failures ?? 0) + 1;
  const untilMs = nowMs + Math.min(longestRestMs, firstRestMs * 2 ** (failures - 1));
  const others = holes.entries.filter((hole) => !isSame(hole));
  const kept =
    others.length < maxHoles
      ? others
      : others.toSorted((a, b) => a.untilMs - b.untilMs).slice(others.length - maxHoles + 1);
  return { entries: [...kept, { ...unreadable, untilMs, failures }] };
}
