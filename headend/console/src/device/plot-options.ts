import type uPlot from 'uplot';
import { showQuantity } from '../words/quantity.ts';
import { timeText } from '../words/time.ts';

const heightPx = 136;
/** The least height of the value axis, so that noise on a steady value does not look like a storm. */
const leastSpan: Readonly<Record<string, number>> = { W: 100, V: 10, Hz: 0.1, A: 1 };

/** One plot of the device page: mean as line, lowest to highest as band, cursor shared with its neighbours. */
export function plotOptions(width: number, unit: string): uPlot.Options {
  const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = {
    stroke: () => colour('--ink-3'),
    grid: { stroke: () => colour('--plot-grid'), width: 1 },
    ticks: { show: false },
    font: '12px "Segoe UI", "DejaVu Sans Condensed", system-ui, sans-serif',
  };
  const value = (_: uPlot, raw: number | null): string => {
    const { text, unit: shown } = showQuantity(raw ?? undefined, unit);
    return `${text} ${shown}`.trim();
  };
  const edge = { stroke: 'transparent', width: 0, points: { show: false }, spanGaps: false };
  return {
    width: Math.max(200, width),
    height: heightPx,
    padding: [11, 20, 0, 0],
    cursor: { sync: { key: 'device-plots' }, y: false, points: { size: 7 } },
    legend: { live: true, markers: { show: false } },
    scales: { x: { time: true, auto: false }, y: { range: (_, low, high) => spread(low, high, leastSpan[unit] ?? 1) } },
    axes: [
      {
        ...axis,
        space: 70,
        size: 26,
        values: (_plot, splits, _axis, _space, step) => splits.map((atS) => clockText(atS, step)),
      },
      { ...axis, size: 64, space: 30, values: (_plot, splits) => splits.map((split) => axisText(split, splits, unit)) },
    ],
    series: [
      { value: (_, atS: number | null) => (atS === null ? '' : timeText(atS * 1000, Date.now())) },
      { ...edge, label: 'lowest', value },
      { ...edge, label: 'highest', value },
      { label: 'mean', value, stroke: () => colour('--plot'), width: 1.6, points: { show: false }, spanGaps: false },
    ],
    bands: [{ series: [2, 1], fill: () => colour('--plot-band') }],
  };
}

/** Room around the values, and never less than `least` between bottom and top. */
export function spread(low: number | null, high: number | null, least: number): [number, number] {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, least];
  const room = Math.max(least, (high - low) * 1.2);
  const middle = (low + high) / 2;
  const from = middle - room / 2;
  // A value that is never negative does not get a negative axis.
  return low >= 0 && from < 0 ? [0, Math.max(room, high)] : [from, from + room];
}

/** `splits`: all of the axis, evenly spaced. With as many decimals as its step has, at most three: 2.5 kW is not 3 kW. */
export function axisText(split: number, splits: readonly number[], unit: string): string {
  const largest = Math.max(...splits.map((one) => Math.abs(one)));
  const prefix = unit === 'W' && largest >= 1e6 ? 1e6 : unit === 'W' && largest >= 1e3 ? 1e3 : 1;
  const shown = unit === 'W' && prefix === 1e6 ? 'MW' : unit === 'W' && prefix === 1e3 ? 'kW' : unit;
  const step = Math.abs((splits[1] ?? 1) - (splits[0] ?? 0)) / prefix;
  const decimals = [0, 1, 2].find((places) => Math.abs(step - Number(step.toFixed(places))) < 1e-6) ?? 3;
  return `${(split / prefix).toFixed(decimals).replace('-', '\u2212')} ${shown}`;
}

function clockText(atS: number, stepS: number): string {
  const at = new Date(atS * 1000);
  const two = (part: number): string => String(part).padStart(2, '0');
  if (stepS >= 86_400) return `${two(at.getDate())} ${at.toLocaleString('en', { month: 'short' })}`;
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return stepS < 60 ? `${clock}:${two(at.getSeconds())}` : clock;
}
