/* oxlint-disable jsx-a11y/prefer-tag-over-role -- rows are placed by transform in a scrolled frame, which table elements cannot be */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { JSX, KeyboardEvent, RefObject } from 'react';
import { columns } from './columns.ts';
import { FleetTableRow } from './fleet-row.tsx';
import type { Sort, SortKey } from './row-order.ts';

const rowHeightPx = 40;

type Props = {
  ids: readonly string[];
  sort: Sort;
  onSort: (sort: Sort) => void;
  pointedAtMs: RefObject<number>;
  /** Undefined: nothing is chosen from the table now. */
  chosen: ReadonlySet<string> | undefined;
  onChoose: (id: string) => void;
};

/** Draws only the rows in sight. Arrow keys, Page Up and Down, Home and End go from row to row. */
export function FleetTable({ ids, sort, onSort, pointedAtMs, chosen, onChoose }: Props): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- the compiler, which would memoise around it, is not used
  const virtual = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeightPx,
    overscan: 8,
    useFlushSync: false,
    getItemKey: (index) => ids[index] ?? index,
  });
  useEffect(() => {
    // Not as the effect's result: newer browsers give back a promise, which would be taken for the clean-up.
    scroller.current?.scrollTo({ top: 0 });
  }, [sort]);
  const goTo = (index: number): void => {
    virtual.scrollToIndex(index);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"] a`)?.focus());
  };
  const steer = (event: KeyboardEvent): void => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    const target = row && targetOf(event.key, Number(row.dataset['index']), ids.length - 1);
    if (target === undefined || target === null) return;
    event.preventDefault();
    goTo(target);
  };
  return (
    <div
      className={chosen === undefined ? 'fleet-table' : 'fleet-table choosing'}
      role="table"
      aria-label="Fleet"
      aria-rowcount={ids.length + 1}
      ref={scroller}
      style={{ flexBasis: ids.length * rowHeightPx + 41 }}
    >
      <Head sort={sort} onSort={onSort} />
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the links in the rows take the keys; this frame only hears them */}
      <div
        role="rowgroup"
        className="fleet-body"
        style={{ height: virtual.getTotalSize() }}
        onKeyDown={steer}
        onPointerMove={() => {
          Object.assign(pointedAtMs, { current: performance.now() });
        }}
      >
        {virtual.getVirtualItems().map(({ index, start }) => {
          const id = ids[index];
          return id === undefined ? null : (
            <FleetTableRow key={id} id={id} index={index} topPx={start} chosen={chosen?.has(id)} onChoose={onChoose} />
          );
        })}
      </div>
    </div>
  );
}

function targetOf(key: string, index: number, last: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: 15,
    PageUp: -15,
    Home: -last,
    End: last,
  };
  const step = steps[key];
  return step === undefined ? undefined : Math.max(0, Math.min(last, index + step));
}

function Head({ sort, onSort }: Pick<Props, 'sort' | 'onSort'>): JSX.Element {
  const press = (key: SortKey): void =>
    onSort(sort.key === key ? { key, descending: !sort.descending } : { key, descending: false });
  return (
    <div role="rowgroup" className="fleet-head">
      <div role="row" aria-rowindex={1} className="fleet-row">
        {columns.map(({ key, head, unit, title, right }) => (
          <div
            key={key}
            role="columnheader"
            aria-label={unit === undefined ? head : `${head}, ${unit}`}
            className={right ? 'right' : ''}
            aria-sort={sort.key === key ? (sort.descending ? 'descending' : 'ascending') : 'none'}
          >
            <button type="button" onClick={() => press(key)} title={title}>
              <span className="head-text">
                {head}
                {unit !== undefined && <span className="unit">{unit}</span>}
                <span className="arrow" aria-hidden="true">
                  {sort.key === key ? (sort.descending ? '▼' : '▲') : ''}
                </span>
              </span>
            </button>
          </div>
        ))}
      </div>
    </div>
  );
}
