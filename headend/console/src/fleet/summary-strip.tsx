import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import { Mark } from '../design/marks.tsx';
import type { Shape } from '../design/marks.tsx';
import { useConsole, useLink, useStore } from '../live/console-context.tsx';
import type { FleetStore } from '../live/fleet-store.ts';
import { summarise } from './attention.ts';
import type { FleetSummary, StateFilter } from './attention.ts';

type Tile = { readonly of: Exclude<keyof FleetSummary, 'devices'>; readonly label: string; readonly shape: Shape };

/** Abnormal first. A count of nothing is grey: colour begins where there is something to do. */
const tiles: readonly Tile[] = [
  { of: 'lost', label: 'lost', shape: 'urgent' },
  { of: 'late', label: 'late', shape: 'warn' },
  { of: 'alarm', label: 'with alarms', shape: 'warn' },
  { of: 'unconfirmed', label: 'unconfirmed', shape: 'warn' },
  { of: 'never', label: 'not yet reported', shape: 'absent' },
  { of: 'live', label: 'live', shape: 'well' },
  { of: 'command', label: 'commands under way', shape: 'busy' },
];

export function SummaryStrip({
  state,
  onState,
}: {
  state: StateFilter;
  onState: (state: StateFilter) => void;
}): JSX.Element {
  const summary = useSummary();
  const gateways = useStore('gateways', (store) => store.gateways());
  const broker = useStore('link', (store) => store.broker());
  const linked = useLink().state === 'up';
  const offline = gateways.filter((gateway) => gateway.state === 'offline').length;
  const online = gateways.filter((gateway) => gateway.state === 'online').length;
  // Without a row of their own: listed by their gateway, never introduced.
  const missing = gateways.reduce((sum, gateway) => sum + gateway.missing.length, 0);
  return (
    <section
      className={linked ? 'summary' : 'summary not-live'}
      aria-label={linked ? 'Summary of the fleet' : 'Summary of the fleet, not live'}
    >
      {tiles.map(({ of, label, shape }) =>
        of === 'never' && missing > 0 ? (
          <NeverReported key={of} rows={summary.never} missing={missing} />
        ) : (
          <button
            key={of}
            type="button"
            className={`summary-tile ${summary[of] === 0 ? 'nothing' : shape}`}
            aria-pressed={state === of}
            onClick={() => onState(state === of ? 'all' : of)}
            title={`Show only these (${label})`}
          >
            <span className="count">
              <Mark shape={summary[of] === 0 && shape !== 'well' ? 'absent' : shape} />
              {summary[of].toLocaleString('en')}
            </span>
            <span>{label}</span>
          </button>
        ),
      )}
      <a className={`summary-tile ${offline > 0 ? 'urgent' : ''}`} href="#/gateways">
        <span className="count">
          <Mark shape={offline > 0 ? 'urgent' : 'well'} />
          {online.toLocaleString('en')}
          <small> of {gateways.length.toLocaleString('en')}</small>
        </span>
        <span>gateways online</span>
      </a>
      <div
        className={`summary-tile ${broker === 'down' ? 'urgent' : ''}`}
        title="The MQTT broker between gateways and head-end"
      >
        <span className="count word">
          <Mark shape={broker === undefined ? 'absent' : broker === 'up' ? 'well' : 'urgent'} />
          {broker ?? '—'}
        </span>
        <span>broker</span>
      </div>
    </section>
  );
}

function NeverReported({ rows, missing }: { rows: number; missing: number }): JSX.Element {
  const title = `${missing} listed by their gateways but never introduced: the Gateways page says why`;
  return (
    <a className="summary-tile warn" href="#/gateways" title={title}>
      <span className="count">
        <Mark shape="warn" />
        {(rows + missing).toLocaleString('en')}
      </span>
      <span>not yet reported</span>
    </a>
  );
}

/** Counted at most once a second, however fast the frames come. */
function useSummary(): FleetSummary {
  const { store } = useConsole();
  const [summary, setSummary] = useState(() => count(store));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const recount = (): void => {
      timer = undefined;
      const after = count(store);
      setSummary((before) => (JSON.stringify(before) === JSON.stringify(after) ? before : after));
    };
    recount();
    const unsubscribe = store.subscribe('rows', () => (timer ??= setTimeout(recount, 250)));
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [store]);
  return summary;
}

function count(store: FleetStore): FleetSummary {
  return summarise(store.ids().flatMap((id) => store.row(id) ?? []));
}
