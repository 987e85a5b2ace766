import { useMemo, useState } from 'react';
import type { JSX } from 'react';
import type { LoadHoursResponse } from '../../../src/api/load-contract.ts';
import { Mark } from '../design/marks.tsx';
import { AllowedButton } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { formatRoute } from '../frame/route.ts';
import type { LoadKind } from '../frame/route.ts';
import { useConsole, useQuery } from '../live/console-context.tsx';
import { ReadDialog } from '../network/read-dialog.tsx';
import { mayEverywhere } from '../people/permitted.ts';
import { useEvery } from '../sites/use-every.ts';
import { quantityText, ratingText } from '../words/quantity.ts';
import { CluePanel } from './clue-panel.tsx';
import { CustomersPanel } from './customers-panel.tsx';
import { measureOf, ratingsOf, sizesOf } from './fullness.ts';
import { HeatCalendar } from './heat-calendar.tsx';
import { KnownStrip } from './known-strip.tsx';
import { LoadPlot } from './load-plot.tsx';
import type { Shown } from './load-plot.tsx';
import { loadKinds } from './loads-page.tsx';
import { localText } from './local-hours.ts';
import { PeakValue } from './peak-cell.tsx';
import type { Peak } from './peak-cell.tsx';
import { ShapePanel } from './shape-panel.tsx';
import { UtilisationBar } from './utilisation-bar.tsx';

const spans = [
  { label: '7 d', days: 7 },
  { label: '40 d', days: 40 },
  { label: '1 y', days: 366 },
] as const;
type Span = (typeof spans)[number];
const daySeconds = 86_400;

/** One element of the network: what it carried by hour, its peaks, and how well that is known. */
export function ElementPage({ kind, id }: { kind: LoadKind; id: string }): JSX.Element {
  const { network } = useConsole();
  const { value, say, reload } = useQuery('load status', (signal) => network.loadStatus(signal));
  useEvery(20_000, reload);
  return (
    <main className="page">
      {say !== undefined && <p className="notice warn">{say}</p>}
      {value?.running === true && (
        <p className="notice">
          <Mark shape="busy">Loads are being computed now: what is shown may be of before.</Mark>
        </p>
      )}
      {value === undefined ? (
        say === undefined && <p className="quiet-text">Asking the head-end…</p>
      ) : (
        <Told kind={kind} id={id} untilS={value.knownUntilS} timeZone={value.timeZone} />
      )}
    </main>
  );
}

type ToldProps = { kind: LoadKind; id: string; untilS: number | undefined; timeZone: string };

/** `untilS`: when the newest hour ends that is known of anything. */
function Told({ kind, id, untilS = daySeconds, timeZone }: ToldProps): JSX.Element {
  const { network } = useConsole();
  const [span, setSpan] = useState<Span>(spans[1]);
  const [shown, setShown] = useState<Shown>('power');
  const [isReading, setReading] = useState(false);
  const may = mayEverywhere(useOperator(), 'read-meters');
  const times = { fromS: Math.max(0, untilS - span.days * daySeconds), toS: untilS };
  const { value: hours, say } = useQuery(
    `load ${kind} ${id} ${span.label} ${untilS}`,
    (signal) => network.loadHours(kind, id, times, signal),
    `load ${kind} ${id}`,
  );
  const title = hours?.element.title ?? id;
  return (
    <>
      <Header kind={kind} title={title} element={hours?.element} />
      {say !== undefined && <p className="notice warn">{say}</p>}
      {hours !== undefined && (
        <>
          <PeakTiles element={hours.element} timeZone={timeZone} />
          <section className="tools">
            <Choice what="Time shown" all={spans} chosen={span} onChoose={setSpan} />
            <Choice
              what="Quantity"
              all={quantities}
              chosen={quantityOf(shown)}
              onChoose={({ shows }) => setShown(shows)}
            />
            <a className="button" href={network.loadHoursFile(kind, id, times)} download>
              Export CSV
            </a>
            <AllowedButton may={may} className="button" data-testid="read-element" onClick={() => setReading(true)}>
              Read its load now…
            </AllowedButton>
          </section>
          <History hours={hours} shown={shown} timeZone={timeZone} />
          <ShapePanel kind={kind} id={id} {...times} element={hours.element} timeZone={timeZone} />
          {kind === 'transformer' && <CustomersPanel transformer={id} />}
          {kind === 'circuit' && <CluePanel circuit={id} {...times} />}
        </>
      )}
      {isReading && <ReadDialog place={{ kind, id, title }} onClose={() => setReading(false)} />}
    </>
  );
}

const quantities = [
  { label: 'Power', shows: 'power' },
  { label: 'Current', shows: 'current' },
] as const satisfies readonly { label: string; shows: Shown }[];
const quantityOf = (shown: Shown): (typeof quantities)[number] => (shown === 'power' ? quantities[0] : quantities[1]);

