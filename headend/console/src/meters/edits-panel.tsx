import { useState } from 'react';
import type { JSX } from 'react';
import type { EditView } from '../../../src/api/interval-contract.ts';
import { ConfirmDialog } from '../design/confirm-dialog.tsx';
import { TextField } from '../design/form.tsx';
import { Time } from '../design/shown-value.tsx';
import { AllowedButton } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useConsole, useNow } from '../live/console-context.tsx';
import { localText } from '../load/local-hours.ts';
import { mayEverywhere } from '../people/permitted.ts';

type Props = { edits: readonly EditView[]; timeZone: string; onChanged: () => void };

/** What people said that intervals of the meter were, and what of it was taken back. */
export function EditsPanel({ edits, timeZone, onChanged }: Props): JSX.Element {
  const nowMs = useNow();
  const [taking, setTaking] = useState<EditView>();
  const may = mayEverywhere(useOperator(), 'edit-intervals');
  return (
    <section className="panel flush" data-testid="meter-edits" aria-labelledby="meter-edits-title">
      <header className="panel-tools">
        <h2 id="meter-edits-title">Edits</h2>
      </header>
      {edits.length === 0 ? (
        <p className="quiet-text small empty">Nobody has edited this meter.</p>
      ) : (
        <table className="ledger">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">Intervals</th>
              <th scope="col">Reason</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {edits.map((edit) => (
              <tr key={edit.edit}>
                <td className="nowrap">
                  <Time atMs={edit.atMs} nowMs={nowMs} />
                </td>
                <td>{edit.who}</td>
                <td className="nowrap">
                  {edit.intervals} from {localText(edit.fromS, timeZone)}
                </td>
                <td>{edit.reason}</td>
                <td>
                  {edit.takenBack === undefined ? (
                    <AllowedButton may={may} className="button small" onClick={() => setTaking(edit)}>
                      Take back…
                    </AllowedButton>
                  ) : (
                    <span className="small">
                      taken back by {edit.takenBack.who}: {edit.takenBack.reason}
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {taking !== undefined && (
        <TakeBackDialog
          edit={taking}
          onClose={() => setTaking(undefined)}
          onDone={() => {
            setTaking(undefined);
            onChanged();
          }}
        />
      )}
    </section>
  );
}

function TakeBackDialog({
  edit: { edit, who, reason, intervals },
  onClose,
  onDone,
}: {
  edit: EditView;
  onClose: () => void;
  onDone: () => void;
}): JSX.Element {
  const { meters } = useConsole();
  const [cause, setCause] = useState('');
  return (
    <ConfirmDialog
      title={`Take back the edit by ${who}`}
      action="Take back"
      ask={async () => await meters.takeBack(edit, cause.trim())}
      onDone={onDone}
      onClose={onClose}
    >
      <p>
        {`What was counted or estimated stands again for ${intervals} ${intervals === 1 ? 'interval' : 'intervals'}. The reason of the edit was: ${reason}`}
      </p>
      <TextField label="Reason, kept in the audit log" value={cause} maxLength={300} onValue={setCause} />
    </ConfirmDialog>
  );
}
