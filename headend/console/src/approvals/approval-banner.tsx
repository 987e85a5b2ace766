import { useState } from 'react';
import type { JSX } from 'react';
import { Mark } from '../design/marks.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useConsole, useNow } from '../live/console-context.tsx';
import { ApprovalDialog } from './approval-dialog.tsx';
import { isNews, isToBeKnown, standingOf, whatOf } from './approval-words.ts';
import { useApprovals } from './use-approvals.ts';
import type { Deciding } from './use-approvals.ts';

/**
 * What waits for a second operator: one's own, what one may decide, and the removal of a tag of one's own; then what became of one's own, and
 * of one's tags.
 */
export function ApprovalBanner(): JSX.Element {
  const { name } = useOperator();
  const nowMs = useNow();
  const all = useApprovals();
  const [open, setOpen] = useState<string>();
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const told = all.filter(
    ({ approval, may }) =>
      (approval.state === 'awaiting' && (approval.requestedBy === name || approval.tagOwner === name || may.ok)) ||
      (isNews(approval, name, nowMs) && !seen.has(approval.id)),
  );
  const opened = all.find(({ approval }) => approval.id === open);
  const close = (): void => {
    setOpen(undefined);
    if (opened !== undefined && opened.approval.state !== 'awaiting' && !isToBeKnown(opened.approval, name))
      setSeen(new Set([...seen, opened.approval.id]));
  };
  return (
    <>
      {told.map((each) => (
        <ApprovalLine
          key={each.approval.id}
          deciding={each}
          onOpen={() => setOpen(each.approval.id)}
          onSeen={() => setSeen(new Set([...seen, each.approval.id]))}
        />
      ))}
      {opened !== undefined && <ApprovalDialog deciding={opened} onClose={close} />}
    </>
  );
}

type LineProps = { deciding: Deciding; onOpen: () => void; onSeen: () => void };
const banners = { waiting: 'banner warn', well: 'banner', warn: 'banner warn', urgent: 'banner urgent' } as const;
const shapes = { waiting: 'busy', well: 'done', warn: 'warn', urgent: 'urgent' } as const;

function ApprovalLine({ deciding: { approval, may }, onOpen, onSeen }: LineProps): JSX.Element {
  const { api } = useConsole();
  const { name } = useOperator();
  const nowMs = useNow();
  const { tone, say } = standingOf(approval, name, nowMs);
  const isMine = approval.requestedBy === name;
  // It goes when the head-end tells that it is written down.
  const know = (): void => void api.knowRemoval(approval.id);
  return (
    <div
      // What waits for somebody else is normal; what waits for oneself wants to be seen.
      className={isMine && tone === 'waiting' ? 'banner' : banners[tone]}
      role={isMine && tone === 'waiting' ? 'status' : 'alert'}
      data-testid={isMine ? 'approval-own' : 'approval-other'}
    >
      <Mark shape={shapes[tone]} />
      <strong>{whatOf(approval)}</strong>
      {/* The time that is left changes each second: a screen reader is told once. */}
      <span aria-hidden={approval.state === 'awaiting'}>{say}</span>
      <button type="button" className="button" data-testid="approval-look" onClick={onOpen}>
        {wordOf(approval, { isMine, isOwner: approval.tagOwner === name, mayDecide: may.ok })}
      </button>
      {approval.state !== 'awaiting' && (
        <button type="button" className="button quiet" onClick={isToBeKnown(approval, name) ? know : onSeen}>
          {isToBeKnown(approval, name) ? 'I know' : 'Seen'}
        </button>
      )}
    </div>
  );
}

type Whose = { readonly isMine: boolean; readonly isOwner: boolean; readonly mayDecide: boolean };

function wordOf({ state }: Deciding['approval'], { isMine, isOwner, mayDecide }: Whose): string {
  if (state !== 'awaiting' || isMine) return 'Look…';
  if (isOwner) return 'I am there…';
  return mayDecide ? 'Decide…' : 'Look…';
}
