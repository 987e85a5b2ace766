import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import type { CommandState } from '@tiepoint/protocol';
import { ApprovalTable } from '../approvals/approval-table.tsx';
import { CommandMark } from '../design/marks.tsx';
import { Time } from '../design/shown-value.tsx';
import { formatRoute } from '../frame/route.ts';
import { useConsole, useNow, useQuery, useStore } from '../live/console-context.tsx';
import type { CommandTrack } from '../live/frame-reducer.ts';
import { commandStateTitles, commandStateWords } from '../words/labels.ts';
import { durationText, stepText } from '../words/time.ts';
import { measuredText } from './measured-table.tsx';
import { ParameterText } from './progress.tsx';

type Filter = 'all' | 'under way' | CommandState;
const filters: readonly Filter[] = ['all', 'under way', ...commandStateWords];

/** The latest commands of the whole fleet. */
export function CommandsPage(): JSX.Element {
  const { api, store } = useConsole();
  const [filter, setFilter] = useState<Filter>('all');
  const commands = useStore('commands', (known) => known.commands());
  const { value, say } = useQuery('commands', (signal) => api.commands({ limit: 200 }, signal));
  useEffect(() => {
    for (const view of value?.commands ?? []) store.learnCommand(view);
  }, [store, value]);
  const sorted = [...commands.values()].toSorted((a, b) => b.view.requestedAtMs - a.view.requestedAtMs);
  const shown = sorted.filter(
    ({ view }) => filter === 'all' || view.state === filter || (filter === 'under way' && !view.final),
  );
  return (
    <main className="page">
      <header className="page-header">
        <h1>Commands</h1>
        <p className="quiet-text">
          The latest {sorted.length}, newest first. A command is done only when it is confirmed by measurement.
        </p>
      </header>
      <ApprovalTable />
      <section className="tools">
        <label className="field">
          <span>State</span>
          <select
            className="input"
            value={filter}
            onChange={({ target }) => setFilter(filters.find((one) => one === target.value) ?? 'all')}
          >
            {filters.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      </section>
      {say !== undefined && <p className="notice warn">{say}</p>}
      {shown.length === 0 ? (
        <p className="quiet-text">No command{filter === 'all' ? ' yet' : ` is ${filter}`}.</p>
      ) : (
        <CommandTable tracks={shown} />
      )}
    </main>
  );
}

function CommandTable({ tracks }: { tracks: readonly CommandTrack[] }): JSX.Element {
  return (
    <div className="table-frame">
      <table className="ledger">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Command</th>
            <th scope="col">Device</th>
            <th scope="col">Requested</th>
            <th scope="col" className="right">
              Took
            </th>
            <th scope="col">Operator</th>
            <th scope="col">Reason</th>
            <th scope="col">Result</th>
          </tr>
        </thead>
        <tbody>
          {tracks.map((track) => (
            <CommandRow key={track.view.id} track={track} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function CommandRow({ track: { view } }: { track: CommandTrack }): JSX.Element {
  const nowMs = useNow();
  return (
    <tr>
      <td className="nowrap state">
        <CommandMark state={view.state} title={commandStateTitles[view.state]}>
          {view.state}
        </CommandMark>
      </td>
      <td className="nowrap">
        {view.title}
        <ParameterText parameters={view.parameters} />
      </td>
      <td>
        <a href={formatRoute({ page: 'device', id: view.targetId })}>{view.targetTitle}</a>
        {view.route.by === 'meter-switch' && <div className="small quiet-text">{view.route.say}</div>}
      </td>
      <td className="nowrap">
        <Time atMs={view.requestedAtMs} nowMs={nowMs} />
      </td>
      <td className="right nowrap">
        {view.final
          ? stepText(view.updatedAtMs - view.requestedAtMs)
          : `${durationText(nowMs - view.requestedAtMs)} so far`}
      </td>
      <td className="nowrap">
        {view.operator}
        {view.approver !== undefined && <div className="small quiet-text">approved by {view.approver}</div>}
      </td>
      <td>{view.cause}</td>
      <td className="small">{view.say ?? measuredText(view.measured)}</td>
    </tr>
  );
}
