import { useEffect, useRef, useState } from 'react';
import type { JSX, SubmitEvent } from 'react';
import type { CommandParameters } from '@tiepoint/protocol';
import type { CommandOffer, CommandView, DeviceDetail, FleetRow, SelectionView } from '../../../src/api/contract.ts';
import { Dialog } from '../design/dialog.tsx';
import { Mark } from '../design/marks.tsx';
import { takeFocus } from '../design/take-focus.ts';
import { useConsole, useLink } from '../live/console-context.tsx';
import { Countdown, useLeftMs } from './countdown.tsx';
import { mayWith } from './device-view.ts';
import { ParameterFields } from './parameter-fields.tsx';
import { randomKey } from './random-key.ts';
import { ParameterText } from './progress.tsx';

type Props = {
  row: FleetRow;
  detail: DeviceDetail;
  offer: CommandOffer;
  onClose: () => void;
  onOperated: (view: CommandView) => void;
};

/** Select before operate: what will happen is shown first, and only then can it be started, within the life of the selection. */
export function SelectDialog({ row, detail, offer, onClose, onOperated }: Props): JSX.Element {
  const { api } = useConsole();
  const [parameters, setParameters] = useState<CommandParameters>({});
  const [selection, setSelection] = useState<SelectionView>();
  const [say, setSay] = useState<string>();
  const asked = useRef(false);
  const select = async (chosen: CommandParameters): Promise<void> => {
    setSay(undefined);
    setSelection(undefined);
    const answer = await api.select(row.id, { kind: offer.kind, parameters: chosen });
    if (answer.ok) setSelection(answer.value);
    else setSay(answer.say);
  };
  useEffect(() => {
    if (asked.current || offer.parameters.length > 0) return;
    asked.current = true;
    void select({});
  });
  const close = (): void => {
    if (selection !== undefined) void api.cancelSelection(selection.id);
    onClose();
  };
  const choosing = offer.parameters.length > 0 && selection === undefined;
  return (
    <Dialog title={`${offer.title}: ${row.title}`} testId="select-dialog" onClose={close}>
      {choosing && (
        <ParameterForm
          {...{ row, detail, offer, parameters }}
          onChange={setParameters}
          onSelect={() => void select(parameters)}
        />
      )}
      {say !== undefined && (
        <div className="notice urgent" role="alert">
          <p>
            <strong>Not selected.</strong> {say}
          </p>
        </div>
      )}
      {selection === undefined && !choosing && say === undefined && (
        <output>
          <Mark shape="busy">Selecting…</Mark>
        </output>
      )}
      {selection !== undefined && (
        <OperateForm
          key={selection.id}
          selection={selection}
          energises={offer.energises}
          onCancel={close}
          onAgain={() => void select(parameters)}
          onOperated={(view) => {
            onOperated(view);
            onClose();
          }}
        />
      )}
    </Dialog>
  );
}

type FormProps = Omit<Props, 'onClose' | 'onOperated'> & {
  parameters: CommandParameters;
  onChange: (parameters: CommandParameters) => void;
  onSelect: () => void;
};

function ParameterForm({ row, detail, offer, parameters, onChange, onSelect }: FormProps): JSX.Element {
  const verdict = mayWith(row, detail.birth, offer, parameters);
  const [touched, setTouched] = useState(false);
  // What is only not filled in yet is no error.
  const tells = !verdict.ok && (touched || verdict.reason !== 'invalid');
  const change = (chosen: CommandParameters): void => {
    setTouched(true);
    onChange(chosen);
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    onSelect();
  };
  return (
    <form onSubmit={submit} className="select-form">
      <ParameterFields names={offer.parameters} value={parameters} onChange={change} />
      {tells && <p className="quiet-text">{verdict.say}</p>}
      <footer>
        <button type="submit" className="button primary" data-testid="select" disabled={!verdict.ok}>
          Select
        </button>
      </footer>
    </form>
  );
}

type OperateProps = {
  selection: SelectionView;
  energises: boolean;
  onCancel: () => void;
  onAgain: () => void;
  onOperated: (view: CommandView) => void;
};

function OperateForm({ selection, energises, onCancel, onAgain, onOperated }: OperateProps): JSX.Element {
  const { api } = useConsole();
  const link = useLink();
  const [cause, setCause] = useState('');
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<string>();
  // One key a selection: sent twice after a lost answer, it is still one command.
  const [key] = useState(randomKey);
  const leftMs = useLeftMs(selection);
  const expired = leftMs <= 0;
  const ready = selection.verdict.ok && !expired && !sending && link.state === 'up' && cause.trim() !== '';
  const operate = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!ready) return;
    setSending(true);
    setFailure(undefined);
    const answer = await api.operate(selection.id, cause.trim(), key);
    setSending(false);
    if (answer.ok) onOperated(answer.value);
    else
      setFailure(
        answer.reason === 'unreachable'
          ? `${answer.say} Pressing Operate again is safe: it stays one command.`
          : answer.say,
      );
  };
  return (
    <form className="select-form" onSubmit={(event) => void operate(event)}>
      <Consequences selection={selection} energises={energises} />
      <label className="field">
        <span>Reason, kept in the audit log</span>
        <input
          className="input"
          data-testid="cause"
          ref={takeFocus}
          required
          maxLength={300}
          autoComplete="off"
          value={cause}
          onChange={({ target }) => setCause(target.value)}
        />
      </label>
      <SignedBy operator={selection.operator} />
      {failure !== undefined && (
        <div className="notice urgent" role="alert">
          <p>{failure}</p>
        </div>
      )}
      <Countdown times={selection} leftMs={leftMs} />
      <footer>
        <button type="button" className="button" onClick={onCancel}>
          Cancel
        </button>
        {expired ? (
          <button type="button" className="button primary" onClick={onAgain}>
            Select again
          </button>
        ) : (
          <button type="submit" className="button primary" data-testid="operate" disabled={!ready}>
            {sending ? 'Sending…' : 'Operate'}
          </button>
        )}
      </footer>
    </form>
  );
}

function Consequences({ selection, energises }: { selection: SelectionView; energises: boolean }): JSX.Element {
  return (
    <dl className="consequences">
      <dt>Command</dt>
      <dd>
        <strong>
          {selection.title}
          <ParameterText parameters={selection.parameters} />
        </strong>{' '}
        {energises && <span className="badge plain">may energise</span>}
      </dd>
      <dt>Carried out</dt>
      <dd>{selection.route.say}</dd>
      <dt>What it does</dt>
      <dd>
        <ul className="impact">
          {selection.impact.say.map((line) => (
            <li key={line}>{line}</li>
          ))}
          {selection.impact.say.length === 0 && <li>The head-end knows of no impact to tell.</li>}
        </ul>
      </dd>
      <dt>Proof</dt>
      <dd>Confirmed only when {selection.proof}.</dd>
      <dt>May it?</dt>
      <dd>
        {selection.verdict.ok ? (
          <Mark shape="done">Yes, by all rules asked</Mark>
        ) : (
          <Mark shape="urgent">{selection.verdict.say}</Mark>
        )}
      </dd>
    </dl>
  );
}

function SignedBy({ operator }: { operator: string }): JSX.Element {
  return (
    <p className="small quiet-text">
      Recorded as <strong>{operator}</strong>.
    </p>
  );
}
