import { useState } from 'react';
import type { JSX, SubmitEvent } from 'react';
import { Countdown, useLeftMs } from '../command/countdown.tsx';
import { Dialog } from '../design/dialog.tsx';
import { CommandMark, Mark } from '../design/marks.tsx';
import { useLink, useStore } from '../live/console-context.tsx';
import { formatRoute } from '../frame/route.ts';
import { countStates, planOf } from './group-plan.ts';
import type { GroupPlan, Planned } from './group-plan.ts';
import { useGroup } from './use-group.ts';
import type { Given } from './use-group.ts';

/** Several devices are disconnected: first what that does at each and which are left out, then what became of each. */
export function GroupDialog({ ids, onClose }: { ids: readonly string[]; onClose: () => void }): JSX.Element {
  const group = useGroup(ids);
  const close = (): void => {
    group.giveUp();
    onClose();
  };
  const count = ids.length === 1 ? 'one device' : `${ids.length} devices`;
  return (
    <Dialog title={`Disconnect ${count}`} testId="group-dialog" onClose={close}>
      {group.given !== undefined ? (
        <Outcomes given={group.given} onClose={onClose} />
      ) : group.planned === undefined ? (
        <output>
          <Mark shape="busy">Selecting…</Mark>
        </output>
      ) : (
        <PlanForm
          plan={planOf(group.planned)}
          onCancel={close}
          onAgain={group.select}
          onOperate={(plan, cause) => group.operate(plan, cause)}
        />
      )}
    </Dialog>
  );
}

type PlanProps = {
  plan: GroupPlan;
  onCancel: () => void;
  onAgain: () => void;
  onOperate: (plan: GroupPlan, cause: string) => void;
};

function PlanForm({ plan, onCancel, onAgain, onOperate }: PlanProps): JSX.Element {
  const { ready, left, expiresAtMs } = plan;
  const link = useLink();
  const [cause, setCause] = useState('');
  const times = { selectedAtMs: ready[0]?.selection.selectedAtMs ?? 0, expiresAtMs: expiresAtMs ?? 0 };
  const leftMs = useLeftMs(times);
  const expired = ready.length > 0 && leftMs <= 0;
  const may = ready.length > 0 && !expired && link.state === 'up' && cause.trim() !== '';
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (may) onOperate(plan, cause.trim());
  };
  return (
    <form className="select-form" onSubmit={submit}>
      {left.length > 0 && <LeftOut left={left} />}
      {ready.length > 0 && (
        <>
          <ul className="group-plan" aria-label="What will be disconnected" data-testid="group-ready">
            {ready.map(({ id, title, selection }) => (
              <li key={id}>
                <strong>{title}</strong> <span className="quiet-text small">{id}</span>
                {selection.impact.say.map((line) => (
                  <div key={line} className="small">
                    {line}
                  </div>
                ))}
              </li>
            ))}
          </ul>
          <label className="field">
            <span>Reason, kept in the audit log for each</span>
            <input
              className="input"
              data-testid="cause"
              required
              maxLength={300}
              autoComplete="off"
              value={cause}
              onChange={({ target }) => setCause(target.value)}
            />
          </label>
          <Countdown times={times} leftMs={leftMs} />
        </>
      )}
      <footer>
        <button type="button" className="button" onClick={onCancel}>
          Cancel
        </button>
        {expired || ready.length === 0 ? (
          <button type="button" className="button primary" onClick={onAgain}>
            Select again
          </button>
        ) : (
          <button type="submit" className="button primary" data-testid="group-operate" disabled={!may}>
            Disconnect {ready.length}
          </button>
        )}
      </footer>
    </form>
  );
}

function LeftOut({ left }: { left: readonly Planned[] }): JSX.Element {
  return (
    <section className="notice warn" data-testid="group-left">
      <strong>{left.length === 1 ? 'One is left out' : `${left.length} are left out`}</strong>
      <ul className="group-left">
        {left.map(({ id, title, refusal }) => (
          <li key={id} className="small">
            <strong>{title}</strong>: {refusal}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Outcomes({ given, onClose }: { given: readonly Given[]; onClose: () => void }): JSX.Element {
  const commands = useStore('commands', (store) => store.commands());
  const followed = given.map((each) => ({
    ...each,
    view: each.command === undefined ? undefined : (commands.get(each.command.id)?.view ?? each.command),
  }));
  return (
    <div className="select-form" data-testid="group-outcomes">
      <p aria-live="polite">
        {given.length === 0 ? (
          <Mark shape="busy">Giving the commands…</Mark>
        ) : (
          <strong>{countStates(followed.map(({ view }) => view?.state ?? 'not-given'))}</strong>
        )}
      </p>
      <ul className="group-plan">
        {followed.map(({ id, title, view, say }) => (
          <li key={id} className="group-outcome">
            <a href={formatRoute({ page: 'device', id })}>{title}</a>
            {view === undefined ? (
              <Mark shape="stopped">not given</Mark>
            ) : (
              <CommandMark state={view.state}>{view.state}</CommandMark>
            )}
            {(view?.say ?? say) !== undefined && <span className="small">{view?.say ?? say}</span>}
          </li>
        ))}
      </ul>
      <footer>
        <button type="button" className="button primary" onClick={onClose}>
          Close
        </button>
      </footer>
      <p className="small quiet-text">The commands go on when this is closed; the page Commands tells of them.</p>
    </div>
  );
}
