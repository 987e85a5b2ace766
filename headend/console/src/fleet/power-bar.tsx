import type { JSX } from 'react';

/** Share of the rated power, −1 to 1 and a little beyond; `undefined` where power or rating is not known. */
export function shareOf(powerW: number | undefined, ratedW: number | undefined): number | undefined {
  if (powerW === undefined || ratedW === undefined || ratedW <= 0) return undefined;
  return Math.max(-1.1, Math.min(1.1, powerW / ratedW));
}

/** From the zero line to the right: generation (or import of a meter), to the left: the other way. */
export function PowerBar({
  powerW,
  ratedW,
  twoWay,
}: {
  powerW: number | undefined;
  ratedW: number | undefined;
  twoWay: boolean;
}): JSX.Element {
  if (ratedW === undefined) return <span className="power-bar" />;
  const share = shareOf(powerW, ratedW);
  const zero = twoWay || (share !== undefined && share < 0) ? 28 : 0;
  const span = 56 - zero;
  const length = Math.abs(share ?? 0) * span;
  return (
    <svg className="power-bar" width="58" height="12" viewBox="0 0 58 12" aria-hidden="true">
      {share === undefined ? (
        <path d="M1 6h56" stroke="var(--line)" strokeDasharray="2 4" strokeWidth="1.5" />
      ) : (
        <>
          <rect x="0.5" y="2.5" width="57" height="7" fill="var(--sunk)" stroke="var(--line)" />
          <rect
            x={1 + (share < 0 ? zero - length : zero)}
            y="3"
            width={Math.min(length, 57)}
            height="6"
            fill="var(--fill)"
          />
        </>
      )}
      {zero > 0 && <path d="M29 0v12" stroke="var(--ink-3)" strokeWidth="1" />}
    </svg>
  );
}
