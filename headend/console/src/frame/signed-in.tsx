import { useEffect } from 'react';
import type { JSX } from 'react';
import { useConsole, useSessionState } from '../live/console-context.tsx';
import { pageOf } from '../live/session-state.ts';
import { DoorPage, SignInPage } from '../people/sign-in-page.tsx';
import { SignInAgain } from '../people/sign-in-again.tsx';
import { OperatorContext } from './operator.tsx';
import { Shell } from './shell.tsx';

const againMs = 3_000;

/** The console, for whoever signed in. */
export function SignedIn(): JSX.Element {
  const { people, session } = useConsole();
  const state = useSessionState();
  useEffect(() => {
    if (state.is !== 'asking') return undefined;
    const ask = (): void => void people.session().then((answer) => answer.ok && session.told(answer.value));
    ask();
    const timer = setInterval(ask, againMs);
    return () => clearInterval(timer);
  }, [people, session, state.is]);
  if (state.is === 'asking')
    return (
      <DoorPage title="Tiepoint">
        <p className="quiet-text">Asking the head-end who is signed in…</p>
      </DoorPage>
    );
  if (state.is === 'out' || state.is === 'unfinished')
    return <SignInPage unfinished={state.is === 'unfinished' ? state.session : undefined} />;
  return (
    <OperatorContext value={state.session}>
      <Shell key={pageOf(state)} />
      {(state.is === 'ended' || state.is === 'stale') && <SignInAgain why={state.is} name={state.session.name} />}
    </OperatorContext>
  );
}
