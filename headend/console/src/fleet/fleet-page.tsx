import { useDeferredValue, useMemo, useRef, useState } from 'react';
import type { JSX } from 'react';
import { deviceKinds } from '@tiepoint/protocol';
import type { DeviceKind } from '@tiepoint/protocol';
import { ChoosingBar } from '../group/choosing-bar.tsx';
import { useChosen } from '../group/use-chosen.ts';
import { useConsole, useLink, useStore } from '../live/console-context.tsx';
import { EventList } from '../records/event-list.tsx';
import { kindLabels } from '../words/labels.ts';
import { isStateFilter, stateFilters } from './attention.ts';
import type { StateFilter } from './attention.ts';
import { FleetTable } from './fleet-table.tsx';
import { SummaryStrip } from './summary-strip.tsx';
import type { Sort } from './row-order.ts';
import { useOrder } from './use-order.ts';

/** A fleet with no more rows than this leaves room below the table. */
const roomForEvents = 10;

/** All devices, what needs attention first. */
export function FleetPage(): JSX.Element {
  const [text, setText] = useState('');
  const [kind, setKind] = useState<DeviceKind | 'all'>('all');
  const [state, setState] = useState<StateFilter>('all');
  const [sort, setSort] = useState<Sort>({ key: 'attention', descending: false });
  const typed = useDeferredValue(text);
  const filter = useMemo(() => ({ text: typed, kind, state }), [typed, kind, state]);
  const pointedAtMs = useRef(Number.NEGATIVE_INFINITY);
  const ids = useOrder(filter, sort, pointedAtMs);
  const chosen = useChosen();
  const total = useStore('ids', (store) => store.ids().length);
  return (
    <main className="fleet-page">
      <SummaryStrip state={state} onState={setState} />
      <section className="fleet-tools" aria-label="Filter">
        <Filters filter={{ text, kind, state }} onText={setText} onKind={setKind} onState={setState} />
        <output className="quiet-text">
          {ids.length === total
            ? `${total.toLocaleString('en')} devices`
            : `${ids.length.toLocaleString('en')} of ${total.toLocaleString('en')} devices`}
        </output>
        <LeftOut />
        {chosen.ids === undefined && total > 0 && (
          <button type="button" className="button" data-testid="choose-several" onClick={chosen.begin}>
            Choose several…
          </button>
        )}
      </section>
      <ChoosingBar chosen={chosen} shown={ids} />
      {ids.length === 0 ? (
        <Nothing total={total} />
      ) : (
        <FleetTable
          ids={ids}
          sort={sort}
          onSort={setSort}
          pointedAtMs={pointedAtMs}
          chosen={chosen.ids}
          onChoose={chosen.toggle}
        />
      )}
      {total > 0 && ids.length <= roomForEvents && <LatestEvents />}
    </main>
  );
}

type FiltersProps = {
  filter: { text: string; kind: DeviceKind | 'all'; state: StateFilter };
  onText: (text: string) => void;
  onKind: (kind: DeviceKind | 'all') => void;
  onState: (state: StateFilter) => void;
};

function Filters({ filter: { text, kind, state }, onText, onKind, onState }: FiltersProps): JSX.Element {
  return (
    <>
      <label className="search">
        <span className="visually-hidden">Filter by name, gateway or profile</span>
        <input
          className="input"
          type="search"
          placeholder="Filter by name, gateway or profile"
          value={text}
          onChange={(event) => onText(event.target.value)}
        />
      </label>
      <label>
        <span className="visually-hidden">Kind</span>
        <select
          className="input"
          value={kind}
          onChange={({ target }) => onKind(deviceKinds.find((one) => one === target.value) ?? 'all')}
        >
          <option value="all">All kinds</option>
          {deviceKinds.map((one) => (
            <option key={one} value={one}>
              {kindLabels[one]}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span className="visually-hidden">State</span>
        <select
          className="input"
          value={state}
          onChange={({ target }) => isStateFilter(target.value) && onState(target.value)}
        >
          {stateFilters.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

/** Which columns the width of the window leaves out (`fleet.css`): they are on each device's page. */
function LeftOut(): JSX.Element {
  const say = 'Left out at this width:';
  return (
    <>
      <span className="left-out wide small quiet-text">{say} gateway, frequency.</span>
      <span className="left-out narrow small quiet-text">
        {say} gateway, connection, voltage, frequency, available.
      </span>
    </>
  );
}

function LatestEvents(): JSX.Element {
  const { api } = useConsole();
  return (
    <section className="panel latest" aria-labelledby="latest-title">
      <header>
        <h2 id="latest-title">Latest events</h2>
        <a className="small" href="#/events">
          All events
        </a>
      </header>
      <EventList
        of="fleet"
        ask={(_page, signal) => api.events({ limit: 30 }, signal)}
        isMine={() => true}
        withSubject
        older={false}
      />
    </section>
  );
}

function Nothing({ total }: { total: number }): JSX.Element {
  const link = useLink();
  if (total > 0) return <p className="nothing">No device matches the filter.</p>;
  if (link.state !== 'up') return <p className="nothing">Waiting for the head-end…</p>;
  return (
    <p className="nothing">No gateway has introduced a device yet. It appears here with its first birth message.</p>
  );
}
