import { useEffect, useMemo, useRef, useState } from 'react';
import type { JSX } from 'react';
import { quantityText, ratingText } from '../words/quantity.ts';
import { shareText } from './fullness.ts';
import type { Measure } from './fullness.ts';
import { heatGrid, isOver, ratingsIn } from './heat-grid.ts';
import type { HeatCell, HeatGrid } from './heat-grid.ts';
import { localText } from './local-hours.ts';

type Props = {
  hourS: readonly number[];
  sizes: readonly (number | null)[];
  rated: readonly (number | null)[];
  measure: Measure;
  timeZone: string;
};

const heightPx = 240;
const labelsPx = 26;
const widestCellPx = 36;

/** Every hour as a field: a column is a day, a row an hour of the clock. Darker is more; what is above the rating has the colour of the urgent. */
export function HeatCalendar({ hourS, sizes, rated, measure, timeZone }: Props): JSX.Element {
  const grid = useMemo(() => heatGrid(hourS, { values: sizes, rated }, timeZone), [hourS, sizes, rated, timeZone]);
  const highest = Math.max(0, ...grid.cells.map(({ value }) => value ?? 0));
  // Shades are of what there was, so that one that is never full shows its days, too.
  const ratings = ratingsIn(grid);
  const scale = ratings.length === 0 ? highest : Math.min(highest, Math.max(...ratings));
  const canvas = useRef<HTMLCanvasElement>(null);
  const [chosen, setChosen] = useState<HeatCell>();
  const [widthPx, setWidthPx] = useState(600);
  useEffect(() => {
    const frame = canvas.current?.parentElement ?? undefined;
    if (frame === undefined) return undefined;
    const seen = new ResizeObserver(() => setWidthPx(frame.clientWidth));
    seen.observe(frame);
    return () => seen.disconnect();
  }, []);
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, grid, { scale, widthPx });
  }, [grid, scale, widthPx]);
  return (
    <figure className="heat">
      <figcaption>
        Heat calendar{' '}
        <span className="quiet-text" data-testid="heat-say">
          {chosen === undefined ? summary(grid, measure) : cellText(chosen, measure, timeZone)}
        </span>
      </figcaption>
      <div className="heat-frame">
        <canvas
          ref={canvas}
          aria-label={`Load by day and hour. ${summary(grid, measure)}`}
          onPointerMove={({ nativeEvent: { offsetX, offsetY } }) => setChosen(cellAt(grid, widthPx, offsetX, offsetY))}
          onPointerLeave={() => setChosen(undefined)}
        />
      </div>
      <Legend measure={measure} scale={scale} isRated={ratings.length > 0} />
    </figure>
  );
}

function summary(grid: HeatGrid, { ratedUnit }: Measure): string {
  const { days, cells } = grid;
  const [rated, another] = ratingsIn(grid);
  const over = cells.filter(isOver).length;
  const span = days.length === 0 ? 'no hours' : `${days[0]} to ${days.at(-1)}, hours of the clock from top to bottom`;
  if (rated === undefined) return `${span}; no rating is known`;
  const limit = another === undefined ? ratingText(rated, ratedUnit) : 'the rating of its time';
  if (over === 0) return `${span}; never above ${limit}`;
  return `${span}; ${over} ${over === 1 ? 'hour' : 'hours'} at or above ${limit}`;
}

function cellText({ atS, value, rated }: HeatCell, { ratedUnit }: Measure, timeZone: string): string {
  const share =
    value === null || rated === null
      ? ''
      : `, ${shareText(value / rated)} of the rating, ${ratingText(rated, ratedUnit)}`;
  return `${localText(atS, timeZone)}: ${value === null ? 'not known' : `${quantityText(value, ratedUnit)}${share}`}`;
}

type LegendProps = { measure: Measure; scale: number; isRated: boolean };

function Legend({ measure: { ratedUnit }, scale, isRated }: LegendProps): JSX.Element {
  return (
    <p className="heat-legend small quiet-text">
      <span>0</span>
      <i className="ramp" />
      <span>{quantityText(scale, ratedUnit)}</span>
      {isRated && (
        <>
          <i className="cell over" /> <span>at or above the rating (with a notch)</span>
        </>
      )}
      <i className="cell unknown" /> <span>not known</span>
    </p>
  );
}

type Look = { readonly scale: number; readonly widthPx: number };

const cellWidth = (days: number, widthPx: number): number =>
  Math.min(widestCellPx, (widthPx - labelsPx) / Math.max(1, days));

function draw(canvas: HTMLCanvasElement, grid: HeatGrid, { scale, widthPx }: Look): void {
  const density = devicePixelRatio || 1;
  canvas.width = Math.round(widthPx * density);
  canvas.height = Math.round(heightPx * density);
  canvas.style.width = `${widthPx}px`;
  canvas.style.height = `${heightPx}px`;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const styles = getComputedStyle(document.documentElement);
  const colour = (name: string): string => styles.getPropertyValue(name).trim();
  context.scale(density, density);
  context.clearRect(0, 0, widthPx, heightPx);
  context.font = `11px ${colour('--sans')}`;
  context.fillStyle = colour('--ink-3');
  const rowPx = (heightPx - 18) / 24;
  for (const hour of [0, 6, 12, 18]) context.fillText(String(hour).padStart(2, '0'), 2, hour * rowPx + 10);
  const wide = cellWidth(grid.days.length, widthPx);
  for (const cell of grid.cells) {
    const { column, hour, value } = cell;
    const [left, top] = [labelsPx + column * wide, hour * rowPx];
    const [width, height] = [Math.max(1, wide - (wide > 5 ? 1 : 0)), rowPx - 1];
    if (value === null) {
      context.globalAlpha = 1;
      context.strokeStyle = colour('--line');
      context.strokeRect(left + 0.5, top + 0.5, Math.max(1, width - 1), height - 1);
      continue;
    }
    const share = scale > 0 ? value / scale : 0;
    const over = isOver(cell);
    context.fillStyle = colour(over ? '--urgent' : '--plot');
    context.globalAlpha = over ? 1 : 0.06 + 0.94 * Math.min(1, share);
    context.fillRect(left, top, width, height);
    if (over && wide > 3) {
      context.fillStyle = colour('--urgent-ink');
      context.fillRect(left + width / 2 - 1, top + height / 2 - 1, 2, 2);
    }
  }
  context.globalAlpha = 1;
  context.fillStyle = colour('--ink-3');
  const every = Math.max(1, Math.ceil(80 / wide));
  for (let column = 0; column < grid.days.length; column += every)
    context.fillText(grid.days[column]?.slice(5) ?? '', labelsPx + column * wide, heightPx - 3);
}

function cellAt(grid: HeatGrid, widthPx: number, x: number, y: number): HeatCell | undefined {
  const column = Math.floor((x - labelsPx) / cellWidth(grid.days.length, widthPx));
  const hour = Math.floor(y / ((heightPx - 18) / 24));
  return grid.cells.find((cell) => cell.column === column && cell.hour === hour);
}
