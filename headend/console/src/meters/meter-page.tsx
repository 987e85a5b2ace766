import { useMemo, useState } from 'react';
import type { JSX } from 'react';
import type { IntervalsResponse, MeterFound } from '../../../src/api/interval-contract.ts';
import { formatRoute } from '../frame/route.ts';
import { useConsole, useNow, useQuery } from '../live/console-context.tsx';
import type { Times } from '../live/meter-client.ts';
import { dayAfter, localHour } from '../load/local-hours.ts';
import { DayLedger } from './day-ledger.tsx';
import { DayPanel } from './day-panel.tsx';
import { daysBefore, timesFrom } from './day-span.ts';
import { EditsPanel } from './edits-panel.tsx';
import { IntervalPlot } from './interval-plot.tsx';
import { daySums, rowsOf } from './interval-rows.ts';

const spans = [
  { label: '1 d', days: 1 },
  { label: '7 d', days: 7 },
  { label: '31 d', days: 31 },
] as const;
type Span = (typeof spans)[number];

/** The intervals of one meter: how each is known, and what people changed. */
export function MeterPage({ meter }: { meter: string }): JSX.Element {
  const { meters, network } = useConsole();
  const found = useQuery(`meter ${meter}`, (signal) => meters.find(meter, signal));
  const status = useQuery('load status', (signal) => network.loadStatus(signal));
  const nowMs = useNow();
  const place = found.value?.meters.find((each) => each.meter === meter);
  const { timeZone } = status.value ?? {};
  return (
    <main className="page">
      <Header meter={meter} place={place} />
      {status.say !== undefined && <p className="notice warn">{status.say}</p>}
      {timeZone === undefined ? (
        status.say === undefined && <p className="quiet-text">Asking the head-end…</p>
      ) : (
        <Told meter={meter} timeZone={timeZone} today={localHour(Math.floor(nowMs / 1_000), timeZone).day} />
      )}
    </main>
  );
}

function Header({ meter, place }: { meter: string; place: MeterFound | undefined }): JSX.Element {
  const { customer, customerKind, transformer, circuit } = place ?? {};
  return (
    <header className="page-header">
      <p className="crumb">
        <a href={formatRoute({ page: 'meters' })}>Meter data</a>
      </p>
      <h1>{`Meter ${meter}`}</h1>
      <p className="quiet-text" data-testid="meter-facts">
        {[customer, customerKind].filter((each) => each !== undefined).join(', ')}
        {transformer !== undefined && (
          <>
            {' at '}
            <a href={formatRoute({ page: 'load', kind: 'transformer', id: transformer })}>{transformer}</a>
          </>
        )}
        {circuit !== undefined && (
          <>
            {' on '}
            <a href={formatRoute({ page: 'circuit', id: circuit })}>{circuit}</a>
          </>
        )}
      </p>
    </header>
  );
}

/** `today`: where the network is. The last whole days are shown first. */
function Told({ meter, today, timeZone }: { meter: string; today: string; timeZone: string }): JSX.Element {
  const { meters } = useConsole();
  const [span, setSpan] = useState<Span>(spans[1]);
  const [from, setFrom] = useState(() => daysBefore(today, spans[1].days));
  const times = timesFrom(from, span.days);
  const intervals = useQuery(
    `intervals ${meter} ${times.from} ${times.to}`,
    (signal) => meters.intervals(meter, times, signal),
    `intervals ${meter}`,
  );
  const edits = useQuery(`edits ${meter}`, (signal) => meters.edits(meter, signal));
  const reload = (): void => {
    intervals.reload();
    edits.reload();
  };
  return (
    <>
      <section className="tools">
        <label className="field">
          <span>From</span>
          <input
            className="input"
            type="date"
            value={from}
            max={today}
            data-testid="meter-from"
            onChange={({ target }) => target.value !== '' && setFrom(target.value)}
          />
        </label>
        <fieldset className="segments">
          <legend className="visually-hidden">Time shown</legend>
          {spans.map((each) => (
            <button key={each.label} type="button" aria-pressed={each === span} onClick={() => setSpan(each)}>
              {each.label}
            </button>
          ))}
        </fieldset>
        <button type="button" className="button" onClick={() => setFrom(daysBefore(from, span.days))}>
          Before
        </button>
        <button type="button" className="button" disabled={times.to > today} onClick={() => setFrom(times.to)}>
          After
        </button>
      </section>
      {intervals.say !== undefined && <p className="notice warn">{intervals.say}</p>}
      {intervals.value === undefined ? (
        intervals.say === undefined && <p className="quiet-text">Asking the head-end…</p>
      ) : (
        <Intervals told={intervals.value} times={times} onChanged={reload} />
      )}
      {edits.value !== undefined && <EditsPanel edits={edits.value.edits} timeZone={timeZone} onChanged={reload} />}
    </>
  );
}

type IntervalsProps = { told: IntervalsResponse; times: Times; onChanged: () => void };

function Intervals({ told, times, onChanged }: IntervalsProps): JSX.Element {
  const { meter, intervals, fromS, toS, timeZone } = told;
  const nowS = Math.floor(useNow() / 1_000);
  // What is still to come is no gap; within the hour it may still be counted.
  const untilS = Math.min(toS, nowS - (nowS % 3_600));
  const rows = useMemo(() => rowsOf(intervals, { fromS, toS: untilS }), [intervals, fromS, untilS]);
  const days = useMemo(() => daySums(rows, timeZone), [rows, timeZone]);
  const [chosen, setChosen] = useState<string>();
  const day = days.find((each) => each.day === chosen) ?? days.at(-1);
  if (rows.length === 0) return <p className="quiet-text">Nothing can be known of this time yet.</p>;
  return (
    <>
      {intervals.length === 0 && (
        <p className="notice">Nothing stands in the warehouse for this time: no read and no file brought anything.</p>
      )}
      <IntervalPlot rows={rows} timeZone={timeZone} />
      <div className="meter-days">
        <DayLedger days={days} chosen={day?.day} onChoose={setChosen} />
        {day !== undefined && (
          <DayPanel
            key={`${day.day} ${times.from}`}
            meter={meter}
            day={day}
            timeZone={timeZone}
            next={dayAfter(day.day)}
            onChanged={onChanged}
          />
        )}
      </div>
    </>
  );
}
