import { useState } from 'react';
import type { JSX } from 'react';
import type { LoadElementsResponse, LoadStatusResponse } from '../../../src/api/load-contract.ts';
import { Mark } from '../design/marks.tsx';
import { formatRoute } from '../frame/route.ts';
import type { LoadKind } from '../frame/route.ts';
import { useConsole, useNow, useQuery } from '../live/console-context.tsx';
import { useEvery } from '../sites/use-every.ts';
import { ratingText } from '../words/quantity.ts';
import { durationText } from '../words/time.ts';
import { CompletenessPanel } from './completeness-panel.tsx';
import { localText } from './local-hours.ts';
import { NightPanel } from './night-panel.tsx';
import { PeakValue } from './peak-cell.tsx';
import { UtilisationBar } from './utilisation-bar.tsx';

export const loadKinds = [
  { kind: 'transformer', label: 'Transformers', one: 'Transformer' },
  { kind: 'segment', label: 'Segments', one: 'Segment' },
  { kind: 'switch', label: 'Switches', one: 'Switch' },
  { kind: 'circuit', label: 'Circuits', one: 'Circuit' },
] as const satisfies readonly { kind: LoadKind; label: string; one: string }[];

const shownMost = 50;
/** N1: what is older is not to be relied upon. */
const oldestMs = 30 * 3_600_000;

/** What every element of the network carried, the fullest first. */
export function LoadsPage(): JSX.Element {
  const { network } = useConsole();
  const [kind, setKind] = useState<LoadKind>('transformer');
  const [text, setText] = useState('');
  const search = text.trim();
  const status = useQuery('load status', (signal) => network.loadStatus(signal));
  const found = useQuery(
    `loads ${kind} ${search}`,
    (signal) => network.loads({ kind, search: search === '' ? undefined : search, limit: shownMost }, signal),
    `loads ${kind}`,
  );
  useEvery(15_000, () => {
    status.reload();
    found.reload();
  });
  const say = found.say ?? status.say;
  return (
    <main className="page">
      <header className="page-header">
        <h1>Loads</h1>
        {status.value !== undefined && <HowNew status={status.value} />}
      </header>
      {say !== undefined && <p className="notice warn">{say}</p>}
      {status.value?.failure !== undefined && (
        <p className="notice warn">The load engine could not compute: {status.value.failure}</p>
      )}
      <NightPanel />
      <section className="tools">
        <fieldset className="segments">
          <legend className="visually-hidden">What is shown</legend>
          {loadKinds.map((each) => (
            <button
              key={each.kind}
              type="button"
              aria-pressed={each.kind === kind}
              data-testid={`loads-${each.kind}`}
              onClick={() => setKind(each.kind)}
            >
              {each.label}
            </button>
          ))}
        </fieldset>
        <label className="search">
          <span className="visually-hidden">Filter by name</span>
          <input
            className="input"
            type="search"
            placeholder="Filter by name"
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
        </label>
      </section>
      {found.value === undefined || status.value === undefined ? (
        say === undefined && <p className="quiet-text">Asking the head-end…</p>
      ) : (
        <LoadTable found={found.value} kind={kind} search={search} timeZone={status.value.timeZone} />
      )}
      {kind === 'transformer' && status.value !== undefined && <Assumed status={status.value} />}
      {status.value?.knownUntilS !== undefined && (
        <CompletenessPanel untilS={status.value.knownUntilS} timeZone={status.value.timeZone} />
      )}
    </main>
  );
}

function Assumed({ status: { assumedPowerFactor } }: { status: LoadStatusResponse }): JSX.Element {
  const factors = Object.entries(assumedPowerFactor).map(([of, factor]) => `${of} ${factor}`);
  return (
    <p className="quiet-text small">
      {`Transformers are compared by apparent power. Where meters count no reactive energy, a power factor is assumed: ${factors.join(', ')}.`}
    </p>
  );
}

function HowNew({ status: { knownUntilS, runS, running, timeZone } }: { status: LoadStatusResponse }): JSX.Element {
  const nowMs = useNow();
  if (knownUntilS === undefined)
    return (
      <p className="quiet-text" data-testid="loads-known">
        {running ? 'being computed for the first time…' : 'none yet: they come with the hours that meters are read'}
      </p>
    );
  const isOld = nowMs - knownUntilS * 1_000 > oldestMs;
  return (
    <p className="quiet-text" data-testid="loads-known">
      {isOld ? (
        <Mark shape="warn">known until {localText(knownUntilS, timeZone)} only</Mark>
      ) : (
        `known until ${localText(knownUntilS, timeZone)}`
      )}
      {running ? ', being computed now' : runS !== undefined && `, computed ${durationText(nowMs - runS * 1_000)} ago`}
    </p>
  );
}

type Table = { found: LoadElementsResponse; kind: LoadKind; search: string; timeZone: string };

function LoadTable({ found: { elements, total }, kind, search, timeZone }: Table): JSX.Element {
  if (elements.length === 0)
    return (
      <p className="quiet-text">
        {search === ''
          ? 'Nothing is computed yet: the network is not known, or no meter of it was read.'
          : `Nothing of that name.`}
      </p>
    );
  const day = elements.find(({ peaks }) => peaks !== undefined)?.peaks?.day;
  return (
    <section className="panel flush" data-testid="loads-table">
      <table className="ledger">
        <thead>
          <tr>
            <th>{loadKinds.find((each) => each.kind === kind)?.one}</th>
            {kind !== 'circuit' && <th>Circuit</th>}
            <th className="right">Rated</th>
            <th>{`At the peak of ${day ?? 'yesterday'}`}</th>
            <th className="right">Its power</th>
            <th className="right">Its current</th>
            <th className="right">Five days</th>
            <th className="right">This year</th>
          </tr>
        </thead>
        <tbody>
          {elements.map((element) => (
            <LoadRow key={element.id} element={element} timeZone={timeZone} />
          ))}
        </tbody>
      </table>
      {total > elements.length && (
        <p className="quiet-text small empty">{`The fullest ${elements.length} of ${total}: use the filter.`}</p>
      )}
    </section>
  );
}

function LoadRow({
  element: { kind, id, title, circuit, ratedA, ratedVa, peaks, utilisation },
  timeZone,
}: {
  element: LoadElementsResponse['elements'][number];
  timeZone: string;
}): JSX.Element {
  const rating =
    kind === 'transformer'
      ? ratedVa !== undefined && ratingText(ratedVa, 'VA')
      : ratedA !== undefined && ratingText(ratedA, 'A');
  return (
    <tr>
      <th scope="row">
        <a href={formatRoute({ page: 'load', kind, id })}>{title}</a>
      </th>
      {kind !== 'circuit' && (
        <td>{circuit !== undefined && <a href={formatRoute({ page: 'circuit', id: circuit })}>{circuit}</a>}</td>
      )}
      <td className="right nowrap">{rating === false ? <span className="quiet-text">no rating</span> : rating}</td>
      <td className="nowrap">
        <UtilisationBar share={utilisation} />
      </td>
      <td className="right nowrap">
        <PeakValue peak={peaks?.yesterdayW} unit="W" timeZone={timeZone} />
      </td>
      <td className="right nowrap">
        <PeakValue peak={peaks?.yesterdayA} unit="A" timeZone={timeZone} />
      </td>
      <td className="right nowrap">
        <PeakValue peak={peaks?.fiveDayW} unit="W" timeZone={timeZone} />
      </td>
      <td className="right nowrap">
        <PeakValue peak={peaks?.yearW} unit="W" timeZone={timeZone} />
      </td>
    </tr>
  );
}
