import type { JSX } from 'react';
import { Mark } from '../design/marks.tsx';
import { Time } from '../design/shown-value.tsx';
import { formatRoute } from '../frame/route.ts';
import { useConsole, useNow, useQuery } from '../live/console-context.tsx';
import { useEvery } from '../sites/use-every.ts';
import { areasText } from './mode-words.ts';

/** A mode changes what silence means and what may be commanded: everybody who looks at the fleet has to know. */
export function ModeBanner(): JSX.Element | null {
  const { network } = useConsole();
  const nowMs = useNow();
  const { value, reload } = useQuery('mode banner', (signal) => network.modes(signal));
  useEvery(3_000, reload);
  const inForce = value?.modes.filter(({ state }) => state === 'in-force') ?? [];
  if (inForce.length === 0) return null;
  return (
    <output className="banner warn" data-testid="mode-banner">
      <Mark shape="warn" />
      {inForce.map(({ id, mode, areas, untilMs }) => (
        <strong key={id}>
          {mode} mode {areasText(areas)} until <Time atMs={untilMs} nowMs={nowMs} />
        </strong>
      ))}
      <a href={formatRoute({ page: 'modes' })}>Modes</a>
    </output>
  );
}
