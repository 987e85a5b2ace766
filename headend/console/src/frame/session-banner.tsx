import type { JSX } from 'react';
import { Mark } from '../design/marks.tsx';
import { Time } from '../design/shown-value.tsx';
import { useConsole, useNow, useSessionState } from '../live/console-context.tsx';

/** Time enough to finish a command that is begun, and to sign in before the next. */
const tellBeforeMs = 10 * 60_000;

/** However busy it is, a session ends some time: nobody should learn of it in the midst of a command. */
export function SessionBanner(): JSX.Element | null {
  const { session } = useConsole();
  const state = useSessionState();
  const nowMs = useNow();
  if (state.is !== 'open' || state.session.endsAtMs - nowMs > tellBeforeMs) return null;
  return (
    <div className="banner warn" role="alert">
      <Mark shape="warn" />
      <strong>
        Your session ends at <Time atMs={state.session.endsAtMs} nowMs={nowMs} />.
      </strong>
      <button type="button" className="button" onClick={() => void session.signInAgain()}>
        Sign in again now…
      </button>
    </div>
  );
}
