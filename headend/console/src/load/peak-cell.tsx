import type { JSX } from 'react';
import type { LoadElementsResponse } from '../../../src/api/load-contract.ts';
import { Unknown } from '../design/shown-value.tsx';
import { showQuantity } from '../words/quantity.ts';
import { shareText } from './fullness.ts';
import { localText } from './local-hours.ts';

type Peaks = NonNullable<LoadElementsResponse['elements'][number]['peaks']>;
export type Peak = NonNullable<Peaks['yesterdayW']>;

/** A peak, and when it was; that not all of it was measured is said. */
export function PeakValue({
  peak,
  unit,
  timeZone,
}: {
  peak: Peak | undefined;
  unit: string;
  timeZone: string;
}): JSX.Element {
  if (peak === undefined) return <Unknown />;
  const { text, unit: shown } = showQuantity(peak.value, unit);
  const known =
    peak.measured >= 0.9995
      ? 'all of it measured'
      : `${shareText(peak.measured)} of its customers measured, the others estimated`;
  return (
    <span title={`the hour from ${localText(peak.atS, timeZone)}; ${known}`}>
      {peak.measured < 0.9995 && <span className="quiet-text">≈&thinsp;</span>}
      {text}
      <span className="unit">{shown}</span>
    </span>
  );
}
