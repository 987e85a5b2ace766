import { useEffect } from 'react';
import type { JSX } from 'react';
import { Dialog } from '../design/dialog.tsx';
import { useConsole } from '../live/console-context.tsx';
import { SignInForm } from './sign-in-form.tsx';

/** Over the page, which stays as it is with all that was typed into it. */
export function SignInAgain({ why, name }: { why: 'ended' | 'stale'; name: string }): JSX.Element {
  const { people, session } = useConsole();
  useEffect(() => {
    // In another page of this browser somebody may have signed in meanwhile.
    const look = (): void =>
      void people
        .session()
        .then((answer) => answer.ok && answer.value !== undefined && why === 'ended' && session.told(answer.value));
    addEventListener('focus', look);
    return () => removeEventListener('focus', look);
  }, [people, session, why]);
  return (
    <Dialog
      title={why === 'ended' ? 'Your session has ended' : 'Sign in again'}
      testId="sign-in-again"
      onClose={why === 'stale' ? session.giveUp : undefined}
    >
      <p className="small">
        {why === 'ended'
          ? 'Sign in again to go on where you were: nothing that you typed is lost. What is shown behind this is not live.'
          : 'So that the head-end knows that it is still you, and nobody does this at a desk that was left.'}
      </p>
      <SignInForm name={name} elsewhere />
      {why === 'ended' && (
        <p className="dialog-foot">
          <button type="button" className="button quiet small" onClick={session.giveUp}>
            Not {name}? Leave this page
          </button>
        </p>
      )}
    </Dialog>
  );
}
