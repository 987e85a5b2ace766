import { useMemo } from 'react';
import type { JSX } from 'react';
import uPlot from 'uplot';
import type { LoadHoursResponse } from '../../../src/api/load-contract.ts';
import { axisText, spread } from '../device/plot-options.ts';
import { quantityText, ratingText } from '../words/quantity.ts';
import type { Measure } from './fullness.ts';
import { localHour, localText } from './local-hours.ts';
import { axis, limit, line, PlotFrame } from './plot-frame.tsx';

export type Shown = 'power' | 'current';
type Props = { hours: LoadHoursResponse; shown: Shown; measure: Measure; timeZone: string };

const heightPx = 240;
const hourS = 3_600;

/** The mean of every hour as a step, with the rating as a line where one is known. Where nothing is known, nothing is drawn. */
export function LoadPlot({ hours, shown, measure, timeZone }: Props): JSX.Element {
  const rated = shown === 'power' ? (measure.unit === 'W' ? measure.rated : undefined) : hours.element.ratedA;
  const data = useMemo(() => dataOf(hours, shown, rated), [hours, shown, rated]);
  const options = useMemo(() => optionsOf({ shown, rated, timeZone }), [shown, rated, timeZone]);
  return (
    <figure className="plot load-plot">
      <figcaption>
        {shown === 'power' ? 'Power' : 'Current by phase'} <span className="quiet-text">{range(hours, shown)}</span>
      </figcaption>
      <PlotFrame height={heightPx} data={data} options={options} />
    </figure>
  );
}

function range(hours: LoadHoursResponse, shown: Shown): string {
  const columns = shown === 'power' ? [hours.activeW] : [hours.ampsA, hours.ampsB, hours.ampsC];
  const known = columns.flat().filter((value) => value !== null);
  if (known.length === 0) return 'nothing known';
  const unit = shown === 'power' ? 'W' : 'A';
  const [least, most] = known.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ] as [number, number]);
  return `from ${quantityText(least, unit)} to ${quantityText(most, unit)}`;
}

/** Every hour that has no row is one that is not known: the line breaks there. */
function dataOf(hours: LoadHoursResponse, shown: Shown, rated: number | undefined): uPlot.AlignedData {
  const columns = shown === 'power' ? [hours.activeW] : [hours.ampsA, hours.ampsB, hours.ampsC];
  const xs: number[] = [];
  const ys: (number | null)[][] = columns.map(() => []);
  for (const [at, atS] of hours.hourS.entries()) {
    const before = xs.at(-1);
    if (before !== undefined && atS > before + hourS) {
      xs.push(before + hourS);
      for (const each of ys) each.push(null);
    }
    xs.push(atS);
    for (const [index, each] of ys.entries()) each.push(columns[index]?.[at] ?? null);
  }
  const last = xs.at(-1);
  if (last !== undefined) {
    // The last hour has its width, too.
    xs.push(last + hourS);
    for (const each of ys) each.push(each.at(-1) ?? null);
  }
  return [xs, ...ys, ...(rated === undefined ? [] : [xs.map(() => rated)])];
}

type Look = { readonly shown: Shown; readonly rated: number | undefined; readonly timeZone: string };

function optionsOf({ shown, rated, timeZone }: Look): Omit<uPlot.Options, 'width' | 'height'> {
  const unit = shown === 'power' ? 'W' : 'A';
  const value = (_: uPlot, raw: number | null): string => (raw === null ? 'not known' : quantityText(raw, unit));
  const paths = uPlot.paths.stepped?.({ align: 1 });
  const stepped = (label: string, dash?: number[]): uPlot.Series => ({
    ...line,
    label,
    value,
    ...(dash === undefined ? {} : { dash }),
    ...(paths === undefined ? {} : { paths }),
  });
  // Told apart by their dashes, not by colour.
  const lines = shown === 'power' ? [stepped('power')] : [stepped('A'), stepped('B', [6, 3]), stepped('C', [2, 3])];
  const rating: uPlot.Series = {
    ...limit,
    label: 'rating',
    value: (_, raw: number | null) => (raw === null ? '' : ratingText(raw, unit === 'W' ? 'VA' : 'A')),
  };
  return {
    padding: [11, 20, 0, 0],
    tzDate: (atS) => uPlot.tzDate(new Date(atS * 1_000), timeZone),
    cursor: { y: false, points: { size: 7 } },
    legend: { live: true, markers: { show: false } },
    scales: { x: { time: true }, y: { range: (_, low, high) => spread(low, high, unit === 'W' ? 1_000 : 1) } },
    axes: [
      {
        ...axis,
        space: 80,
        size: 26,
        values: (_plot, splits, _axis, _space, stepS) => splits.map((atS) => tickText(atS, stepS, timeZone)),
      },
      { ...axis, size: 64, space: 30, values: (_plot, splits) => splits.map((split) => axisText(split, splits, unit)) },
    ],
    series: [
      { label: 'hour', value: (_, atS: number | null) => (atS === null ? '' : localText(atS, timeZone)) },
      ...lines,
      ...(rated === undefined ? [] : [rating]),
    ],
  };
}

/** A date, or within days the hour on the clock, with the date where one begins. */
function tickText(atS: number, stepS: number, timeZone: string): string {
  const { day, hour } = localHour(atS, timeZone);
  return stepS >= 86_400 || hour === 0 ? day.slice(5) : `${String(hour).padStart(2, '0')}:00`;
}
