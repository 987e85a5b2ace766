import { useCallback, useState } from 'react';

export type Chosen = {
  /** Undefined: nothing is being chosen. */
  readonly ids: ReadonlySet<string> | undefined;
  readonly toggle: (id: string) => void;
  readonly choose: (ids: readonly string[]) => void;
  readonly begin: () => void;
  readonly end: () => void;
};

/** Devices that somebody picks out of the table; they stay chosen when the table is filtered or put in another order. */
export function useChosen(): Chosen {
  const [ids, setIds] = useState<ReadonlySet<string>>();
  const toggle = useCallback((id: string) => setIds((before) => toggled(before ?? new Set(), id)), []);
  const choose = useCallback(
    (more: readonly string[]) => setIds((before) => new Set([...(before ?? []), ...more])),
    [],
  );
  const begin = useCallback(() => setIds(new Set()), []);
  const end = useCallback(() => setIds(undefined), []);
  return { ids, toggle, choose, begin, end };
}

function toggled(before: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const after = new Set(before);
  if (!after.delete(id)) after.add(id);
  return after;
}
