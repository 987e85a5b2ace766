import type { JSX } from 'react';
import { no, yes } from '@tiepoint/protocol';
import type { Verdict } from '@tiepoint/protocol';
import { AllowedButton } from '../design/why-not.tsx';

export type Doing = 'check' | 'import';

export function mayTake(permitted: Verdict, { doing, chosen }: { doing: Doing | undefined; chosen: boolean }): Verdict {
  if (!permitted.ok) return permitted;
  if (doing !== undefined) return no('busy', 'It is under way.');
  return chosen ? yes : no('precondition', 'Choose a file first.');
}

/** Looked through only, or taken. */
export function FileButtons({ may, onTake }: { may: Verdict; onTake: (dryRun: boolean) => void }): JSX.Element {
  return (
    <footer className="tools import-buttons">
      <AllowedButton
        may={may}
        whyId="import-why"
        className="button"
        data-testid="check-file"
        onClick={() => onTake(true)}
      >
        Check only
      </AllowedButton>
      <AllowedButton
        may={may}
        whyId="import-why"
        className="button primary"
        data-testid="take-file"
        onClick={() => onTake(false)}
      >
        Import
      </AllowedButton>
      <span id="import-why" className="small quiet-text">
        {may.ok ? '' : may.say}
      </span>
    </footer>
  );
}
