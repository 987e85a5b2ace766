import { useState } from 'react';
import type { JSX } from 'react';
import type { CompletenessResponse } from '../../../src/api/interval-contract.ts';
import { formatRoute } from '../frame/route.ts';
import { useConsole, useQuery } from '../live/console-context.tsx';
import { useEvery } from '../sites/use-every.ts';
import { fixed } from '../words/quantity.ts';
import { shareText } from './fullness.ts';
import { dayAfter, localHour } from './local-hours.ts';

const shownDays = 14;
const worstMeters = 8;
const groupings = [
  { by: 'day', label: 'By day' },
  { by: 'circuit', label: 'By circuit' },
] as const;
type Grouping = (typeof groupings)[number];

/** How much of what was to be read is there, of the last two weeks: by day or by circuit, and from which meters least came. */
export function CompletenessPanel({ untilS, timeZone }: { untilS: number; timeZone: string }): JSX.Element | null {
  const { network } = useConsole();
  const [grouping, setGrouping] = useState<Grouping>(groupings[0]);
  const { from, to, last } = daysBefore(untilS, timeZone);
  const { value, say, reload } = useQuery(
    `completeness ${grouping.by} ${from} ${to}`,
    (signal) => network.completeness({ from, to, by: grouping.by, worst: worstMeters }, signal),
    'completeness',
  );
  useEvery(60_000, reload);
  if (value === undefined) return say === undefined ? null : <p className="notice warn">Completeness: {say}</p>;
  if (value.all.expectedS === 0) return null;
  return (
    <section className="panel" data-testid="completeness" aria-labelledby="completeness-title">
      <header className="panel-tools">
        <h2 id="completeness-title">Completeness</h2>
        <fieldset className="segments">
          <legend className="visually-hidden">How it is divided</legend>
          {groupings.map((each) => (
            <button key={each.by} type="button" aria-pressed={each === grouping} onClick={() => setGrouping(each)}>
              {each.label}
            </button>
          ))}
        </fieldset>
      </header>
      <p data-testid="completeness-say">
        Of {fixed(value.all.meters, 0)} meters, {from} to {last}: <Shares {...value.all} />
      </p>
      <div className="completeness">
        {(value.by ?? []).map((row) => (
          <Row key={row.id} row={row} />
        ))}
      </div>
      <Worst worst={value.worst} />
    </section>
  );
}

type Coverage = CompletenessResponse['all'];

function Shares({
  expectedS,
  measuredS,
  estimatedS,
}: Pick<Coverage, 'expectedS' | 'measuredS' | 'estimatedS'>): JSX.Element {
  const lacks = Math.max(0, expectedS - measuredS - estimatedS);
  return (
    <>
      <strong>{wholeOrLess(measuredS, expectedS)} measured</strong>
      {estimatedS > 0 && `, ${partText(estimatedS / expectedS)} estimated`}
      {lacks > 0 && `, ${partText(lacks / expectedS)} not there`}
    </>
  );
}

/** Little is not nothing. */
const partText = (share: number): string => (share < 0.0005 ? 'under 0.1\u00a0%' : shareText(share));

/** 99.97 % must not be told as all of it. */
function wholeOrLess(part: number, all: number): string {
  if (part >= all) return '100\u00a0%';
  return `${(Math.floor((10_000 * part) / all) / 100).toFixed(2)}\u00a0%`;
}

function Row({ row }: { row: NonNullable<CompletenessResponse['by']>[number] }): JSX.Element {
  const { expectedS, measuredS, estimatedS } = row;
  const widthOf = (part: number): string => `${expectedS === 0 ? 0 : Math.min(100, (100 * part) / expectedS)}%`;
  return (
    <>
      <span>{row.title}</span>
      <span className="completeness-bar" aria-hidden="true">
        <i className="measured" style={{ width: widthOf(measuredS) }} />
        <i className="estimated" style={{ width: widthOf(estimatedS) }} />
      </span>
      <span className="small">
        {expectedS === 0 ? <span className="quiet-text">nothing expected</span> : <Shares {...row} />}
      </span>
    </>
  );
}

function Worst({ worst }: Pick<CompletenessResponse, 'worst'>): JSX.Element | null {
  const lacking = worst.filter(({ expectedS, measuredS }) => measuredS < expectedS);
  if (lacking.length === 0) return null;
  return (
    <details className="small">
      <summary>The meters of which least is measured</summary>
      <ul className="findings">
        {lacking.map((each) => (
          <li key={each.meter}>
            <a className="mono" href={formatRoute({ page: 'meter', id: each.meter })}>
              {each.meter}
            </a>
            : <Shares {...each} />
          </li>
        ))}
      </ul>
    </details>
  );
}

/** The local days that end with the last one of which anything is known. */
function daysBefore(untilS: number, timeZone: string): { from: string; to: string; last: string } {
  const last = localHour(untilS - 1, timeZone).day;
  const from = localHour(untilS - 1 - (shownDays - 1) * 86_400, timeZone).day;
  return { from, to: dayAfter(last), last };
}
