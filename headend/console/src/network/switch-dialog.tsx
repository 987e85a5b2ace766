import { useState } from 'react';
import type { JSX } from 'react';
import type { CircuitResponse } from '../../../src/api/network-contract.ts';
import { Dialog } from '../design/dialog.tsx';
import { SaidAgainst, TextField, useForm } from '../design/form.tsx';
import { AllowedButton } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useConsole } from '../live/console-context.tsx';
import { mayEverywhere } from '../people/permitted.ts';
import { switchStateWords } from './words.ts';

type Props = {
  drawn: CircuitResponse['switches'][number];
  onRead: () => void;
  onDone: () => void;
  onClose: () => void;
};

/** A switch: how it stands, and that it was operated by hand. Nothing moves by it. */
export function SwitchDialog({ drawn, onRead, onDone, onClose }: Props): JSX.Element {
  const { network } = useConsole();
  const [cause, setCause] = useState('');
  const open = drawn.state === 'closed';
  const may = mayEverywhere(useOperator(), 'record-switching');
  const form = useForm(() => network.recordSwitch(drawn.id, { open, cause }), onDone);
  return (
    <Dialog title={`${drawn.type} ${drawn.name}`} testId="switch-dialog" onClose={onClose}>
      <form className="select-form" onSubmit={form.submit}>
        <p>
          It stands <strong>{switchStateWords[drawn.state]}</strong>; normally it is{' '}
          {drawn.normalOpen ? 'open' : 'closed'}.
          {drawn.ratedCurrentA !== undefined && ` Rated ${drawn.ratedCurrentA} A.`}
        </p>
        <p className="notice">
          Recording tells Tiepoint that somebody has operated it. It moves nothing: loads are added up by it from now
          on.
        </p>
        <TextField label="Reason" testId="switch-cause" value={cause} onValue={setCause} maxLength={300} />
        <SaidAgainst say={form.say} />
        <footer>
          <button type="button" className="button" onClick={onRead}>
            Read what is behind it
          </button>
          {may.ok ? (
            <button
              type="submit"
              className="button primary"
              data-testid="switch-record"
              disabled={form.busy || cause.trim() === ''}
            >
              {open ? 'It was opened' : 'It was closed'}
            </button>
          ) : (
            <AllowedButton may={may} className="button primary">
              {open ? 'It was opened' : 'It was closed'}
            </AllowedButton>
          )}
        </footer>
      </form>
    </Dialog>
  );
}
