import { useMemo } from 'react';
import type { JSX } from 'react';
import uPlot from 'uplot';
import type { LoadHoursResponse } from '../../../src/api/load-contract.ts';
import { axisText, spread } from '../device/plot-options.ts';
import { quantityText, ratingText } from '../words/quantity.ts';
import { localHour, localText } from './local-hours.ts';
import { axis, limit, line, PlotFrame } from './plot-frame.tsx';

export type Shown = 'power' | 'current';
type Props = { hours: LoadHoursResponse; shown: Shown; timeZone: string };

const heightPx = 240;
const hourS = 3_600;

/** The mean of every hour as a step, with the rating as a line where one is known. Where nothing is known, nothing is drawn. */
export function LoadPlot({ hours, shown, timeZone }: Props): JSX.Element {
  const isRated =
    (hours.element.kind === 'transformer') === (shown === 'power') && hours.rated.some((each) => each !== null);
  const data = useMemo(() => dataOf(hours, shown, isRated), [hours, shown, isRated]);
  const options = useMemo(() => optionsOf({ shown, isRated, timeZone }), [shown, isRated, timeZone]);
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

/** Every hour that has no row is one that is not known: the line breaks there. The rating is that of each hour. */
function dataOf(hours: LoadHoursResponse, shown: Shown, isRated: boolean): uPlot.AlignedData {
  const columns = shown === 'power' ? [hours.activeW] : [hours.ampsA, hours.ampsB, hours.ampsC];
  const xs: number[] = [];
  const ys: (number | null)[][] = columns.map(() => []);
  const ratings: (number | null)[] = [];
  for (const [at, atS] of hours.hourS.entries()) {
    const before = xs.at(-1);
    if (before !== undefined && atS > before + hourS) {
      xs.push(before + hourS);
      for (const each of ys) each.push(null);
      ratings.push(ratings.at(-1) ?? null);
    }
    xs.push(atS);
    ratings.push(hours.rated[at] ?? null);
    for (const [index, each] of ys.entries()) each.push(columns[index]?.[at] ?? null);
  }
  const last = xs.at(-1);
  if (last !== undefined) {
    // The last hour has its width, too.
    xs.push(last + hourS);
    for (const each of [...ys, ratings]) each.push(each.at(-1) ?? null);
  }
  return [xs, ...ys, ...(isRated ? [ratings] : [])];
}

type Look = { readonly shown: Shown; readonly isRated: boolean; readonly timeZone: string };

function optionsOf({ shown, isRated, timeZone }: Look): Omit<uPlot.Options, 'width' | 'height'> {
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
    ...(paths === undefined ? {} : { paths }),
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
      ...(isRated ? [rating] : []),
    ],
  };
}

/** A date, or within days the hour on the clock, with the date where one begins. */
function tickText(atS: number, stepS: number, timeZone: string): string {
  const { day, hour } = localHour(atS, timeZone);
  return stepS >= 86_400 || hour === 0 ? day.slice(5) : `${String(hour).padStart(2, '0')}:00`;
}
