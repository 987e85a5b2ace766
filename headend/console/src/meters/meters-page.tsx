import { useState } from 'react';
import type { JSX } from 'react';
import type { MetersResponse, WarehouseStatusResponse } from '../../../src/api/interval-contract.ts';
import { formatRoute } from '../frame/route.ts';
import { useConsole, useQuery } from '../live/console-context.tsx';
import { fixed } from '../words/quantity.ts';
import { DayDownload } from './day-download.tsx';
import { ImportPanel } from './import-panel.tsx';
import { UncountedPanel } from './uncounted-panel.tsx';

const tasks = [
  { label: 'Find a meter', shows: 'meters' },
  { label: 'Import a file', shows: 'files' },
  { label: 'Customers not counted', shows: 'uncounted' },
] as const;
type Task = (typeof tasks)[number];

/** What meters counted: find one, bring in files, and say what customers take whom nobody counts. */
export function MetersPage(): JSX.Element {
  const { meters } = useConsole();
  const [task, setTask] = useState<Task>(tasks[0]);
  const status = useQuery('warehouse status', (signal) => meters.status(signal));
  return (
    <main className="page">
      <header className="page-header">
        <h1>Meter data</h1>
        {status.value !== undefined && <Holding status={status.value} />}
      </header>
      {status.say !== undefined && <p className="notice warn">{status.say}</p>}
      <section className="tools">
        <fieldset className="segments">
          <legend className="visually-hidden">What is to be done</legend>
          {tasks.map((each) => (
            <button
              key={each.shows}
              type="button"
              aria-pressed={each === task}
              data-testid={`task-${each.shows}`}
              onClick={() => setTask(each)}
            >
              {each.label}
            </button>
          ))}
        </fieldset>
      </section>
      {task.shows === 'meters' && <Finder />}
      {task.shows === 'files' && <ImportPanel onDone={status.reload} />}
      {task.shows === 'files' && status.value?.lastDay !== undefined && <DayDownload lastDay={status.value.lastDay} />}
      {task.shows === 'uncounted' && <UncountedPanel />}
    </main>
  );
}

function Holding({
  status: { meters, days, firstDay, lastDay, keepDays, edits },
}: {
  status: WarehouseStatusResponse;
}): JSX.Element {
  const held = days === 0 ? 'no intervals yet' : `${firstDay} to ${lastDay} (UTC)`;
  const changed = edits === 0 ? '' : `, ${fixed(edits, 0)} ${edits === 1 ? 'edit stands' : 'edits stand'}`;
  return (
    <p className="quiet-text" data-testid="warehouse-holds">
      {`${fixed(meters, 0)} meters, ${held}; ${fixed(keepDays, 0)} days are kept${changed}`}
    </p>
  );
}

function Finder(): JSX.Element {
  const [text, setText] = useState('');
  const search = text.trim();
  return (
    <>
      <section className="tools">
        <label className="search">
          <span className="visually-hidden">Meter number, service point or customer</span>
          <input
            className="input"
            type="search"
            placeholder="Meter number, service point or customer"
            value={text}
            data-testid="meter-search"
            onChange={({ target }) => setText(target.value)}
          />
        </label>
      </section>
      {search === '' ? (
        <p className="quiet-text">Write part of a meter’s number, or of the name of a service point or customer.</p>
      ) : (
        <FoundFor search={search} />
      )}
    </>
  );
}

function FoundFor({ search }: { search: string }): JSX.Element {
  const { meters } = useConsole();
  const { value, say } = useQuery(`meters ${search}`, (signal) => meters.find(search, signal), 'meters');
  if (say !== undefined) return <p className="notice warn">{say}</p>;
  if (value === undefined) return <p className="quiet-text">Asking the head-end…</p>;
  if (value.meters.length === 0)
    return (
      <p className="quiet-text">
        Nobody of that name: neither the network nor the warehouse knows it. A file can bring new meters in, where that
        is wished.
      </p>
    );
  return <Found found={value} />;
}

function Found({ found: { meters, more } }: { found: MetersResponse }): JSX.Element {
  return (
    <section className="panel flush" data-testid="meters-found">
      <table className="ledger">
        <thead>
          <tr>
            <th scope="col">Meter</th>
            <th scope="col">Service point</th>
            <th scope="col">Customer</th>
            <th scope="col">Kind</th>
            <th scope="col">Transformer</th>
            <th scope="col">Circuit</th>
          </tr>
        </thead>
        <tbody>
          {meters.map(({ meter, servicePoint, customer, customerKind, transformer, circuit }) => (
            <tr key={meter}>
              <th scope="row">
                <a href={formatRoute({ page: 'meter', id: meter })}>{meter}</a>
              </th>
              <td>{servicePoint ?? <span className="quiet-text">not in the network</span>}</td>
              <td>{customer}</td>
              <td>{customerKind}</td>
              <td>
                {transformer !== undefined && (
                  <a href={formatRoute({ page: 'load', kind: 'transformer', id: transformer })}>{transformer}</a>
                )}
              </td>
              <td>{circuit !== undefined && <a href={formatRoute({ page: 'circuit', id: circuit })}>{circuit}</a>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more && <p className="quiet-text small empty">{`The first ${meters.length}: write more of the name.`}</p>}
    </section>
  );
}
