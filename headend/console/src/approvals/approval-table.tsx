import { useState } from 'react';
import type { JSX } from 'react';
import { Mark } from '../design/marks.tsx';
import { Time } from '../design/shown-value.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useNow } from '../live/console-context.tsx';
import { ApprovalDialog } from './approval-dialog.tsx';
import { standingOf, whatOf } from './approval-words.ts';
import { useApprovals } from './use-approvals.ts';

const shapes = { waiting: 'busy', well: 'done', warn: 'stopped', urgent: 'urgent' } as const;

/** What took two operators lately; nothing where there was none. */
export function ApprovalTable(): JSX.Element | null {
  const { name } = useOperator();
  const nowMs = useNow();
  const all = useApprovals();
  const [open, setOpen] = useState<string>();
  const opened = all.find(({ approval }) => approval.id === open);
  if (all.length === 0) return null;
  return (
    <section className="stack" aria-labelledby="approvals-title">
      <h2 id="approvals-title">Two operators</h2>
      <div className="table-frame">
        <table className="ledger">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Asked for</th>
              <th scope="col">Reason</th>
              <th scope="col">Standing</th>
              <th scope="col">
                <span className="visually-hidden">Look</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {all.map(({ approval }) => {
              const { tone, say } = standingOf(approval, name, nowMs);
              return (
                <tr key={approval.id}>
                  <td>{whatOf(approval)}</td>
                  <td className="nowrap">
                    {approval.requestedBy}, <Time atMs={approval.requestedAtMs} nowMs={nowMs} />
                  </td>
                  <td>{approval.cause}</td>
                  <td>
                    <Mark shape={shapes[tone]} /> {say}
                  </td>
                  <td className="right">
                    <button type="button" className="button small" onClick={() => setOpen(approval.id)}>
                      Look…
                    </button>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {opened !== undefined && <ApprovalDialog deciding={opened} onClose={() => setOpen(undefined)} />}
    </section>
  );
}
