import type { JSX } from 'react';
import { Mark } from '../design/marks.tsx';
import { quantityText } from '../words/quantity.ts';
import type { DaySum, Knowledge } from './interval-rows.ts';

type Props = { days: readonly DaySum[]; chosen: string | undefined; onChoose: (day: string) => void };

/** The days of the time, each with what was counted and how well that is known; one is looked into. */
export function DayLedger({ days, chosen, onChoose }: Props): JSX.Element {
  return (
    <section className="panel flush" data-testid="meter-days">
      <table className="ledger">
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col" className="right">
              Taken
            </th>
            <th scope="col" className="right">
              Fed back
            </th>
            <th scope="col">How it is known</th>
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map((day) => (
            <tr key={day.day} aria-current={day.day === chosen ? 'true' : undefined}>
              <th scope="row">
                <button type="button" className="link" onClick={() => onChoose(day.day)}>
                  {day.day}
                </button>
              </th>
              <td className="right nowrap">{isKnown(day) ? quantityText(day.importWh, 'Wh') : '—'}</td>
              <td className="right nowrap">{day.exportWh > 0 ? quantityText(day.exportWh, 'Wh') : ''}</td>
              <td>
                <HowKnown day={day} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Of a day in which nothing is known, the sum is not 0. */
const isKnown = ({ rows, counts }: DaySum): boolean => counts.missing + counts.absent < rows.length;

const words: Readonly<Record<Knowledge, string>> = {
  measured: 'measured',
  estimated: 'estimated',
  edited: 'edited',
  missing: 'missing',
  absent: 'not there',
};

function HowKnown({ day: { counts, faults, rows } }: { day: DaySum }): JSX.Element {
  const parts = (Object.keys(words) as Knowledge[]).flatMap((each) =>
    counts[each] === 0 ? [] : [counts[each] === rows.length ? `all ${words[each]}` : `${counts[each]} ${words[each]}`],
  );
  const isWhole = counts.measured === rows.length;
  return (
    <>
      <Mark shape={counts.missing + counts.absent > 0 ? 'warn' : isWhole ? 'done' : 'doubt'}>{parts.join(', ')}</Mark>
      {faults > 0 && <span className="badge warn apart">{`${faults} doubted`}</span>}
    </>
  );
}
