import { useEffect } from 'react';

/** Does it again each `everyMs` while the page is seen. */
export function useEvery(everyMs: number, work: () => void): void {
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && work(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, work]);
}
