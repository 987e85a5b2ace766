import type { JSX } from 'react';
import type { LoadHoursResponse } from '../../../src/api/load-contract.ts';
import { shareText } from './fullness.ts';
import { knownDays, knownOf } from './known-days.ts';
import type { Known } from './known-days.ts';

const heightPx = 34;

const sayOf = ({ measured, estimated, missing }: Known): string =>
  [
    `${shareText(measured)} measured`,
    ...(estimated > 0 ? [`${shareText(estimated)} estimated`] : []),
    ...(missing > 0 ? [`${shareText(missing)} filled in by the like of them`] : []),
  ].join(', ');

/** How the hours behind the curve are known, by day: measured from below, estimates hatched, what was filled in is left open. */
export function KnownStrip({ hours, timeZone }: { hours: LoadHoursResponse; timeZone: string }): JSX.Element | null {
  const all = knownOf(hours);
  if (all === undefined) return null;
  const days = knownDays(hours, timeZone);
  const say = sayOf(all);
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
            <title>{`${day}: ${sayOf({ measured, estimated, missing })}`}</title>
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
