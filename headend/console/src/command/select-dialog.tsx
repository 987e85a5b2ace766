import { useEffect, useRef, useState } from 'react';
import type { JSX, SubmitEvent } from 'react';
import type { CommandParameters } from '@tiepoint/protocol';
import type { CommandOffer, CommandView, DeviceDetail, FleetRow, SelectionView } from '../../../src/api/contract.ts';
import { Dialog } from '../design/dialog.tsx';
import { Mark } from '../design/marks.tsx';
import { useConsole } from '../live/console-context.tsx';
import { CauseForm } from './cause-form.tsx';
import { mayWith } from './device-view.ts';
import { ParameterFields } from './parameter-fields.tsx';
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
        <CauseForm
          key={selection.id}
          selection={selection}
          verb={selection.verdict.ok ? 'Operate' : undefined}
          operate={(cause, key) => api.operate(selection.id, cause, key)}
          onOperated={(view) => {
            onOperated(view);
            onClose();
          }}
          onAsked={onClose}
          onCancel={close}
          onAgain={() => void select(parameters)}
        >
          <Consequences selection={selection} energises={offer.energises} />
        </CauseForm>
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
