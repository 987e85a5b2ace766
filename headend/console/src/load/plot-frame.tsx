import { useEffect, useRef } from 'react';
import type { JSX } from 'react';
import uPlot from 'uplot';

const fontText = '12px "Segoe UI", "DejaVu Sans Condensed", system-ui, sans-serif';

type Props = { height: number; data: uPlot.AlignedData; options: Omit<uPlot.Options, 'width' | 'height'> };

/** A plot as wide as its place; `data` and `options` are kept between drawings, or it is made anew with each. */
export function PlotFrame({ height, data, options }: Props): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const width = (): number => Math.max(200, element.clientWidth);
    const made = new uPlot({ ...options, width: width(), height }, data, element);
    const resized = new ResizeObserver(() => made.setSize({ width: width(), height }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
    };
  }, [height, data, options]);
  return <div ref={host} className="plot-frame" />;
}

export const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** What the axes of all plots here have in common. */
export const axis: uPlot.Axis = {
  stroke: () => colour('--ink-3'),
  grid: { stroke: () => colour('--plot-grid'), width: 1 },
  ticks: { show: false },
  font: fontText,
};

export const line: uPlot.Series = {
  stroke: () => colour('--plot'),
  width: 1.5,
  points: { show: false },
  spanGaps: false,
};

/** What should not be reached. */
export const limit: uPlot.Series = {
  stroke: () => colour('--urgent'),
  width: 1.2,
  dash: [9, 5],
  points: { show: false },
};
