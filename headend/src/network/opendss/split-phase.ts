import type { DssImport } from './dss-import.ts';
import { isCentreTapped } from './transformers.ts';
import type { ReadTransformer } from './transformers.ts';

/** Buses that only lines join to the secondary of a centre-tapped transformer, in lower case. */
export function splitPhaseBuses(dss: DssImport, transformers: readonly ReadTransformer[]): Set<string> {
  const neighbours = new Map<string, string[]>();
  const join = (one: string, other: string): void => {
    const known = neighbours.get(one);
    if (known === undefined) neighbours.set(one, [other]);
    else known.push(other);
  };
  for (const kind of ['line', 'reactor'] as const) {
    for (const { assignments } of dss.book.all(kind)) {
      const bus = (property: string): string =>
        (assignments.findLast((each) => each.property === property)?.value.split('.')[0] ?? '').trim().toLowerCase();
      const [one, other] = [bus('bus1'), bus('bus2')];
      if (one === '' || other === '') continue;
      join(one, other);
      join(other, one);
    }
  }
  const split = new Set(
    transformers.filter(isCentreTapped).map(({ terminals }) => (terminals[1]?.bus ?? '').toLowerCase()),
  );
  for (const bus of split) for (const next of neighbours.get(bus) ?? []) split.add(next);
  return split;
}
