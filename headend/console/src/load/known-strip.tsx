import type { JSX } from 'react';
import type { LoadHoursResponse } from '../../../src/api/load-contract.ts';
import { shareText } from './fullness.ts';
import { knownDays, knownOf } from './known-days.ts';

const heightPx = 34;

/** How the hours behind the curve are known, by day: measured from below, estimates hatched, what was filled in is left open. */
export function KnownStrip({ hours, timeZone }: { hours: LoadHoursResponse; timeZone: string }): JSX.Element | null {
  const all = knownOf(hours);
  if (all === undefined) return null;
  const days = knownDays(hours, timeZone);
  const say = `${shareText(all.measured)} measured, ${shareText(all.estimated)} estimated, ${shareText(all.missing)} filled in by the like of them`;
  return (
    <figure className="known">
      <figcaption>
        Completeness{' '}
        <span className="quiet-text" data-testid="known-say">
          {say}
        </span>
      </figcaption>
      <svg
        aria-label={`Completeness by day: ${say}`}
        viewBox={`0 0 ${days.length} ${heightPx}`}
        preserveAspectRatio="none"
      >
        {days.map(({ day, measured, estimated, missing }, column) => (
          <g key={day}>
            <title>{`${day}: ${shareText(measured)} measured, ${shareText(estimated)} estimated, ${shareText(missing)} filled in`}</title>
            <rect className="open" x={column + 0.04} y={0} width={0.92} height={heightPx} />
            <rect
              className="estimated"
              x={column + 0.04}
              y={heightPx * (1 - measured - estimated)}
              width={0.92}
              height={heightPx * estimated}
            />
            <rect
              className="measured"
              x={column + 0.04}
              y={heightPx * (1 - measured)}
              width={0.92}
              height={heightPx * measured}
            />
          </g>
        ))}
      </svg>
    </figure>
  );
}
