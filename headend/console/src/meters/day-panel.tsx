import { useState } from 'react';
import type { JSX } from 'react';
import { Check, SaidAgainst } from '../design/form.tsx';
import { Unknown } from '../design/shown-value.tsx';
import { AllowedButton } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useConsole } from '../live/console-context.tsx';
import { localText } from '../load/local-hours.ts';
import { mayEverywhere } from '../people/permitted.ts';
import { fixed } from '../words/quantity.ts';
import { EditDialog } from './edit-dialog.tsx';
import { knowledgeOf } from './interval-rows.ts';
import type { DaySum, IntervalRow } from './interval-rows.ts';
import { faultWords, flagWords, sourceWords } from './mark-words.ts';

type Props = { meter: string; day: DaySum; timeZone: string; next: string; onChanged: () => void };

/** One day of a meter, interval by interval: those that are chosen can be edited, what lacks can be estimated. */
export function DayPanel({ meter, day, timeZone, next, onChanged }: Props): JSX.Element {
  const { meters } = useConsole();
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [isEditing, setEditing] = useState(false);
  const [said, setSaid] = useState<{ ok: boolean; say: string }>();
  const may = mayEverywhere(useOperator(), 'edit-intervals');
  const rows = day.rows.filter(({ startS }) => chosen.has(startS));
  const choose = (startS: number): void => setChosen((before) => before.symmetricDifference(new Set([startS])));
  const estimate = async (): Promise<void> => {
    const answer = await meters.estimate({ from: day.day, to: next, meters: [meter] });
    setSaid(answer.ok ? { ok: true, say: estimateText(answer.value) } : answer);
    if (answer.ok) onChanged();
  };
  return (
    <section className="panel flush" data-testid="meter-day" aria-labelledby="meter-day-title">
      <header className="panel-tools">
        <h2 id="meter-day-title">{`Intervals of ${day.day}`}</h2>
        <span className="tools">
          {day.counts.missing + day.counts.absent > 0 && (
            <AllowedButton
              may={may}
              className="button small"
              onClick={() => void estimate()}
              data-testid="estimate-day"
            >
              Estimate what lacks
            </AllowedButton>
          )}
          <AllowedButton
            may={may}
            className="button small"
            disabled={rows.length === 0}
            data-testid="edit-chosen"
            onClick={() => setEditing(true)}
          >
            {rows.length === 0 ? 'Edit…' : `Edit ${rows.length}…`}
          </AllowedButton>
        </span>
      </header>
      {said?.ok === false && <SaidAgainst say={said.say} />}
      {said?.ok === true && <output className="notice">{said.say}</output>}
      <IntervalTable rows={day.rows} chosen={chosen} onChoose={choose} timeZone={timeZone} />
      {isEditing && (
        <EditDialog
          meter={meter}
          rows={rows}
          timeZone={timeZone}
          onClose={() => setEditing(false)}
          onDone={() => {
            setEditing(false);
            setChosen(new Set());
            onChanged();
          }}
        />
      )}
    </section>
  );
}

function estimateText({
  linear,
  likeDay,
  profile,
  none,
}: Record<'linear' | 'likeDay' | 'profile' | 'none', number>): string {
  const made = linear + likeDay + profile;
  const rest = none === 0 ? '' : ` ${none} stay unknown: nothing like them was ever counted, and no year is told.`;
  return `${made} estimated: ${linear} by a straight line, ${likeDay} by like days, ${profile} by load profile.${rest}`;
}

type TableProps = {
  rows: readonly IntervalRow[];
  chosen: ReadonlySet<number>;
  onChoose: (startS: number) => void;
  timeZone: string;
};

function IntervalTable({ rows, chosen, onChoose, timeZone }: TableProps): JSX.Element {
  return (
    <div className="table-scroll interval-table">
      <table className="ledger">
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col" className="right">
              min
            </th>
            <th scope="col" className="right">
              Taken, kWh
            </th>
            <th scope="col" className="right">
              Fed back, kWh
            </th>
            <th scope="col" className="right">
              V
            </th>
            <th scope="col">How it is known</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.startS}>
              <th scope="row" className="nowrap">
                <Check checked={chosen.has(row.startS)} onCheck={() => onChoose(row.startS)}>
                  {clockText(row.startS, timeZone)}
                </Check>
              </th>
              <td className="right">{row.lengthS / 60}</td>
              <td className="right">{energy(row.interval?.importWh)}</td>
              <td className="right">{energy(row.interval?.exportWh)}</td>
              <td className="right">{row.interval?.voltageV?.toFixed(1)}</td>
              <td>
                <Marks row={row} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The zone with it, for an hour may be there twice. */
const clockText = (atS: number, timeZone: string): string => localText(atS, timeZone).slice(11);
const energy = (wh: number | undefined): JSX.Element | string =>
  wh === undefined ? <Unknown /> : fixed(wh / 1_000, 3);

function Marks({ row }: { row: IntervalRow }): JSX.Element {
  const { interval } = row;
  const known = knowledgeOf(row);
  if (interval === undefined) return <span className="badge warn">not there</span>;
  // A load profile is both where it comes from and how it was made.
  const method =
    interval.method === undefined || interval.source === 'profile' ? '' : `, ${methodWords[interval.method]}`;
  return (
    <span className="interval-marks">
      <span className={known === 'measured' ? 'quiet-text' : 'badge plain'}>
        {sourceWords[interval.source] + method}
      </span>
      {interval.flags.map((flag) => (
        <span key={flag} className="badge plain">
          {flagWords[flag]}
        </span>
      ))}
      {interval.faults.map((fault) => (
        <span key={fault} className="badge warn">
          {faultWords[fault]}
        </span>
      ))}
    </span>
  );
}

const methodWords = { linear: 'straight line', 'like-day': 'like days', profile: 'load profile' } as const;
