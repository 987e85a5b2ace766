import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findProfile, layOut, learn, noHoles, planReads, readsEvery } from './index.ts';
import type { Hole, Holes, ReadOutcome, ReadRequest, Span, Table } from './index.ts';
import { costOf } from './plan-reads.ts';
import { findModel } from './sunspec/models.ts';

const wireCost = { perTransactionMs: 23, perRegisterMs: 2.3 };
const options = { maxRegisters: 125, wireCost, holes: noHoles, nowMs: 0 };
const refused: ReadOutcome = { ok: false, reason: 'exception', code: 2, say: 'illegal address' };
const seed = 11;

const holding = (address: number, words = 1): Span => ({ table: 'holding', address, words });
const read = (address: number, quantity: number, table: Table = 'holding'): ReadRequest => ({
  table,
  address,
  quantity,
});
const holesAt = (...entries: readonly Partial<Hole>[]): Holes => ({
  entries: entries.map((entry) => ({
    kind: 'hole',
    table: 'holding',
    address: 0,
    words: 1,
    untilMs: 1000,
    failures: 1,
    ...entry,
  })),
});
const endOf = ({ address, words }: Span): number => address + words;
const covers = ({ table, address, quantity }: ReadRequest, span: Span): boolean =>
  table === span.table && address <= span.address && endOf(span) <= address + quantity;

describe('the points of an SDM630 at 9600 baud', () => {
  const { model } = layOut(findProfile('eastron-sdm630')!);
  const plan = (perTransactionMs: number) =>
    planReads(readsEvery(model, ['cycle', 'minute']), {
      ...options,
      maxRegisters: model.maxRegisters,
      wireCost: { perTransactionMs, perRegisterMs: 2.3 },
    });

  test('are one read of 76 registers where the meter takes 60 ms to answer', () => {
    expect(plan(83)).toEqual([read(0, 76, 'input')]);
  });

  test('are three reads where it answers at once: the gaps are longer on the wire than two more transactions', () => {
    expect(plan(23)).toEqual([read(0, 18, 'input'), read(52, 2, 'input'), read(70, 6, 'input')]);
  });
});

test('all of model 701 is two reads', () => {
  const spans = [...findModel(701)!.points.values()].map(({ offset, size }) => holding(40_070 + offset, size));
  const reads = planReads(spans, options);
  expect(reads).toHaveLength(2);
  expect(Math.max(...reads.map(({ quantity }) => quantity))).toBeLessThanOrEqual(125);
});

describe('planReads', () => {
  test.each([
    { what: 'nothing', spans: [], reads: [] },
    { what: 'neighbours', spans: [holding(10), holding(11, 2)], reads: [read(10, 3)] },
    { what: 'doubles and overlaps', spans: [holding(10, 4), holding(10, 4), holding(12, 1)], reads: [read(10, 4)] },
    { what: 'a gap cheaper to bridge', spans: [holding(10), holding(20)], reads: [read(10, 11)] },
    { what: 'a gap as dear as a transaction, bridged', spans: [holding(10), holding(21)], reads: [read(10, 12)] },
    { what: 'a gap dearer than a transaction', spans: [holding(10), holding(22)], reads: [read(10, 1), read(22, 1)] },
    {
      what: 'a value at the limit is not split',
      spans: [holding(0, 124), holding(124, 2)],
      reads: [read(0, 124), read(124, 2)],
    },
    { what: 'a span larger than a read', spans: [holding(0, 126)], reads: [] },
    {
      what: 'tables apart',
      spans: [holding(1), { table: 'input', address: 2, words: 1 } as const],
      reads: [read(2, 1, 'input'), read(1, 1)],
    },
    {
      what: 'coils by the bit',
      spans: [0, 1, 2, 3].map((address): Span => ({ table: 'coil', address, words: 1 })),
      reads: [read(0, 4, 'coil')],
    },
  ])('$what', ({ spans, reads }) => expect(planReads(spans, options)).toEqual(reads));

  test.each([
    { what: 'a hole between is not touched', holes: holesAt({ address: 12 }), reads: [read(10, 2), read(14, 1)] },
    { what: 'what lies in a hole is left out', holes: holesAt({ address: 14 }), reads: [read(10, 2)] },
    {
      what: 'a hole is tried again alone when its time is over',
      holes: holesAt({ address: 14, untilMs: 0 }),
      reads: [read(10, 2), read(14, 1)],
    },
    {
      what: 'a gap is not bridged',
      holes: holesAt({ kind: 'gap', address: 12, words: 2 }),
      reads: [read(10, 2), read(14, 1)],
    },
    {
      what: 'a seam is not crossed',
      holes: holesAt({ kind: 'gap', address: 11, words: 0 }),
      reads: [read(10, 1), read(11, 4)],
    },
    {
      what: 'a gap is bridged again when its time is over',
      holes: holesAt({ kind: 'gap', address: 12, words: 2, untilMs: 0 }),
      reads: [read(10, 5)],
    },
  ])('$what', ({ holes, reads }) => {
    expect(planReads([holding(10), holding(11), holding(14)], { ...options, holes })).toEqual(reads);
  });

  test('every span is covered once readable, no read exceeds the limit or touches a hole, none is dearer than one read a span', () => {
    const span = fc.record({
      table: fc.constantFrom<Table>('holding', 'input', 'coil'),
      address: fc.nat(400),
      words: fc.constantFrom(1, 1, 2, 4),
    });
    const entry = (kind: Hole['kind'], fewestWords: number) =>
      fc.record({
        kind: fc.constant(kind),
        table: fc.constant<Table>('holding'),
        address: fc.nat(400),
        words: fc.integer({ min: fewestWords, max: 3 }),
        untilMs: fc.constantFrom(0, 1000),
        failures: fc.constant(1),
      });
    const hole = fc.oneof(entry('hole', 1), entry('gap', 0));
    const limits = fc.integer({ min: 4, max: 125 });
    fc.assert(
      fc.property(
        fc.array(span, { maxLength: 60 }),
        fc.array(hole, { maxLength: 8 }),
        limits,
        (spans, entries, maxRegisters) => {
          const reads = planReads(spans, { ...options, maxRegisters, holes: { entries } });
          const active = entries.filter(({ kind, untilMs }) => kind === 'hole' && untilMs > 0);
          const touched = (address: number, end: number, table: Table) =>
            active.some((one) => one.table === table && address < endOf(one) && one.address < end);
          for (const { table, address, quantity } of reads) {
            expect(quantity).toBeLessThanOrEqual(table === 'coil' ? 16 * maxRegisters : maxRegisters);
            expect(touched(address, address + quantity, table)).toBe(false);
          }
          const gaps = entries.filter(({ kind, untilMs }) => kind === 'gap' && untilMs > 0);
          const across = (gap: Span, { table, address, quantity }: ReadRequest) =>
            gap.table === table && address < gap.address && endOf(gap) < address + quantity;
          const isSpan = (one: ReadRequest) =>
            spans.some(
              ({ table, address, words }) => table === one.table && address === one.address && words === one.quantity,
            );
          for (const one of reads.filter((request) => !isSpan(request))) {
            expect(gaps.some((gap) => across(gap, one))).toBe(false);
          }
          const readable = spans.filter((one) => !touched(one.address, endOf(one), one.table));
          for (const one of readable) expect(reads.some((request) => covers(request, one))).toBe(true);
          const distinct = new Map(readable.map((one) => [`${one.table} ${one.address} ${one.words}`, one]));
          const naiveMs = [...distinct.values()].reduce(
            (sum, one) => sum + costOf({ ...one, quantity: one.words }, wireCost),
            0,
          );
          expect(reads.reduce((sum, one) => sum + costOf(one, wireCost), 0)).toBeLessThanOrEqual(naiveMs + 1e-6);
        },
      ),
      { seed, numRuns: 400 },
    );
  });
});

