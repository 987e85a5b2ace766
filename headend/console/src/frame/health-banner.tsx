import { useEffect } from 'react';
import type { JSX } from 'react';
import { Mark } from '../design/marks.tsx';
import { useConsole, useQuery } from '../live/console-context.tsx';

const everyMs = 15_000;

/** What is not well with the head-end itself: a disk that is full, a backup that is late. */
export function HealthBanner(): JSX.Element | null {
  const { api } = useConsole();
  const { value, reload } = useQuery('health', (signal) => api.health(signal));
  useEffect(() => {
    const timer = setInterval(reload, everyMs);
    return () => clearInterval(timer);
  }, [reload]);
  const says = value?.conditions ?? [];
  if (says.length === 0) return null;
  return (
    <div className="banner warn" role="alert">
      <Mark shape="warn" />
      <ul>
        {says.map((say) => (
          <li key={say}>{say}</li>
        ))}
      </ul>
    </div>
  );
}
