import type { JSX } from 'react';
import { Mark } from '../design/marks.tsx';
import { Unknown } from '../design/shown-value.tsx';
import { fullnessOf, shareText } from './fullness.ts';

const widthPx = 90;
/** The bar goes on beyond the rating. */
const fullPx = 60;

/** A share of the rating: a bar with the rating as a tick, and what is too much has its mark. */
export function UtilisationBar({ share }: { share: number | undefined }): JSX.Element {
  if (share === undefined) return <Unknown />;
  const fullness = fullnessOf(share);
  const text = shareText(share);
  return (
    <span className={`utilisation ${fullness}`}>
      <svg width={widthPx} height="12" viewBox={`0 0 ${widthPx} 12`} aria-hidden="true">
        <rect className="track" x="0" y="3" width={widthPx} height="6" />
        <rect className="fill" x="0" y="3" width={Math.min(widthPx, fullPx * share)} height="6" />
        <line className="tick" x1={fullPx} x2={fullPx} y1="0" y2="12" />
      </svg>
      {fullness === 'usual' ? <span>{text}</span> : <Mark shape={fullness === 'over' ? 'urgent' : 'warn'}>{text}</Mark>}
    </span>
  );
}
