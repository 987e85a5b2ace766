import type { CircuitResponse } from '../../../src/api/network-contract.ts';

type Segment = CircuitResponse['segmentList'][number];
type Switch = CircuitResponse['switches'][number];

/** Where a segment is drawn: columns from the source on, rows from the top. */
export type PlacedSegment = { readonly segment: Segment; readonly column: number; readonly row: number };
/** A switch between two segments, or, with `toSegment` alone known, at the rim: a tie, or where the circuit is fed. */
export type PlacedSwitch = {
  readonly drawn: Switch;
  readonly from: PlacedSegment;
  /** Absent: a tie that is open towards another circuit, drawn as a stub. */
  readonly to: PlacedSegment | undefined;
  /** Of a stub: the row that it stands in. */
  readonly row: number;
  /** What is beyond a stub. */
  readonly beyond: Segment | undefined;
};
export type DiagramLayout = {
  readonly segments: readonly PlacedSegment[];
  readonly switches: readonly PlacedSwitch[];
  /** The switch that feeds the first segment. */
  readonly head: Switch | undefined;
  readonly columns: number;
  readonly rows: number;
};

/** A tree from the source: the branch with the most behind it goes straight on, the others turn off below it. */
export function layOut({
  root,
  segmentList,
  switches,
}: Pick<CircuitResponse, 'root' | 'segmentList' | 'switches'>): DiagramLayout {
  const byId = new Map(segmentList.map((each) => [each.id, each]));
  const first = root === undefined ? undefined : byId.get(root);
  if (first === undefined) return { segments: [], switches: [], head: undefined, columns: 0, rows: 0 };
  const exits = new Map<string, Switch[]>();
  for (const each of switches) {
    exits.set(each.from, [...(exits.get(each.from) ?? []), each]);
    // A switch that is open may have the near side at either end.
    if (each.state === 'open') exits.set(each.to, [...(exits.get(each.to) ?? []), each]);
  }
  const placed = new Map<string, PlacedSegment>();
  const drawn = new Map<string, PlacedSwitch>();
  const head = switches.find(({ to }) => to === first.id);
  let [columns, rows] = [0, 0];

  const weightOf = (segment: Segment, seen: ReadonlySet<string>): number => {
    const further = (exits.get(segment.id) ?? []).flatMap(({ state, from, to }) => {
      const next = byId.get(from === segment.id ? to : from);
      return state !== 'open' && next !== undefined && !seen.has(next.id) ? [next] : [];
    });
    const now = new Set([...seen, segment.id]);
    // A way that ends at a tie is a trunk rather than a lateral.
    const ties = (exits.get(segment.id) ?? []).filter(({ state }) => state === 'open').length;
    return 1 + ties / 2 + further.reduce((total, next) => total + weightOf(next, now), 0);
  };

  const place = (segment: Segment, column: number, row: number): number => {
    const here: PlacedSegment = { segment, column, row };
    placed.set(segment.id, here);
    columns = Math.max(columns, column + 1);
    rows = Math.max(rows, row + 1);
    let next = row;
    const own = (exits.get(segment.id) ?? []).filter((each) => each !== head && !drawn.has(each.id));
    const ways = own.map((each) => ({ each, other: byId.get(each.from === segment.id ? each.to : each.from) }));
    const feeding = ways.filter(
      ({ each, other }) => each.state !== 'open' && other !== undefined && !placed.has(other.id),
    );
    const seen = new Set(placed.keys());
    const sorted = feeding.toSorted((a, b) => weightOf(b.other!, seen) - weightOf(a.other!, seen));
    let isFirst = true;
    for (const { each, other } of sorted) {
      if (other === undefined || placed.has(other.id) || drawn.has(each.id)) continue;
      const at = isFirst ? row : next + 1;
      isFirst = false;
      drawn.set(each.id, { drawn: each, from: here, to: undefined, row, beyond: other });
      next = Math.max(next, place(other, column + 1, at));
      drawn.set(each.id, { drawn: each, from: here, to: placed.get(other.id), row: at, beyond: undefined });
    }
    for (const { each, other } of ways) {
      if (drawn.has(each.id)) continue;
      // Both ends are of this circuit: drawn between them, once.
      const to = other === undefined ? undefined : placed.get(other.id);
      if (to === undefined) {
        next = isFirst ? row : next + 1;
        isFirst = false;
        columns = Math.max(columns, column + 2);
        rows = Math.max(rows, next + 1);
        drawn.set(each.id, { drawn: each, from: here, to: undefined, row: next, beyond: other });
      } else drawn.set(each.id, { drawn: each, from: here, to, row, beyond: undefined });
    }
    return next;
  };
  place(first, 0, 0);
  return { segments: [...placed.values()], switches: [...drawn.values()], head, columns, rows };
}