describe('learn', () => {
  test.each([
    { what: 'a time-out teaches nothing', outcome: { ok: false, reason: 'timeout', say: '' } as const },
    { what: 'a busy device teaches nothing', outcome: { ok: false, reason: 'exception', code: 6, say: '' } as const },
    { what: 'a good reply teaches nothing new', outcome: { ok: true, words: [1, 2, 3] } as const },
  ])('$what', ({ outcome }) => {
    expect(learn(noHoles, read(10, 3), outcome, { spans: [holding(10), holding(12)], nowMs: 0 })).toEqual({
      holes: noHoles,
      retry: [],
    });
  });

  test('a hole rests longer each time it fails, to a day, and is forgotten when it can be read', () => {
    const context = { spans: [holding(10)] };
    let holes = noHoles;
    const restsMin: number[] = [];
    for (let nowMs = 0, round = 0; round < 10; round++) {
      holes = learn(holes, read(10, 1), refused, { ...context, nowMs }).holes;
      restsMin.push((holes.entries[0]!.untilMs - nowMs) / 60_000);
      nowMs = holes.entries[0]!.untilMs;
    }
    expect(restsMin).toEqual([10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]);
    expect(learn(holes, read(10, 1), { ok: true, words: [1] }, { ...context, nowMs: 0 }).holes).toEqual(noHoles);
  });

  test('the number of entries is bounded', () => {
    let holes = noHoles;
    for (let address = 0; address < 700; address++)
      holes = learn(holes, read(address, 1), refused, { spans: [holding(address)], nowMs: address }).holes;
    expect(holes.entries).toHaveLength(500);
    expect(holes.entries.some(({ address }) => address === 699)).toBe(true);
  });

  test('following it keeps all that can be read, in at most two reads a span, and does not fail again while the holes rest', () => {
    const addresses = fc.uniqueArray(fc.nat(120), { minLength: 1, maxLength: 40 });
    const unreadable = fc.uniqueArray(fc.nat(120), { maxLength: 12 });
    fc.assert(
      fc.property(addresses, unreadable, (wanted, bad) => {
        const spans = wanted.map((address) => holding(address));
        const device = ({ address, quantity }: ReadRequest): ReadOutcome =>
          bad.some((one) => one >= address && one < address + quantity)
            ? refused
            : { ok: true, words: Array.from({ length: quantity }, () => 1) };
        const first = poll(spans, noHoles, device);
        expect(first.seen).toEqual(new Set(wanted.filter((address) => !bad.includes(address))));
        expect(first.reads).toBeLessThanOrEqual(2 * spans.length + 1);
        const second = poll(spans, first.holes, device);
        expect(second.failed).toBe(0);
        expect(second.seen).toEqual(first.seen);
      }),
      { seed, numRuns: 300 },
    );
  });
});

function poll(spans: readonly Span[], known: Holes, device: (request: ReadRequest) => ReadOutcome) {
  let holes = known;
  let reads = 0;
  let failed = 0;
  const seen = new Set<number>();
  const queue = [...planReads(spans, { ...options, holes })];
  for (let request = queue.shift(); request !== undefined; request = queue.shift()) {
    reads++;
    const outcome = device(request);
    if (outcome.ok) for (const span of spans) if (covers(request, span)) seen.add(span.address);
    if (!outcome.ok) failed++;
    const lesson = learn(holes, request, outcome, { spans, nowMs: 0 });
    holes = lesson.holes;
    queue.unshift(...lesson.retry);
  }
  return { holes, reads, failed, seen };
}
