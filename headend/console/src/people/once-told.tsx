import type { JSX } from 'react';
import { Dialog } from '../design/dialog.tsx';
import { Time } from '../design/shown-value.tsx';
import { useNow } from '../live/console-context.tsx';
import { CopyButton } from './copy-button.tsx';

type Props = { title: string; say: string; secret: string; expiresAtMs: number; onClose: () => void };

/** A secret that cannot be shown again; it stays until it is said to be done. */
export function OnceTold({ title, say, secret, expiresAtMs, onClose }: Props): JSX.Element {
  const nowMs = useNow();
  return (
    <Dialog title={title} testId="once-told" onClose={undefined}>
      <div className="select-form">
        <p>{say}</p>
        <pre className="copy-line" data-testid="secret">
          {secret}
        </pre>
        <p className="small quiet-text">
          Good until <Time atMs={expiresAtMs} nowMs={nowMs} />.
        </p>
        <footer>
          <CopyButton text={secret} />
          <button type="button" className="button primary" data-testid="once-done" onClick={onClose}>
            Done
          </button>
        </footer>
      </div>
    </Dialog>
  );
}
