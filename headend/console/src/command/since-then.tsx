import type { JSX } from 'react';
import type { CommandView, EventRow, FleetRow } from '../../../src/api/contract.ts';
import { Time } from '../design/shown-value.tsx';
import { useLink, useNow, useRow, useStore } from '../live/console-context.tsx';
import { changedSince } from './changed-since.ts';

/** After a command that ended in doubt: what is measured otherwise now, and since when, so that the two do not just contradict. */
export function SinceThen({ view }: { view: CommandView }): JSX.Element | null {
  const row = useRow(view.route.id);
  const events = useStore('events', (store) => store.events());
  const linked = useLink().state === 'up';
  const nowMs = useNow();
  if (row === undefined || !linked) return null;
  const changed = changedSince(view, row);
  if (changed.length === 0) return null;
  return (
    <div className="notice since-then" data-testid="since-then">
      {changed.map(({ point, say, now }) => (
        <p key={point}>
          <strong>Since then:</strong> {say}, <Time atMs={changedAtMs(events, { view, row, now })} nowMs={nowMs} />
        </p>
      ))}
    </div>
  );
}

/** When its event came, where it told of the change; else when it was last measured so. */
function changedAtMs(
  events: readonly EventRow[],
  { view, row, now }: { view: CommandView; row: FleetRow; now: string },
): number {
  const told = events.find(
    ({ id, source, atMs, detail }) =>
      id === row.id && source === 'device' && atMs >= view.updatedAtMs && detail?.to === now,
  );
  return told?.atMs ?? row.measuredAtMs ?? view.updatedAtMs;
}
