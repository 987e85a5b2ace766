import { useState } from 'react';
import type { JSX, SubmitEvent } from 'react';
import { Dialog } from '../design/dialog.tsx';
import type { Answer } from '../live/asking.ts';
import { recordOf, saidOf, textsOf } from './record-fields.ts';
import type { RecordField } from './record-fields.ts';

type Props = {
  title: string;
  fields: readonly RecordField[];
  record: Readonly<Record<string, unknown>>;
  /** The names that a new record goes by; a known one keeps its own. */
  names?: readonly { name: string; label: string; hint?: string }[];
  save: (value: Record<string, unknown>, names: Readonly<Record<string, string>>) => Promise<Answer<unknown>>;
  onDone: () => void;
  onClose: () => void;
};

/** Enters a record or changes it; what the head-end has against it is said here. */
export function RecordForm({ title, fields, record, names = [], save, onDone, onClose }: Props): JSX.Element {
  const [texts, setTexts] = useState(() => textsOf(fields, record));
  const [named, setNamed] = useState<Readonly<Record<string, string>>>({});
  const [say, setSay] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const unnamed = names.find(({ name }) => (named[name] ?? '').trim() === '');
    if (unnamed !== undefined) return setSay(`${unnamed.label} is empty.`);
    const read = recordOf(fields, texts);
    if (!read.ok) return setSay(read.say);
    setBusy(true);
    const answer = await save(read.value, named);
    setBusy(false);
    if (answer.ok) onDone();
    else setSay(saidOf(answer, [...names, ...fields]));
  };
  return (
    <Dialog title={title} testId="record-form" onClose={onClose}>
      <form className="select-form" onSubmit={(event) => void submit(event)}>
        <div className="form-grid">
          {names.map(({ name, label, hint }) => (
            <label className="field" key={name}>
              <span>{label}</span>
              <input
                className="input"
                name={name}
                value={named[name] ?? ''}
                onChange={({ target }) => setNamed({ ...named, [name]: target.value })}
              />
              {hint !== undefined && <small>{hint}</small>}
            </label>
          ))}
          {fields.map(({ name, label, hint, kind }) => (
            <label className="field" key={name}>
              <span>{label}</span>
              <input
                className="input"
                name={name}
                type={kind === 'day' ? 'date' : 'text'}
                value={texts[name] ?? ''}
                onChange={({ target }) => setTexts({ ...texts, [name]: target.value })}
              />
              {hint !== undefined && <small>{hint}</small>}
            </label>
          ))}
        </div>
        {say !== undefined && (
          <p className="notice urgent" role="alert">
            {say}
          </p>
        )}
        <footer>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={busy} data-testid="record-save">
            Save
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
