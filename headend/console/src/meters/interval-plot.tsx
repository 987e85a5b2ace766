import { useMemo } from 'react';
import type { JSX } from 'react';
import uPlot from 'uplot';
import { axisText, spread } from '../device/plot-options.ts';
import { localHour, localText } from '../load/local-hours.ts';
import { axis, colour, line, PlotFrame } from '../load/plot-frame.tsx';
import { quantityText } from '../words/quantity.ts';
import type { IntervalRow } from './interval-rows.ts';
import { plotColumns } from './plot-columns.ts';

const heightPx = 220;

/** The mean power of every interval; what was estimated or edited is dashed, what is not known is left open. */
export function IntervalPlot({ rows, timeZone }: { rows: readonly IntervalRow[]; timeZone: string }): JSX.Element {
  const data = useMemo((): uPlot.AlignedData => [...plotColumns(rows)], [rows]);
  const options = useMemo(() => optionsOf(timeZone), [timeZone]);
  return (
    <section className="panel load-history" aria-label="Intervals as a plot">
      <figure className="plot load-plot">
        <figcaption>
          Mean power <span className="quiet-text">solid: measured; dashed: estimated or edited; below 0: fed back</span>
        </figcaption>
        <PlotFrame height={heightPx} data={data} options={options} />
      </figure>
    </section>
  );
}

function optionsOf(timeZone: string): Omit<uPlot.Options, 'width' | 'height'> {
  const value = (_: uPlot, raw: number | null): string => (raw === null ? '' : quantityText(raw, 'W'));
  const paths = uPlot.paths.stepped?.({ align: 1 });
  const step = paths === undefined ? {} : { paths };
  return {
    padding: [11, 20, 0, 0],
    tzDate: (atS) => uPlot.tzDate(new Date(atS * 1_000), timeZone),
    cursor: { y: false, points: { size: 7 } },
    legend: { live: true, markers: { show: false } },
    scales: { x: { time: true }, y: { range: (_, low, high) => spread(low, high, 500) } },
    axes: [
      {
        ...axis,
        space: 80,
        size: 26,
        values: (_plot, splits, _axis, _space, stepS) => splits.map((atS) => tickText(atS, stepS, timeZone)),
      },
      { ...axis, size: 64, space: 30, values: (_plot, splits) => splits.map((split) => axisText(split, splits, 'W')) },
    ],
    series: [
      { label: 'from', value: (_, atS: number | null) => (atS === null ? '' : localText(atS, timeZone)) },
      { ...line, ...step, label: 'measured', value },
      { ...line, ...step, label: 'estimated or edited', value, dash: [5, 3], stroke: () => colour('--doubt') },
    ],
  };
}

function tickText(atS: number, stepS: number, timeZone: string): string {
  const { day, hour } = localHour(atS, timeZone);
  return stepS >= 86_400 || hour === 0 ? day.slice(5) : `${String(hour).padStart(2, '0')}:00`;
}
