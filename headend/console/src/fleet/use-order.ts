import { useEffect, useMemo, useRef, useState } from 'react';
import type { RefObject } from 'react';
import type { FleetRow } from '../../../src/api/contract.ts';
import { useConsole, useStore } from '../live/console-context.tsx';
import type { FleetStore } from '../live/fleet-store.ts';
import { isLiveOrder, nameRanks, orderRows, sameOrder } from './row-order.ts';
import type { RowFilter, Sort } from './row-order.ts';

/** A table sorted by a live value is put in order anew at most this often, and not while somebody is about to click a row. */
const everyMs = 2_000;
const heldAfterPointingMs = 3_000;

/** The ids to show. The same array as long as the order stays, so that the table is drawn again only when rows move. */
export function useOrder(filter: RowFilter, sort: Sort, pointedAtMs: RefObject<number>): readonly string[] {
  const { store } = useConsole();
  const ids = useStore('ids', (known) => known.ids());
  const ranks = useMemo(() => nameRanks(rowsOf(store, ids)), [store, ids]);
  const chosen = useMemo(() => ({ filter, sort }), [filter, sort]);
  const [, setTurn] = useState(0);
  const shown = useRef<{ made: object; ranks: object; order: readonly string[] }>(undefined);

  if (shown.current === undefined || shown.current.made !== chosen || shown.current.ranks !== ranks) {
    shown.current = { made: chosen, ranks, order: orderRows(rowsOf(store, ids), ranks, chosen) };
  }
  useEffect(() => {
    if (!isLiveOrder(chosen)) return undefined;
    let dirty = false;
    const unsubscribe = store.subscribe('rows', () => (dirty = true));
    const timer = setInterval(() => {
      const before = shown.current;
      if (!dirty || before === undefined || performance.now() - pointedAtMs.current < heldAfterPointingMs) return;
      dirty = false;
      const order = orderRows(rowsOf(store, store.ids()), ranks, chosen);
      if (sameOrder(order, before.order)) return;
      shown.current = { made: chosen, ranks, order };
      setTurn((turn) => turn + 1);
    }, everyMs);
    return () => {
      unsubscribe();
      clearInterval(timer);
    };
  }, [store, chosen, ranks, pointedAtMs]);
  return shown.current.order;
}

function rowsOf(store: FleetStore, ids: readonly string[]): readonly FleetRow[] {
  return ids.flatMap((id) => store.row(id) ?? []);
}
