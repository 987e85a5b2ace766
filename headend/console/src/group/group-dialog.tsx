import { useEffect, useRef, useState } from 'react';
import type { JSX } from 'react';
import type { GroupMemberOutcome, GroupSelectionView } from '../../../src/api/approval-contract.ts';
import { CauseForm } from '../command/cause-form.tsx';
import { Dialog } from '../design/dialog.tsx';
import { SaidAgainst, sayOf } from '../design/form.tsx';
import { Mark } from '../design/marks.tsx';
import { useConsole } from '../live/console-context.tsx';
import { MemberList } from './member-list.tsx';
import { OutcomeList } from './outcome-list.tsx';

/** Several devices are disconnected: first what that does at each and which are left out, then what became of each. */
export function GroupDialog({ ids, onClose }: { ids: readonly string[]; onClose: () => void }): JSX.Element {
  const { api, store } = useConsole();
  const [selection, setSelection] = useState<GroupSelectionView>();
  const [outcomes, setOutcomes] = useState<readonly GroupMemberOutcome[]>();
  const [say, setSay] = useState<string>();
  const asked = useRef(false);
  const select = async (): Promise<void> => {
    setSelection(undefined);
    const answer = await api.selectGroup(ids);
    setSay(answer.ok ? undefined : sayOf(answer));
    if (answer.ok) setSelection(answer.value);
  };
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    void select();
  });
  const close = (): void => {
    if (selection !== undefined && outcomes === undefined) void api.cancelGroup(selection.id);
    onClose();
  };
  return (
    <Dialog
      title={ids.length === 1 ? 'Disconnect one device' : `Disconnect ${ids.length} devices`}
      testId="group-dialog"
      onClose={close}
    >
      <SaidAgainst say={say} />
      {outcomes !== undefined ? (
        <Outcomes outcomes={outcomes} onClose={onClose} />
      ) : selection === undefined ? (
        say === undefined && (
          <output>
            <Mark shape="busy">Selecting…</Mark>
          </output>
        )
      ) : (
        <CauseForm
          key={selection.id}
          selection={selection}
          verb={selection.devices.length === 0 ? undefined : `Disconnect ${selection.devices.length}`}
          operate={(cause, key) => api.operateGroup(selection.id, cause, key)}
          onOperated={(outcome) => {
            for (const each of outcome.outcomes) if (each.ok) store.learnCommand(each.command);
            setOutcomes(outcome.outcomes);
          }}
          onAsked={onClose}
          onCancel={close}
          onAgain={() => void select()}
        >
          <LeftOut left={selection.left} />
          {selection.devices.length > 0 && <MemberList members={selection.devices} />}
          {selection.impact.say.map((line) => (
            <p key={line} className="small">
              {line}
            </p>
          ))}
        </CauseForm>
      )}
    </Dialog>
  );
}

function LeftOut({ left }: Pick<GroupSelectionView, 'left'>): JSX.Element | null {
  if (left.length === 0) return null;
  return (
    <section className="notice warn" data-testid="group-left">
      <strong>{left.length === 1 ? 'One is left out' : `${left.length} are left out`}</strong>
      <ul className="group-left">
        {left.map(({ id, title, say }) => (
          <li key={id} className="small">
            <strong>{title}</strong>: {say}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Outcomes({
  outcomes,
  onClose,
}: {
  outcomes: readonly GroupMemberOutcome[];
  onClose: () => void;
}): JSX.Element {
  return (
    <div className="select-form">
      <OutcomeList outcomes={outcomes} />
      <p className="small quiet-text">The commands go on when this is closed; the page Commands tells of them.</p>
      <footer>
        <button type="button" className="button primary" onClick={onClose}>
          Close
        </button>
      </footer>
    </div>
  );
}
