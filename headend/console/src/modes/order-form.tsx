import { useState } from 'react';
import type { JSX } from 'react';
import { SaidAgainst, TextField, useForm } from '../design/form.tsx';
import { AllowedButton } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useConsole } from '../live/console-context.tsx';
import { mayAnywhere } from '../people/permitted.ts';
import { areasText, modeDoes } from './mode-words.ts';

type Draft = { mode: 'storm' | 'safe'; areas: string; hours: string; cause: string };

/** A mode for areas, until an instant, for a reason. */
export function OrderForm({ onDone }: { onDone: () => void }): JSX.Element {
  const { network, store } = useConsole();
  const may = mayAnywhere(useOperator(), 'set-fleet-mode');
  const [draft, setDraft] = useState<Draft>({ mode: 'storm', areas: '', hours: '2', cause: '' });
  const areas = areasOf(draft.areas);
  const hours = Number(draft.hours);
  const form = useForm(
    () => {
      const untilMs = Math.round((store.now(performance.now()) ?? Date.now()) + hours * 3_600_000);
      return network.orderMode({ mode: draft.mode, areas, untilMs, cause: draft.cause });
    },
    () => {
      setDraft({ ...draft, cause: '' });
      onDone();
    },
  );
  const label = `Order ${draft.mode} ${areasText(areas)}`;
  return (
    <section className="panel">
      <h2>Order a mode</h2>
      <form className="select-form" onSubmit={form.submit}>
        <Fields draft={draft} onDraft={setDraft} />
        <p className="small">{modeDoes[draft.mode]}</p>
        <SaidAgainst say={form.say} />
        <footer>
          {may.ok ? (
            <button
              type="submit"
              className="button primary"
              data-testid="mode-order"
              disabled={form.busy || !(hours > 0) || draft.cause.trim() === ''}
            >
              {label}
            </button>
          ) : (
            <AllowedButton may={may} className="button primary">
              {label}
            </AllowedButton>
          )}
        </footer>
      </form>
    </section>
  );
}

function Fields({ draft, onDraft }: { draft: Draft; onDraft: (draft: Draft) => void }): JSX.Element {
  const field = (name: 'areas' | 'hours' | 'cause') => ({
    value: draft[name],
    onValue: (text: string) => onDraft({ ...draft, [name]: text }),
    testId: `mode-${name}`,
  });
  return (
    <div className="mode-order">
      <fieldset className="segments">
        <legend className="visually-hidden">Mode</legend>
        {(['storm', 'safe'] as const).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={draft.mode === each}
            data-testid={`choose-${each}`}
            onClick={() => onDraft({ ...draft, mode: each })}
          >
            {each}
          </button>
        ))}
      </fieldset>
      <TextField label="Areas" hint="by commas; none: everywhere" {...field('areas')} />
      <TextField label="Hours" inputMode="numeric" maxLength={5} {...field('hours')} />
      <TextField label="Reason" maxLength={300} {...field('cause')} />
    </div>
  );
}

function areasOf(text: string): 'all' | readonly string[] {
  const named = text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  return named.length === 0 ? 'all' : named;
}
