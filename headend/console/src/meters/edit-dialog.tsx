import { useState } from 'react';
import type { JSX } from 'react';
import { Dialog } from '../design/dialog.tsx';
import { SaidAgainst, TextField, useForm } from '../design/form.tsx';
import { useConsole } from '../live/console-context.tsx';
import { localText } from '../load/local-hours.ts';
import { changesOf, draftOf } from './edit-draft.ts';
import type { EditDraft } from './edit-draft.ts';
import type { IntervalRow } from './interval-rows.ts';

type Props = {
  meter: string;
  rows: readonly IntervalRow[];
  timeZone: string;
  onClose: () => void;
  onDone: () => void;
};

/** What somebody says that intervals were: above everything that was or will be counted, until it is taken back. */
export function EditDialog({ meter, rows, timeZone, onClose, onDone }: Props): JSX.Element {
  const { meters } = useConsole();
  const [drafts, setDrafts] = useState<readonly EditDraft[]>(() => rows.map(draftOf));
  const [cause, setCause] = useState('');
  const changes = changesOf(rows, drafts);
  const form = useForm(
    async () => await meters.edit({ meter, cause: cause.trim(), changes: changes.ok ? changes.value : [] }),
    onDone,
  );
  const change = (index: number, part: Partial<EditDraft>): void =>
    setDrafts((before) => before.map((each, at) => (at === index ? { ...each, ...part } : each)));
  const against = changes.ok ? (changes.value.length === 0 ? 'Nothing is changed yet.' : undefined) : changes.say;
  return (
    <Dialog
      title={`Edit ${rows.length} ${rows.length === 1 ? 'interval' : 'intervals'} of ${meter}`}
      testId="edit-dialog"
      onClose={onClose}
    >
      <form className="select-form" onSubmit={form.submit}>
        <DraftTable rows={rows} drafts={drafts} timeZone={timeZone} onChange={change} />
        <TextField
          label="Reason, kept with the edit and in the audit log"
          testId="edit-cause"
          value={cause}
          maxLength={300}
          autoComplete="off"
          onValue={setCause}
        />
        <p className="small quiet-text">
          An empty field is not known. What stands now is kept, and the edit can be taken back.
          {against !== undefined && <strong> {against}</strong>}
        </p>
        <SaidAgainst say={form.say} />
        <footer>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="button primary"
            data-testid="edit-submit"
            disabled={form.busy || against !== undefined || cause.trim() === ''}
          >
            Edit
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

type TableProps = {
  rows: readonly IntervalRow[];
  drafts: readonly EditDraft[];
  timeZone: string;
  onChange: (index: number, part: Partial<EditDraft>) => void;
};

function DraftTable({ rows, drafts, timeZone, onChange }: TableProps): JSX.Element {
  return (
    <div className="edit-rows">
      <table className="ledger">
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">Taken, kWh</th>
            <th scope="col">Fed back, kWh</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => {
            const from = localText(row.startS, timeZone);
            const { taken = '', fedBack = '' } = drafts[index] ?? {};
            return (
              <tr key={row.startS}>
                <th scope="row" className="nowrap">
                  {from}
                </th>
                <td>
                  <Energy
                    label={`Taken, from ${from}`}
                    value={taken}
                    onValue={(text) => onChange(index, { taken: text })}
                  />
                </td>
                <td>
                  <Energy
                    label={`Fed back, from ${from}`}
                    value={fedBack}
                    onValue={(text) => onChange(index, { fedBack: text })}
                  />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

type EnergyProps = { label: string; value: string; onValue: (text: string) => void };

function Energy({ label, value, onValue }: EnergyProps): JSX.Element {
  return (
    <input
      className="input energy"
      aria-label={label}
      inputMode="decimal"
      autoComplete="off"
      value={value}
      onChange={({ target }) => onValue(target.value)}
    />
  );
}
