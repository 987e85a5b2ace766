import { useState } from 'react';
import type { JSX, SubmitEvent } from 'react';
import type { DeviceDetail, FleetRow } from '../../../src/api/contract.ts';
import { Time } from '../design/shown-value.tsx';
import { AllowedButton } from '../design/why-not.tsx';
import { useOperator } from '../frame/operator.tsx';
import { useConsole, useLink, useNow } from '../live/console-context.tsx';
import { TagRemoval } from './tag-removal.tsx';

/** The lock-out: while a tag is set nobody commands the device. Its owner lifts it; where they are away, two others remove it. */
export function TagPanel({
  row,
  detail: { tag, commands, mayTag, mayRemoveTag },
  onChanged,
}: {
  row: FleetRow;
  detail: DeviceDetail;
  onChanged: () => void;
}): JSX.Element | null {
  const { name } = useOperator();
  const nowMs = useNow();
  const owner = row.tagOwner ?? tag?.owner;
  // Nothing to lock out; a tag from a time when there was can still be lifted.
  if (commands.length === 0 && owner === undefined) return null;
  return (
    <section className="panel" aria-labelledby="tag-title">
      <header>
        <h2 id="tag-title">Tag (lock-out)</h2>
        {owner !== undefined && <span className="badge strong">TAGGED</span>}
      </header>
      {owner === undefined ? (
        <p className="small quiet-text">
          Not tagged. A tag stops every command to this device until the one who set it lifts it.
        </p>
      ) : (
        <p>
          By <strong>{owner}</strong>
          {owner === name && ' (you)'}
          {tag !== undefined && (
            <>
              {' '}
              since <Time atMs={tag.sinceMs} nowMs={nowMs} />
            </>
          )}
          : {row.tagCause ?? tag?.cause}
        </p>
      )}
      {owner !== undefined && owner !== name && mayRemoveTag !== undefined && (
        <TagRemoval id={row.id} title={row.title} owner={owner} may={mayRemoveTag} />
      )}
      {(owner === undefined || owner === name) &&
        (mayTag.ok ? (
          <TagForm row={row} tagged={owner !== undefined} onChanged={onChanged} />
        ) : (
          <div className="stack">
            <AllowedButton may={mayTag} className="button" data-testid={owner === undefined ? 'tag-set' : 'tag-lift'}>
              {owner === undefined ? 'Set tag' : 'Lift tag'}
            </AllowedButton>
          </div>
        ))}
    </section>
  );
}

function TagForm({ row, tagged, onChanged }: { row: FleetRow; tagged: boolean; onChanged: () => void }): JSX.Element {
  const { api } = useConsole();
  const link = useLink();
  const [cause, setCause] = useState('');
  const [say, setSay] = useState<string>();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const answer = tagged ? await api.liftTag(row.id, cause.trim()) : await api.setTag(row.id, cause.trim());
    setSay(answer.ok ? undefined : answer.say);
    if (answer.ok) setCause('');
    onChanged();
  };
  const ready = link.state === 'up' && cause.trim() !== '';
  return (
    <>
      <form className="inline-form" onSubmit={(event) => void submit(event)}>
        <label className="field">
          <span className="visually-hidden">Reason</span>
          <input
            className="input"
            data-testid="tag-cause"
            placeholder={!tagged ? 'Reason, e.g. crew on site' : 'Reason for lifting'}
            maxLength={300}
            value={cause}
            onChange={({ target }) => setCause(target.value)}
          />
        </label>
        <button type="submit" className="button" data-testid={!tagged ? 'tag-set' : 'tag-lift'} disabled={!ready}>
          {!tagged ? 'Set tag' : 'Lift tag'}
        </button>
      </form>
      {say !== undefined && (
        <p className="notice urgent" role="alert">
          {say}
        </p>
      )}
    </>
  );
}