type ChoiceProps<T> = { what: string; all: readonly T[]; chosen: T; onChoose: (one: T) => void };

function Choice<T extends { label: string }>({ what, all, chosen, onChoose }: ChoiceProps<T>): JSX.Element {
  return (
    <fieldset className="segments">
      <legend className="visually-hidden">{what}</legend>
      {all.map((one) => (
        <button key={one.label} type="button" aria-pressed={one === chosen} onClick={() => onChoose(one)}>
          {one.label}
        </button>
      ))}
    </fieldset>
  );
}

type Element = LoadHoursResponse['element'];

function Header({
  kind,
  title,
  element,
}: {
  kind: LoadKind;
  title: string;
  element: Element | undefined;
}): JSX.Element {
  const { ratedA, ratedVa, circuit, substation } = element ?? {};
  const facts = [
    ratedVa === undefined ? undefined : `rated ${ratingText(ratedVa, 'VA')}`,
    ratedA === undefined ? undefined : `rated ${ratingText(ratedA, 'A')}`,
    ...(element !== undefined && ratedA === undefined && ratedVa === undefined ? ['no rating is known'] : []),
    substation === undefined ? undefined : `from ${substation}`,
  ].filter((fact) => fact !== undefined);
  return (
    <header className="page-header">
      <p className="crumb">
        <a href={formatRoute({ page: 'loads' })}>Loads</a>
        {circuit !== undefined && (
          <>
            {' / '}
            <a href={formatRoute({ page: 'circuit', id: circuit })}>{circuit}</a>
          </>
        )}
      </p>
      <h1>{`${loadKinds.find((each) => each.kind === kind)?.one} ${title}`}</h1>
      <p className="quiet-text" data-testid="load-facts">
        {facts.join(', ')}
      </p>
    </header>
  );
}

function PeakTiles({ element: { peaks, utilisation }, timeZone }: { element: Element; timeZone: string }): JSX.Element {
  return (
    <section className="tiles" aria-label="Peaks">
      <div className="tile">
        <h3>Utilisation at the peak of {peaks?.day ?? 'yesterday'}</h3>
        <div className="tile-value small-value" data-testid="load-utilisation">
          <UtilisationBar share={utilisation} />
        </div>
        {peaks?.yesterdayVa !== undefined && (
          <p className="quiet-text small">{`${quantityText(peaks.yesterdayVa.value, 'VA')}, hour from ${localText(peaks.yesterdayVa.atS, timeZone)}`}</p>
        )}
      </div>
      <PeakTile
        title={`Peak of ${peaks?.day ?? 'yesterday'}`}
        power={peaks?.yesterdayW}
        current={peaks?.yesterdayA}
        timeZone={timeZone}
      />
      <PeakTile title="Peak of five days" power={peaks?.fiveDayW} current={peaks?.fiveDayA} timeZone={timeZone} />
      <PeakTile title="Peak of the year to date" power={peaks?.yearW} current={peaks?.yearA} timeZone={timeZone} />
    </section>
  );
}

type Tile = { title: string; power: Peak | undefined; current: Peak | undefined; timeZone: string };

function PeakTile({ title, power, current, timeZone }: Tile): JSX.Element {
  return (
    <div className="tile">
      <h3>{title}</h3>
      <div className="tile-value small-value">
        <PeakValue peak={power} unit="W" timeZone={timeZone} />{' '}
        <PeakValue peak={current} unit="A" timeZone={timeZone} />
      </div>
      {power !== undefined && <p className="quiet-text small">hour from {localText(power.atS, timeZone)}</p>}
    </div>
  );
}

function History({
  hours,
  shown,
  timeZone,
}: {
  hours: LoadHoursResponse;
  shown: Shown;
  timeZone: string;
}): JSX.Element {
  const measure = useMemo(() => measureOf(hours.element), [hours.element]);
  const sizes = useMemo(() => sizesOf(hours, measure), [hours, measure]);
  const rated = useMemo(() => ratingsOf(hours, measure), [hours, measure]);
  if (hours.hourS.length === 0)
    return <p className="quiet-text">Nothing is known of this time: no meter of it was read yet.</p>;
  return (
    <section className="panel load-history" aria-label="History">
      <LoadPlot hours={hours} shown={shown} timeZone={timeZone} />
      <KnownStrip hours={hours} timeZone={timeZone} />
      <HeatCalendar hourS={hours.hourS} sizes={sizes} rated={rated} measure={measure} timeZone={timeZone} />
      <p className="quiet-text small">
        Means of hours, in {timeZone}. Customers who are not known are filled in by the like of them; losses of lines
        and transformers are not in it.
      </p>
    </section>
  );
}
