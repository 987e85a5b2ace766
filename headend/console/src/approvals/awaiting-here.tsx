import type { JSX } from 'react';
import { Mark } from '../design/marks.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useNow, useStore } from '../live/console-context.tsx';
import { standingOf } from './approval-words.ts';

/** At a device: what waits for a second operator there; the banner above the page opens it. */
export function AwaitingHere({ id }: { id: string }): JSX.Element | null {
  const { name } = useOperator();
  const nowMs = useNow();
  const known = useStore('approvals', (store) => store.approvals());
  const here = known.filter(({ state, devices }) => state === 'awaiting' && devices.some((device) => device.id === id));
  if (here.length === 0) return null;
  return (
    <ul className="notice" data-testid="awaiting-here">
      {here.map((approval) => (
        <li key={approval.id}>
          <Mark shape="busy">
            <strong>{approval.title}</strong>
          </Mark>
          <div className="small">{standingOf(approval, name, nowMs).say}</div>
        </li>
      ))}
    </ul>
  );
}
