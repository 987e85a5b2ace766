import { useState } from 'react';
import type { JSX } from 'react';
import type { ApprovalView } from '../../../src/api/approval-contract.ts';
import { ParameterText } from '../command/progress.tsx';
import { Dialog } from '../design/dialog.tsx';
import { SaidAgainst, TextField, sayOf, useForm } from '../design/form.tsx';
import { Time } from '../design/shown-value.tsx';
import { AllowedButton, WhyNot } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { MemberList } from '../group/member-list.tsx';
import { OutcomeList } from '../group/outcome-list.tsx';
import { useConsole, useNow } from '../live/console-context.tsx';
import { standingOf, whatOf } from './approval-words.ts';
import type { Deciding } from './use-approvals.ts';

/** What is to happen, as the first operator was shown it; whoever may decides here, whoever asked may take it back. */
export function ApprovalDialog({ deciding, onClose }: { deciding: Deciding; onClose: () => void }): JSX.Element {
  const { approval } = deciding;
  const { name } = useOperator();
  const nowMs = useNow();
  const { say } = standingOf(approval, name, nowMs);
  return (
    <Dialog title={whatOf(approval)} testId="approval-dialog" onClose={onClose}>
      <div className="select-form">
        <Asked approval={approval} />
        {/* The time that is left changes each second: what is decided is told, the seconds are not. */}
        <p aria-live={approval.state === 'awaiting' ? 'off' : 'polite'}>
          <strong data-testid="approval-standing">{say}</strong>
        </p>
        {approval.outcomes.length > 0 && <OutcomeList outcomes={approval.outcomes} />}
        {approval.state !== 'awaiting' ? (
          <footer>
            <button type="button" className="button primary" onClick={onClose}>
              Close
            </button>
          </footer>
        ) : approval.requestedBy === name ? (
          <Waiting approval={approval} onClose={onClose} />
        ) : approval.tagOwner === name ? (
          <KeepTag approval={approval} onClose={onClose} />
        ) : (
          <Decide deciding={deciding} />
        )}
      </div>
    </Dialog>
  );
}

function Asked({ approval }: { approval: ApprovalView }): JSX.Element {
  const nowMs = useNow();
  const { kind, title, parameters, requestedBy, requestedAtMs, cause, why, devices, state } = approval;
  return (
    <dl className="consequences">
      <dt>{kind === 'tag-removal' ? 'Tag' : 'Command'}</dt>
      <dd>
        <strong>
          {title}
          <ParameterText parameters={parameters} />
        </strong>
      </dd>
      <dt>Asked for by</dt>
      <dd>
        <strong>{requestedBy}</strong> at <Time atMs={requestedAtMs} nowMs={nowMs} />
      </dd>
      <dt>Reason</dt>
      <dd>{cause}</dd>
      <dt>Why two</dt>
      <dd>{why}</dd>
      {state === 'awaiting' && (
        <>
          <dt>What it does</dt>
          <dd>
            <MemberList members={devices} />
          </dd>
        </>
      )}
    </dl>
  );
}

function Waiting({ approval, onClose }: { approval: ApprovalView; onClose: () => void }): JSX.Element {
  const { api } = useConsole();
  const form = useForm(
    () => api.withdrawApproval(approval.id),
    () => onClose(),
  );
  return (
    <form onSubmit={form.submit} className="select-form">
      <p className="small quiet-text">
        {approval.kind === 'tag-removal' ? 'The tag stays until then.' : 'The devices stay selected for you.'} You may
        close this: you are told when somebody has decided.
      </p>
      <SaidAgainst say={form.say} />
      <footer>
        <button type="submit" className="button" data-testid="approval-withdraw" disabled={form.busy}>
          Take it back
        </button>
        <button type="button" className="button primary" onClick={onClose}>
          Go on waiting
        </button>
      </footer>
    </form>
  );
}

/** For the owner of the tag, who is there after all. */
function KeepTag({ approval, onClose }: { approval: ApprovalView; onClose: () => void }): JSX.Element {
  const { api } = useConsole();
  const [cause, setCause] = useState('still at work there');
  const form = useForm(
    () => api.objectToRemoval(approval.id, cause.trim()),
    () => onClose(),
  );
  return (
    <form onSubmit={form.submit} className="select-form">
      <TextField
        label="What the others are told"
        testId="keep-cause"
        value={cause}
        maxLength={300}
        onValue={setCause}
      />
      <p className="small quiet-text">Your tag stays, and what was asked for is over. To lift it, go to the device.</p>
      <SaidAgainst say={form.say} />
      <footer>
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
        <button
          type="submit"
          className="button primary"
          data-testid="tag-keep"
          disabled={form.busy || cause.trim() === ''}
        >
          I am there: keep my tag
        </button>
      </footer>
    </form>
  );
}

function Decide({ deciding: { approval, may } }: { deciding: Deciding }): JSX.Element {
  const { api, store } = useConsole();
  const { name } = useOperator();
  const [cause, setCause] = useState('');
  const [say, setSay] = useState<string>();
  const [busy, setBusy] = useState(false);
  const told = cause.trim();
  const decide = async (approve: boolean): Promise<void> => {
    setBusy(true);
    const answer = await api.decideApproval(approval.id, { approve, ...(told === '' ? {} : { cause: told }) });
    setBusy(false);
    setSay(answer.ok ? undefined : sayOf(answer));
    if (answer.ok) store.learnApproval(answer.value);
  };
  // No form: Enter in the reason decides nothing.
  return (
    <div className="select-form">
      <TextField
        label="Your reason, kept in the audit log; a refusal needs one"
        testId="approval-cause"
        value={cause}
        maxLength={300}
        onValue={setCause}
      />
      <p className="small quiet-text">
        It is done at once, after everything was judged again, and recorded as approved by <strong>{name}</strong>.
      </p>
      <SaidAgainst say={say} />
      <WhyNot may={may} id="why-not-decide" />
      <footer>
        <AllowedButton
          may={may}
          whyId="why-not-decide"
          className="button"
          data-testid="approval-refuse"
          disabled={busy || told === ''}
          onClick={() => void decide(false)}
        >
          Refuse
        </AllowedButton>
        <AllowedButton
          may={may}
          whyId="why-not-decide"
          className="button primary"
          data-testid="approval-approve"
          disabled={busy}
          onClick={() => void decide(true)}
        >
          Approve and do it
        </AllowedButton>
      </footer>
    </div>
  );
}
