import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import type { SessionView } from '../../../src/api/operator-contract.ts';
import type { ApiClient } from '../live/api-client.ts';
import { OperatorContext } from './operator.tsx';
import { Shell } from './shell.tsx';
import { SignInPage } from './sign-in.tsx';

type Props = {
  api: ApiClient;
  /** A session begins, or ends: the live stream with it. */
  onSession: (session: SessionView | undefined) => void;
  /** Hears when the head-end says that there is no session any more. */
  listen: (ended: () => void) => void;
};

/** The console, for whoever signed in. */
export function SignedIn({ api, onSession, listen }: Props): JSX.Element | null {
  const [session, setSession] = useState<SessionView>();
  const [asked, setAsked] = useState(false);
  const take = (next: SessionView | undefined): void => {
    setSession(next);
    onSession(next?.step === 'open' ? next : undefined);
  };
  useEffect(() => {
    listen(() => take(undefined));
    void api.session().then((answer) => {
      if (answer.ok) take(answer.value);
      setAsked(true);
    });
    // Once, at the start.
    // oxlint-disable-next-line react/exhaustive-deps
  }, []);
  if (!asked) return null;
  if (session?.step !== 'open') return <SignInPage api={api} session={session} onSession={take} />;
  return (
    <OperatorContext value={session}>
      <Shell onSignOut={() => void api.signOut().then(() => take(undefined))} />
    </OperatorContext>
  );
}
