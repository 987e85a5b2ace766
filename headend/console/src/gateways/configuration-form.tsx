import { useState } from 'react';
import type { JSX, SubmitEvent } from 'react';
import { intervalLengthsS } from '@tiepoint/protocol';
import type { GatewayRow } from '../../../src/api/contract.ts';
import { Dialog } from '../design/dialog.tsx';
import { useConsole } from '../live/console-context.tsx';
import { draftOf, readDraft, withDevice } from './configuration-draft.ts';
import type { Draft } from './configuration-draft.ts';

type Props = { gateway: GatewayRow; deviceId: string; onClose: () => void };

/** How one device reports. An empty field keeps what the gateway's own file says. */
export function ConfigurationForm({ gateway, deviceId, onClose }: Props): JSX.Element {
  const { api } = useConsole();
  const known = gateway.configuration.devices.find((one) => one.deviceId === deviceId);
  const [draft, setDraft] = useState<Draft>(() => draftOf(known));
  const [cause, setCause] = useState('');
  const [say, setSay] = useState<string>();
  const verdict = readDraft(deviceId, draft);
  const put = (field: keyof Draft) => (event: { target: { value: string } }) =>
    setDraft({ ...draft, [field]: event.target.value });
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!verdict.ok) return setSay(verdict.say);
    const devices = withDevice(gateway.configuration.devices, verdict.value);
    const answer = await api.configure(gateway.id, {
      devices,
      ...(cause.trim() === '' ? {} : { cause: cause.trim() }),
    });
    if (answer.ok) onClose();
    else setSay(answer.say);
  };
  return (
    <Dialog title={`Reporting of ${deviceId}`} onClose={onClose}>
      <form className="select-form" onSubmit={(event) => void submit(event)}>
        <div className="form-grid">
          <Field label="Period, s" value={draft.periodS} onChange={put('periodS')} />
          <label className="field">
            <span>Reporting</span>
            <select className="input" value={draft.reporting} onChange={put('reporting')}>
              <option value="">as in the gateway’s file</option>
              <option value="periodic">periodic</option>
              <option value="by-exception">by exception</option>
            </select>
          </label>
          <Field label="Heartbeat, s (by exception)" value={draft.heartbeatS} onChange={put('heartbeatS')} />
          <Field label="Hysteresis, %" value={draft.hysteresisPct} onChange={put('hysteresisPct')} />
          <Field
            label="Thresholds, % of rated power"
            value={draft.thresholdsPct}
            onChange={put('thresholdsPct')}
            placeholder="e.g. 50, 80, 95"
          />
          <IntervalLength value={draft.intervalS} onChange={put('intervalS')} />
        </div>
        <Field
          label="Reason, kept in the audit log"
          value={cause}
          placeholder=""
          onChange={({ target }) => setCause(target.value)}
        />
        <p className="small quiet-text">
          The gateway takes it when it is online, and answers with the revision that it runs.
        </p>
        {(say !== undefined || !verdict.ok) && <p className="notice warn">{verdict.ok ? say : verdict.say}</p>}
        <footer>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={!verdict.ok}>
            Send to the gateway
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

function IntervalLength({ value, onChange }: Pick<FieldProps, 'value' | 'onChange'>): JSX.Element {
  return (
    <label className="field">
      <span>Intervals that a meter keeps</span>
      <select className="input" value={value} onChange={onChange}>
        <option value="">as in the gateway’s file</option>
        {intervalLengthsS.map((seconds) => (
          <option key={seconds} value={String(seconds)}>{`${seconds / 60} min`}</option>
        ))}
      </select>
    </label>
  );
}

type FieldProps = {
  label: string;
  value: string;
  placeholder?: string | undefined;
  onChange: (event: { target: { value: string } }) => void;
};

function Field({ label, value, placeholder, onChange }: FieldProps): JSX.Element {
  return (
    <label className="field">
      <span>{label}</span>
      <input
        className="input"
        value={value}
        onChange={onChange}
        placeholder={placeholder ?? 'as in the gateway’s file'}
        maxLength={300}
      />
    </label>
  );
}
