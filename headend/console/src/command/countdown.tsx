import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import { useConsole } from '../live/console-context.tsx';

/** How long a selection holds, by the head-end's clock. */
type Times = { readonly selectedAtMs: number; readonly expiresAtMs: number };

/** To the fifth of a second: a whole second would promise more time than is left. */
export function useLeftMs({ selectedAtMs, expiresAtMs }: Times): number {
  const { store } = useConsole();
  const [leftMs, setLeftMs] = useState(expiresAtMs - selectedAtMs);
  useEffect(() => {
    const timer = setInterval(() => setLeftMs(expiresAtMs - (store.now(performance.now()) ?? Date.now())), 200);
    return () => clearInterval(timer);
  }, [store, expiresAtMs]);
  return leftMs;
}

export function Countdown({ times, leftMs }: { times: Times; leftMs: number }): JSX.Element {
  const lifeMs = Math.max(1, times.expiresAtMs - times.selectedAtMs);
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  return (
    <div className={`countdown ${leftMs <= 0 ? 'over' : ''}`}>
      <div className="track" aria-hidden="true">
        <div style={{ width: `${Math.max(0, Math.min(100, (leftMs / lifeMs) * 100))}%` }} />
      </div>
      <span role="timer">
        {leftMs <= 0 ? 'The selection has expired; nothing was done.' : `Selected for another ${seconds} s`}
      </span>
    </div>
  );
}
