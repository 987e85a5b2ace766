import { useState } from 'react';
import type { JSX } from 'react';
import type { Verdict } from '@tiepoint/protocol';
import { Dialog } from '../design/dialog.tsx';
import { SaidAgainst, TextField, useForm } from '../design/form.tsx';
import { AllowedButton } from '../design/why-not.tsx';
import { useConsole, useLink, useStore } from '../live/console-context.tsx';

type Props = { id: string; title: string; owner: string; may: Verdict };

/** At the tag of somebody else: where they are away, two others remove it. This is the first of them. */
export function TagRemoval({ id, title, owner, may }: Props): JSX.Element {
  const [asking, setAsking] = useState(false);
  const known = useStore('approvals', (store) => store.approvals());
  const awaits = known.some(
    ({ kind, state, devices }) =>
      kind === 'tag-removal' && state === 'awaiting' && devices.some((each) => each.id === id),
  );
  return (
    <div className="stack">
      <p className="small quiet-text">
        {owner} lifts it. Only where {owner} is not at the site and cannot be reached, two others remove it: one asks, a
        second one approves.
      </p>
      {awaits ? (
        <p className="small">Its removal awaits a second operator.</p>
      ) : (
        <AllowedButton may={may} className="button" data-testid="tag-remove" onClick={() => setAsking(true)}>
          Ask for its removal…
        </AllowedButton>
      )}
      {asking && <AskDialog id={id} title={title} owner={owner} onClose={() => setAsking(false)} />}
    </div>
  );
}

function AskDialog({ id, title, owner, onClose }: Omit<Props, 'may'> & { onClose: () => void }): JSX.Element {
  const { api, store } = useConsole();
  const link = useLink();
  const [verified, setVerified] = useState('');
  const [tried, setTried] = useState('');
  const form = useForm(
    () => api.askTagRemoval(id, { verified: verified.trim(), tried: tried.trim() }),
    (approval) => {
      store.learnApproval(approval);
      onClose();
    },
  );
  const isReady = link.state === 'up' && verified.trim() !== '' && tried.trim() !== '';
  return (
    <Dialog title={`Remove the tag of ${owner}: ${title}`} testId="tag-removal-dialog" onClose={onClose}>
      <form className="select-form" onSubmit={form.submit}>
        <p className="notice warn">
          {owner} may rely on this tag with their life. Tell them before they work again, whatever this head-end tells
          them.
        </p>
        <TextField
          label={`How was it verified that ${owner} is not at the site?`}
          testId="removal-verified"
          value={verified}
          maxLength={300}
          onValue={setVerified}
          first
        />
        <TextField
          label={`How was ${owner} tried to be reached, and who was asked?`}
          testId="removal-tried"
          value={tried}
          maxLength={300}
          onValue={setTried}
        />
        <p className="small quiet-text">Both are shown to the second operator, and kept in the audit log.</p>
        <SaidAgainst say={form.say} />
        <footer>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" data-testid="removal-ask" disabled={!isReady || form.busy}>
            Ask for approval
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
