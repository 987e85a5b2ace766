import { yes } from '@tiepoint/protocol';
import { useState } from 'react';
import type { JSX } from 'react';
import type { CircuitResponse } from '../../../src/api/network-contract.ts';
import { Dialog } from '../design/dialog.tsx';
import { SaidAgainst, TextField, useForm } from '../design/form.tsx';
import { AllowedButton, WhyNot } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useConsole } from '../live/console-context.tsx';
import { mayEverywhere } from '../people/permitted.ts';
import { mayNow } from './as-of.ts';
import type { AsOf } from './as-of.ts';
import { switchStateWords } from './words.ts';

type Props = {
  drawn: CircuitResponse['switches'][number];
  then: AsOf;
  onRead: () => void;
  onDone: () => void;
  onClose: () => void;
};

/** A switch: how it stands, or stood, and that it was operated by hand. Nothing moves by it. */
export function SwitchDialog({ drawn, then, onClose, ...deeds }: Props): JSX.Element {
  const isNow = then.is === 'now';
  return (
    <Dialog title={`${drawn.type} ${drawn.name}`} testId="switch-dialog" onClose={onClose}>
      <div className="select-form">
        <p>
          It {isNow ? 'stands' : 'stood'} <strong>{switchStateWords[drawn.state]}</strong>; normally it{' '}
          {isNow ? 'is' : 'was'} {drawn.normalOpen ? 'open' : 'closed'}.
          {drawn.ratedCurrentA !== undefined && ` Rated ${drawn.ratedCurrentA} A.`}
        </p>
        {isNow ? (
          <Deeds drawn={drawn} {...deeds} />
        ) : (
          <WhyNot may={mayNow(then, 'read what is behind it, or to record that it was operated', yes)} />
        )}
      </div>
    </Dialog>
  );
}

function Deeds({ drawn, onRead, onDone }: Pick<Props, 'drawn' | 'onRead' | 'onDone'>): JSX.Element {
  const { network } = useConsole();
  const [cause, setCause] = useState('');
  const open = drawn.state === 'closed';
  const may = mayEverywhere(useOperator(), 'record-switching');
  const form = useForm(() => network.recordSwitch(drawn.id, { open, cause }), onDone);
  return (
    <form className="select-form" onSubmit={form.submit}>
      <p className="notice">
        Recording tells Tiepoint that somebody has operated it. It moves nothing: loads are added up by it from now on.
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
  );
}
