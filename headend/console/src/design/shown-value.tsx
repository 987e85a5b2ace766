import type { JSX, ReactNode } from 'react';
import type { Freshness } from '../live/freshness.ts';
import { staleSay } from '../live/freshness.ts';
import { isoText, timeText } from '../words/time.ts';
import { showQuantity, unknownText } from '../words/quantity.ts';
import type { Shown } from '../words/quantity.ts';

/** What is not known is a dash that says so; it never looks like zero. */
export function Unknown(): JSX.Element {
  return (
    <span className="unknown-value" title="not known">
      {unknownText}
      <span className="visually-hidden"> not known</span>
    </span>
  );
}

type Props = { freshness: Freshness; age?: string | undefined };

/** A value that is only the last one known is struck and hatched, and says so to a screen reader. */
export function Stale({ freshness, age, children }: Props & { children: ReactNode }): JSX.Element {
  if (freshness === 'live') return <>{children}</>;
  return (
    <span className="stale" title={staleSay(freshness, age)}>
      {children}
      <span className="visually-hidden"> (not live)</span>
    </span>
  );
}

export function Quantity({
  value,
  unit,
  shown,
  ...stale
}: Props & { value: number | undefined; unit: string; shown?: Shown }): JSX.Element {
  if (value === undefined) return <Unknown />;
  const { text, unit: shownUnit } = shown ?? showQuantity(value, unit);
  return (
    <Stale {...stale}>
      {text}
      <span className="unit">{shownUnit}</span>
    </Stale>
  );
}

export function Word({ value, ...stale }: Props & { value: string | undefined }): JSX.Element {
  return value === undefined ? <Unknown /> : <Stale {...stale}>{value}</Stale>;
}

/** Local time with its zone; ISO on hover. */
export function Time({ atMs, nowMs }: { atMs: number; nowMs: number }): JSX.Element {
  const iso = isoText(atMs);
  return (
    <time dateTime={iso} title={iso}>
      {timeText(atMs, nowMs)}
    </time>
  );
}
