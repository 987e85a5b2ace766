import { useState } from 'react';
import type { JSX } from 'react';
import { Check } from '../design/form.tsx';
import { useNow } from '../live/console-context.tsx';
import { CopyButton } from './copy-button.tsx';

/** Shown once: whoever goes on says that they have kept them. */
export function RecoveryCodesShown({ codes, onKept }: { codes: readonly string[]; onKept: () => void }): JSX.Element {
  const [kept, setKept] = useState(false);
  const nowMs = useNow();
  return (
    <div className="select-form" data-testid="recovery-codes">
      <p>
        <strong>Keep these recovery codes.</strong> Each is good for one sign-in without the authenticator. They are
        shown this once.
      </p>
      <div className="printed">
        {/* Whose they are is not on the paper: who finds it is not told the name, too. */}
        <p className="print-only">
          Tiepoint at {location.host}: recovery codes of {new Date(nowMs).toLocaleDateString('en-CA')}. Each is good for
          one sign-in; strike out what was used.
        </p>
        <ol className="recovery-codes">
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ol>
      </div>
      <div className="tools">
        <CopyButton text={codes.join('\n')} />
        <button type="button" className="button" onClick={() => print()}>
          Print
        </button>
      </div>
      <Check checked={kept} onCheck={setKept} testId="codes-kept">
        I have kept them where nobody else finds them
      </Check>
      <footer className="wide">
        <button type="button" className="button primary" disabled={!kept} onClick={onKept} data-testid="codes-done">
          Continue
        </button>
      </footer>
    </div>
  );
}
